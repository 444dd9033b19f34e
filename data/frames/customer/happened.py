"""What happened to a customer: movements of run rate, the segments behind them, and the rest by date."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Select,
    Text,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from data.frames.reading import read
from data.tables import actions, application, ledger, mirror, receivables
from data.tables.customers import customer_note
from data.tables.types import UTCDateTime

moved, line = ledger.movement.c, ledger.timeline.c
subscription, invoice, note = mirror.subscription.c, mirror.invoice.c, mirror.credit_note.c
charge, quote, customer = mirror.charge.c, mirror.quote.c, mirror.customer.c
account, written = application.account.c, customer_note.c
audit, owed = actions.audit_entry.c, receivables.receivable_note.c


def customer_movements(engine: Engine, customer_id: str) -> pd.DataFrame:
    """A customer's movements in order of day.

    day, kind, product_id, interval, currency, delta_arr, evidence.
    """
    query = select(
        moved.day,
        moved.kind,
        moved.plan.label("product_id"),
        moved.interval,
        moved.currency,
        moved.delta_arr,
        moved.evidence,
    ).where(moved.customer_id == customer_id)
    return read(engine, query.order_by(moved.day, moved.currency, moved.plan, moved.interval, moved.kind))


def customer_segments(engine: Engine, customer_id: str) -> pd.DataFrame:
    """A customer's timeline, the newest stretch first.

    subscription_id, item_id, product_id, price_id, interval, currency, quantity, arr, counted, from_at, to_at
    (missing: still so), evidence.
    """
    query = select(
        line.subscription_id,
        line.subscription_item_id.label("item_id"),
        line.product_id,
        line.price_id,
        line.interval,
        line.currency,
        line.quantity,
        line.arr,
        line.counted,
        line.from_at,
        line.to_at,
        line.evidence,
    ).where(line.customer_id == customer_id)
    return read(engine, query.order_by(line.from_at.desc(), line.subscription_id, line.subscription_item_id))


class Dated(NamedTuple):
    """A column that dates something which happened to a customer."""

    source: str
    what: str | ColumnElement[Any]
    at: ColumnElement[Any]
    object_id: ColumnElement[Any]
    owner: ColumnElement[Any]  # the customer, or in the application the account
    detail: ColumnElement[Any] | None = None
    amount: ColumnElement[Any] | None = None
    currency: ColumnElement[Any] | None = None
    condition: ColumnElement[bool] | None = None
    by: ColumnElement[Any] | None = None


def _subscribed(what: str, at: ColumnElement[Any], detail: ColumnElement[Any] | None = None) -> Dated:
    return Dated("subscription", what, at, subscription.id, subscription.customer_id, detail)


def _invoiced(what: str, at: ColumnElement[Any]) -> Dated:
    return Dated(
        "invoice", what, at, invoice.id, invoice.customer_id, invoice.number, invoice.total, invoice.currency
    )


def _quoted(what: str, at: ColumnElement[Any]) -> Dated:
    return Dated(
        "quote", what, at, quote.id, quote.customer_id, quote.number, quote.amount_total, quote.currency
    )


def _charged(what: str, status: str) -> Dated:
    about = (charge.failure_message, charge.amount, charge.currency, charge.status == status)
    return Dated("payment", what, charge.created_at, charge.id, charge.customer_id, *about)


def _used(what: str, at: ColumnElement[Any]) -> Dated:
    return Dated("application", what, at, account.account_id, account.stripe_customer_id, account.plan)


CREDITED = (note.number, note.total, note.currency)
STAFF = ("action", "note")
"""Sources that are dated by the wall clock, not by the data."""
DATED = (
    Dated("customer", "created", customer.created_at, customer.id, customer.id, customer.email),
    Dated("customer", "deleted", customer.deleted_at, customer.id, customer.id),
    _subscribed("started", subscription.start_at),
    _subscribed("trial_ends", subscription.trial_end_at),
    _subscribed("cancellation_requested", subscription.canceled_at, subscription.cancellation_comment),
    _subscribed("ended", subscription.ended_at, subscription.cancellation_reason),
    _invoiced("finalized", invoice.finalized_at),
    _invoiced("paid", invoice.paid_at),
    _invoiced("voided", invoice.voided_at),
    _invoiced("marked_uncollectible", invoice.marked_uncollectible_at),
    Dated("credit note", "issued", note.created_at, note.id, note.customer_id, *CREDITED),
    _charged("payment_succeeded", "succeeded"),
    _charged("payment_failed", "failed"),
    _quoted("drafted", quote.created_at),
    _quoted("finalized", quote.finalized_at),
    _quoted("accepted", quote.accepted_at),
    _quoted("canceled", quote.canceled_at),
    _used("account_created", account.created_at),
    _used("account_deleted", account.deleted_at),
    Dated(
        "action", audit.what, audit.at, cast(audit.id, Text), audit.customer_id, audit.reason, by=audit.person
    ),
    Dated(
        "note",
        "noted",
        written.written_at,
        written.thread,
        written.owner_id,
        written.text,
        by=written.written_by,
    ),
    Dated(
        "note", owed.kind, owed.written_at, owed.invoice_id, owed.customer_id, owed.text, by=owed.written_by
    ),
)
"""Everything dated that is known of customers."""


def customer_happenings(
    engine: Engine,
    owner_id: str,
    now: datetime,
    *,
    sources: Collection[str] = (),
    kinds: Collection[str] = (),
    after: str = "",
    limit: int = 50,
) -> pd.DataFrame:
    """What happened to a customer, or an account, until now, the newest first; nothing chosen is everything.

    at, source (customer, subscription, invoice, credit note, payment, quote; application; action, note of
    staff), what (a word such as "paid", or the action's name), object_id, detail, amount (minor units),
    currency, person, place. after is the `place` of the last row before.
    """
    every = _every(owner_id, now).subquery().c
    query = select(*every)
    if sources:
        query = query.where(every.source.in_(list(sources)))
    if kinds:
        query = query.where(every.what.in_(list(kinds)))
    keys = (every.at, every.source, every.what, every.object_id)
    for place in _place(after):
        query = query.where(
            tuple_(*keys) < tuple_(literal(place[0], UTCDateTime()), *map(literal, place[1:]))
        )
    frame = read(engine, query.order_by(*(key.desc() for key in keys)).limit(limit))
    rows = zip(frame["at"], frame["source"], frame["what"], frame["object_id"], strict=True)
    places = [json.dumps([at.isoformat(), *rest]) for at, *rest in rows]
    return frame.assign(place=pd.Series(places, index=frame.index, dtype="string"))


def customer_happened(engine: Engine, owner_id: str, now: datetime) -> pd.DataFrame:
    """Which kinds of things happened to a customer, or an account: source, what, times."""
    every = _every(owner_id, now).subquery().c
    query = select(every.source, every.what, func.count().label("times")).group_by(every.source, every.what)
    return read(engine, query.order_by(every.source, every.what))


def _place(text: str) -> Iterator[tuple[Any, ...]]:
    """A row's place; nothing for a text that names none."""
    try:
        at, source, what, key = json.loads(text)
        yield datetime.fromisoformat(at), str(source), str(what), str(key)
    except (ValueError, TypeError):
        return


def _every(owner_id: str, now: datetime) -> Any:
    return union_all(*(_rows(each, owner_id, now) for each in DATED))


def _rows(dated: Dated, owner_id: str, now: datetime) -> Select[Any]:
    what = literal(dated.what) if isinstance(dated.what, str) else dated.what
    query = select(
        dated.at.label("at"),
        literal(dated.source).label("source"),
        what.label("what"),
        dated.object_id.label("object_id"),
        cast(null(), Text).label("detail") if dated.detail is None else dated.detail.label("detail"),
        cast(null() if dated.amount is None else dated.amount, BigInteger).label("amount"),
        cast(null() if dated.currency is None else dated.currency, Text).label("currency"),
        cast(null() if dated.by is None else dated.by, Text).label("person"),
    ).where(_mine(dated, owner_id), dated.at.is_not(None))
    if dated.source not in STAFF:
        query = query.where(dated.at <= now)
    return query if dated.condition is None else query.where(dated.condition)


def _mine(dated: Dated, owner_id: str) -> ColumnElement[bool]:
    """Rows of a customer or an account; in the application both columns are asked, each by its index."""
    if dated.source == "application":
        unknown = (account.account_id == owner_id) & account.stripe_customer_id.is_(None)
        return or_(account.stripe_customer_id == owner_id, unknown)
    return dated.owner == owner_id
