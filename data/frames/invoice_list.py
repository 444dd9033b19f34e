"""One page of the invoices that a search and filters leave, walked along indexes from where it begins."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    false,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union,
)

from data.frames.invoice_search import Part, parts
from data.frames.reading import read
from data.frames.shared import Audiences, manager_of, of_audiences
from data.tables import mirror
from data.tables.types import UTCDateTime

invoice, customer = mirror.invoice.c, mirror.customer.c

STATUSES = ("draft", "open", "paid", "uncollectible", "void")
METHODS = ("charge_automatically", "send_invoice")
AGES: dict[str, tuple[int | None, int | None]] = {
    "not_due": (None, 0),
    "1-30": (0, 30),
    "31-60": (30, 60),
    "61-90": (60, 90),
    "91-120": (90, 120),
    "over_120": (120, None),
}
"""Ages of what is owed: more than so many days past due, at most so many; a part of a day is a day."""


def invoice_page(
    engine: Engine,
    now: datetime,
    *,
    search: str = "",
    statuses: Collection[str] = (),
    methods: Collection[str] = (),
    ages: Collection[str] = (),
    audiences: Audiences = None,
    after: str = "",
    limit: int = 50,
) -> pd.DataFrame:
    """Invoices, the newest first; with ages only those that are owed, the longest due first.

    after is the `place` of the last row of the page before. Nothing chosen is everything. Columns:
    invoice_id, number, customer_id, customer_name, customer_email, account_manager, status,
    collection_method, currency, total, amount_remaining (minor units), created_at, falls_due_at, paid_at,
    attempt_count, po_number, place.
    """
    order = Order(invoice.falls_due_at, 1) if ages else Order(invoice.created_at, -1)
    some = [invoice.deleted_at.is_(None), *order.beyond(after)]
    if audiences is not None:
        some.append(of_audiences(invoice.customer_id, audiences))
    meant = parts(engine, search) if search.strip() else None
    branches = [[*each, *some] for each in _branches(meant, statuses, methods, ages, now)] or [[false()]]
    walks = [select(order.walk(branch, limit).subquery()) for branch in branches]
    found = (union(*walks) if len(walks) > 1 else walks[0]).subquery()
    frame = read(engine, order.sorted(_listed().where(invoice.id.in_(select(found.c.id)))).limit(limit))
    return frame.assign(place=pd.Series(order.places(frame), index=frame.index, dtype="string"))


@dataclass(frozen=True)
class Order:
    """Rows by an instant and, of the same one, by id: forwards (1) or backwards (-1)."""

    by: ColumnElement[datetime]
    way: int

    def sorted(self, query: Select[Any]) -> Select[Any]:
        """The query's rows in this order."""
        return query.order_by(*((each if self.way > 0 else each.desc()) for each in (self.by, invoice.id)))

    def walk(self, conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
        """The ids of the first rows that meet the conditions."""
        return self.sorted(select(invoice.id).where(*conditions)).limit(limit)

    def beyond(self, place: str) -> Iterator[ColumnElement[bool]]:
        """Rows after a place; no condition for a text that names none."""
        instant, _, key = place.partition("|")
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            return
        if at.tzinfo is not None and key:
            here, there = tuple_(self.by, invoice.id), tuple_(literal(at, UTCDateTime()), literal(key))
            yield here > there if self.way > 0 else here < there

    def places(self, frame: pd.DataFrame) -> list[str]:
        """Where each row stands, as texts for `beyond`."""
        pairs = zip(frame[self.by.name], frame["invoice_id"], strict=True)
        return [f"{instant.isoformat()}|{key}" for instant, key in pairs]


def _branches(
    meant: Sequence[Part] | None,
    statuses: Collection[str],
    methods: Collection[str],
    ages: Collection[str],
    now: datetime,
) -> Iterator[list[ColumnElement[bool]]]:
    """Conditions, each list a walk along one index; an invoice that meets any list is wanted."""
    searched = [[each] for each in meant] if meant is not None else [[]]
    paid_by = [invoice.collection_method.in_(methods)] if methods else []
    if ages:
        owed = [literal_column(mirror.IS_OPEN), invoice.amount_remaining > 0, *paid_by]
        for each, age in product(searched, ages if not statuses or "open" in statuses else ()):
            yield [*owed, *aged(age, now), *each]
    elif meant is not None:
        kept = [invoice.status.in_(statuses)] if statuses else []
        yield from ([*each, *kept, *paid_by] for each in searched)
    elif statuses or methods:
        for status, method in product(statuses or STATUSES, methods or METHODS):
            yield [invoice.status == status, invoice.collection_method == method]
    else:
        yield []


def aged(
    age: str, at: datetime, due: ColumnElement[datetime] = invoice.falls_due_at
) -> list[ColumnElement[bool]]:
    """What is of an age at an instant, by when it falls due; nothing is of an age that is not one of AGES."""
    if age not in AGES:
        return [false()]
    least, most = AGES[age]
    later = [] if most is None else [due >= at - timedelta(days=most)]
    return later if least is None else [*later, due < at - timedelta(days=least)]


def _listed() -> Select[Any]:
    """Invoices with what a list shows of them."""
    return select(
        invoice.id.label("invoice_id"),
        invoice.number,
        invoice.customer_id,
        func.coalesce(invoice.customer_name, customer.name).label("customer_name"),
        func.coalesce(invoice.customer_email, customer.email).label("customer_email"),
        manager_of(invoice.customer_id),
        invoice.status,
        invoice.collection_method,
        invoice.currency,
        invoice.total,
        invoice.amount_remaining,
        invoice.created_at,
        invoice.falls_due_at,
        invoice.paid_at,
        invoice.attempt_count,
        invoice.po_number,
    ).join(mirror.customer, customer.id == invoice.customer_id, isouter=True)
