"""What sets our run rate at a month's end apart from that of other tools, summed: the parts of the bridge."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, func, literal, or_, select

from data.clock import month_start, next_month
from data.frames.limited import of_segments
from data.frames.reading import made, total
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger, mirror

line, subscription, invoice = ledger.timeline.c, mirror.subscription.c, mirror.invoice.c
CELL = (line.currency, line.product_id, line.interval)
DTYPES = {
    "part": "string",
    "currency": "string",
    "product_id": "string",
    "interval": "string",
    "leaving": "boolean",
    "never_paid": "boolean",
    "with_tax": "boolean",
    "arr": "Int64",
    "items": "Int64",
}
STOPPED = ("unpaid", "paused")
NOT_SHOWN = ("price not known", "discount not known")
Key = tuple[str, str, str | None, str | None, bool, bool, bool]


def bridge_parts(engine: Engine, month: str, now: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Parts of the run rate at a month's end (of the current one: now) that tools treat differently; DTYPES.

    part: counted (ours); limited (what coupons that end by themselves take off it); unpaid and paused (what
    stopped counting so, as it counted before); price not known, discount not known (no figure tells).
    leaving: its end was asked for by then; never_paid: invoiced and no invoice paid; with_tax: tax is in it.
    """
    at = min(now, month_start(next_month(month)) - timedelta(microseconds=1))
    held = _in_force(at, audiences)
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    with engine.connect() as connection:
        for key, arr, items in (
            *_read(connection, _rows("counted", at, *held, line.counted, line.arr > 0)),
            *_read(connection, _stopped(at, held)),
            *_read(connection, _rows(line.evidence, at, *held, line.evidence.in_(NOT_SHOWN))),
            *_limited(connection, at, held),
        ):
            sums[key][0] += arr
            sums[key][1] += items
    return made([(*key, *sums[key]) for key in sorted(sums, key=repr)], DTYPES)


def _in_force(at: datetime, audiences: Audiences) -> tuple[ColumnElement[bool], ...]:
    held = (line.from_at <= at, or_(line.to_at.is_(None), line.to_at > at))
    return (*held, of_audiences(line.customer_id, audiences))


def _key(part: str | ColumnElement[str], at: datetime) -> tuple[ColumnElement[Any], ...]:
    """The columns of a Key, of a segment with its subscription and price."""
    paid = exists().where(
        invoice.subscription_id == line.subscription_id, invoice.paid_at <= at, invoice.amount_paid > 0
    )
    return (
        (literal(part) if isinstance(part, str) else part).label("part"),
        *CELL,
        func.coalesce(subscription.canceled_at <= at, literal(False)).label("leaving"),
        and_(subscription.collection_method == "send_invoice", ~paid).label("never_paid"),
        (func.coalesce(mirror.price.c.tax_behavior, "") == "inclusive").label("with_tax"),
    )


def _rows(part: str | ColumnElement[str], at: datetime, *where: ColumnElement[bool]) -> Select[Any]:
    query = select(*_key(part, at), line.arr).join(
        mirror.subscription, subscription.id == line.subscription_id
    )
    return query.join(mirror.price, mirror.price.c.id == line.price_id, isouter=True).where(*where)


def _stopped(at: datetime, held: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """What became unpaid or was paused, with what it counted for just before."""
    last = ledger.timeline.alias()
    before = and_(
        last.c.subscription_item_id == line.subscription_item_id,
        last.c.subscription_id == line.subscription_id,
        last.c.to_at == line.from_at,
        last.c.counted,
        last.c.arr > 0,
    )
    query = _rows(line.evidence, at, *held, line.evidence.in_(STOPPED)).join(last, before)
    return query.with_only_columns(*_key(line.evidence, at), last.c.arr)


def _read(connection: Connection, rows: Select[Any]) -> Iterator[tuple[Key, int, int]]:
    every = rows.subquery().c
    *key, arr = every
    query = select(*key, total(arr), func.count()).group_by(*key)
    for *found, amount, items in connection.execute(query):
        yield _typed(found), int(amount), items


def _limited(
    connection: Connection, at: datetime, held: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[Key, int, int]]:
    """What coupons that end by themselves take off."""
    rows = _rows("limited", at, *held, line.counted, line.discounts.is_not(None))
    for key, arr, items in of_segments(connection, rows):
        yield _typed(key), arr, items


def _typed(key: Sequence[Any]) -> Key:
    part, currency, product, interval, *flags = key
    leaving, never_paid, with_tax = (bool(flag) for flag in flags)
    return part, currency or "", product, interval, leaving, never_paid, with_tax
