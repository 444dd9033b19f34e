"""What sets our run rate at a month's end apart from that of other tools, summed: the parts of the bridge."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from data.clock import month_start, next_month
from data.frames.limited import of_segments
from data.frames.months import month_end
from data.frames.reading import made, total
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger, mirror

line, subscription, invoice = ledger.timeline.c, mirror.subscription.c, mirror.invoice.c
DTYPES = {
    "part": "string",
    "currency": "string",
    "product_id": "string",
    "interval": "string",
    "arr": "Int64",
    "items": "Int64",
}
NOT_SHOWN = ("price not known", "discount not known")
Key = tuple[str, str, str, str]
Part = tuple[Key, int, int]


def bridge_parts(engine: Engine, month: str, now: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Parts of the run rate at a month's end (of the current one: now) that tools treat differently; DTYPES.

    part: counted (ours); leaving (of it: its end was asked for by then); never_paid (of it: invoiced, and no
    invoice paid); with_tax (tax is inside its price); limited, limited_leaving (what coupons that end by
    themselves take off it); unpaid, paused (what stopped counting so, as it counted before); price not known,
    discount not known. items is missing where nothing counts them.
    """
    at = min(now, month_start(next_month(month)) - timedelta(microseconds=1))
    in_force = (line.from_at <= at, or_(line.to_at.is_(None), line.to_at > at))
    held = (*in_force, of_audiences(line.customer_id, audiences))
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    with engine.connect() as connection:
        for key, arr, items in _parts(connection, at, held):
            sums[key][0] += arr
            sums[key][1] += items
        taxed = _taxed(connection)
    ends = month_end(engine, audiences)
    cells = ends.loc[(ends["month"] == month) & (ends["arr"] != 0)]
    columns = (cells[name].tolist() for name in ("currency", "product_id", "interval", "arr"))
    balances = list(zip(*columns, strict=True))
    counted = [("counted", *balance, None) for balance in balances]
    taxes = [("with_tax", *cell, 0, None) for *cell, _ in balances if tuple(cell) in taxed]
    return made([*counted, *taxes, *((*key, *sums[key]) for key in sorted(sums))], DTYPES)


def _parts(connection: Connection, at: datetime, held: Sequence[ColumnElement[bool]]) -> Iterator[Part]:
    yield from _summed(connection, _rows(literal("leaving"), *held, line.counted, _leaving(at)))
    yield from _summed(connection, _rows(literal("never_paid"), *held, line.counted, _never_paid(at)))
    yield from _summed(connection, _stopped(held))
    shown = (ledger.not_shown(), line.evidence.in_(NOT_SHOWN))
    yield from _summed(connection, _rows(line.evidence, *held, *shown))
    gone = and_(subscription.canceled_at.is_not(None), subscription.canceled_at <= at)
    part = case((gone, "limited_leaving"), else_="limited")
    rows = _rows(part, *held, line.counted, line.discounts.is_not(None))
    rows = rows.join(mirror.subscription, subscription.id == line.subscription_id)
    for key, arr, items in of_segments(connection, rows):
        yield _named(key), arr, items


def _rows(part: ColumnElement[Any], *where: ColumnElement[bool]) -> Select[Any]:
    """Segments, as a part's key and ARR."""
    cell = (line.currency, line.product_id, line.interval)
    return select(part.label("part"), *cell, line.arr).select_from(ledger.timeline).where(*where)


def _leaving(at: datetime) -> ColumnElement[bool]:
    """Subscriptions whose end was asked for by an instant, and came later or not yet."""
    asked = select(subscription.id).where(subscription.canceled_at <= at)
    ends = union(asked.where(subscription.ended_at > at), asked.where(subscription.ended_at.is_(None)))
    return line.subscription_id.in_(select(ends.subquery().c.id))


def _never_paid(at: datetime) -> ColumnElement[bool]:
    """Subscriptions billed by invoice of which none was paid by an instant."""
    mine = mirror.subscription.alias().c
    paid = exists().where(invoice.subscription_id == mine.id, invoice.paid_at <= at, invoice.amount_paid > 0)
    return line.subscription_id.in_(select(mine.id).where(mine.collection_method == "send_invoice", ~paid))


def _stopped(held: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """What became unpaid or was paused, with what it counted for just before."""
    last = ledger.timeline.alias()
    before = and_(
        last.c.subscription_id == line.subscription_id,
        last.c.subscription_item_id == line.subscription_item_id,
        last.c.to_at == line.from_at,
        last.c.counted,
        last.c.arr > 0,
    )
    rows = _rows(line.evidence, *held, ledger.stopped())
    cell = (line.currency, line.product_id, line.interval)
    return rows.join(last, before).with_only_columns(line.evidence.label("part"), *cell, last.c.arr)


def _summed(connection: Connection, rows: Select[Any]) -> Iterator[Part]:
    *key, arr = rows.subquery().c
    for *found, amount, items in connection.execute(select(*key, total(arr), func.count()).group_by(*key)):
        yield _named(found), int(amount), items


def _named(key: Sequence[Any]) -> Key:
    part, currency, product, interval = key
    return part, currency or "", product or "", interval or ""


def _taxed(connection: Connection) -> set[tuple[str, str, str]]:
    """The currency, product and interval of every price that has its tax inside."""
    price = mirror.price.c
    query = select(
        price.currency, price.product_id, price.recurring_interval_count, price.recurring_interval
    ).where(price.tax_behavior == "inclusive")
    return {
        (
            row.currency or "",
            row.product_id or "",
            f"{row.recurring_interval_count or 1}{row.recurring_interval}",
        )
        for row in connection.execute(query)
    }
