"""The largest movements of a month, and what became of the items behind them on their day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Engine, case, func, select

from data.clock import month_start, next_month
from data.frames.products import products as every_product
from data.frames.reading import made, narrowed, read, total
from data.frames.shared import Audiences, manager_of, of_audiences
from data.lives import PRICE, price_of
from data.money import half_up
from data.tables import ledger, mirror
from data.valuation import Price, is_recurring, yearly

moved, line, customer = ledger.movement.c, ledger.timeline.c, mirror.customer.c
TICK = timedelta(microseconds=1)
SIDED = {
    "subscription": "string",
    "product": "string",
    "interval": "string",
    "price": "string",
    "quantity": "Int64",
    "state": "string",
    "arr": "Int64",
    "list": "Int64",
}
DTYPES: dict[str, Any] = {
    "customer_id": "string",
    "day": "datetime64[us]",
    "currency": "string",
    "kind": "string",
    **{f"{name}_{side}": dtype for side in ("before", "after") for name, dtype in SIDED.items()},
    "list_moved": "Int64",
}
LINE = (
    line.customer_id,
    line.subscription_id,
    line.subscription_item_id,
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
)
COUNTED = "counted"


class Held(NamedTuple):
    """An item as it is at an instant: what it is worth, and what it would be without discounts."""

    subscription: str
    item: str
    product: str | None
    interval: str | None
    price: str | None
    currency: str
    quantity: int | None
    state: str  # counted, or why it is not
    arr: int
    list: int
    kind: str  # plan, addon, other


def largest_movements(
    engine: Engine,
    month: str,
    *,
    last: str | None = None,
    kinds: Iterable[str] | None = None,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 10,
) -> pd.DataFrame:
    """The customer-days of a month (or until a last one) that moved run rate most, the largest first.

    customer_id, name, account_manager, currency, day, kind, delta_arr; kind is "transfer" where a customer
    moved to or from what is asked for and nothing else. Transfers cancel out where all of a day is asked for.
    """
    key = (moved.customer_id, moved.currency, moved.day)
    delta = total(moved.delta_arr).label("delta_arr")
    kind = func.coalesce(func.max(case((moved.kind != "transfer", moved.kind))), "transfer").label("kind")
    first, after = (month_start(each).date() for each in (month, next_month(last or month)))
    inside = (moved.day >= first, moved.day < after, of_audiences(moved.customer_id, audiences))
    rows = narrowed(
        select(*key, kind, delta).where(*inside).group_by(*key),
        (moved.plan, products),
        (moved.interval, intervals),
        (moved.currency, currencies),
    )
    rows = rows.having(func.sum(moved.delta_arr) != 0)
    if kinds is not None:
        rows = rows.having(kind.in_(list(kinds)))
    rows = rows.order_by(func.abs(delta).desc(), *key)
    top = rows.limit(limit).subquery().c
    people = (customer.name, manager_of(top.customer_id))
    query = select(top.customer_id, *people, top.currency, top.day, top.kind, top.delta_arr)
    query = query.join(mirror.customer, customer.id == top.customer_id, isouter=True)
    return read(engine, query.order_by(func.abs(top.delta_arr).desc(), top.customer_id, top.day))


def item_changes(engine: Engine, now: datetime, days: Sequence[tuple[str, date]]) -> pd.DataFrame:
    """What became of the items of some customers on some days, a row for each item that changed: DTYPES.

    An item that went and one that came in its place are one row. arr is 0 where an item is not there or does
    not count; list is its value without discounts; list_moved is that of its old price at the new quantity.
    Missing: not there, or not known.
    """
    names = sorted({name for name, _ in days})
    lines, prices = _lines(engine, names), _prices(engine, names)
    kinds = dict(every_product(engine)[["product_id", "kind"]].itertuples(index=False, name=None))
    rows: list[tuple[Any, ...]] = []
    for name, day in sorted(set(days)):
        sides = ([_held(row, kinds, prices) for row in _current(lines[name], at)] for at in _ends(day, now))
        changed = (pair for pair in _pairs(*sides) if _is_change(*pair))
        rows += [(name, pd.Timestamp(day), *_row(*pair, prices)) for pair in changed]
    return made(rows, DTYPES)


def _ends(day: date, now: datetime) -> tuple[datetime, datetime]:
    """The last instants before a day, and of it or until now."""
    start = datetime.combine(day, time.min, UTC)
    return start - TICK, min(start + timedelta(days=1) - TICK, now)


def _lines(engine: Engine, customers: Sequence[str]) -> Mapping[str, list[Any]]:
    """The whole timelines of some customers."""
    found: dict[str, list[Any]] = defaultdict(list)
    with engine.connect() as connection:
        query = select(*LINE).where(line.customer_id.in_(customers)).order_by(line.id)
        for row in connection.execute(query):
            found[row.customer_id].append(row)
    return found


def _current(rows: Sequence[Any], at: datetime) -> Iterator[Any]:
    return (row for row in rows if row.from_at <= at and (row.to_at is None or row.to_at > at))


def _prices(engine: Engine, customers: Sequence[str]) -> dict[str | None, Price]:
    held = select(line.price_id).where(line.customer_id.in_(customers))
    with engine.connect() as connection:
        rows = connection.execute(select(*PRICE).where(mirror.price.c.id.in_(held))).all()
    return {row.id: price_of(row) for row in rows}


def _held(row: Any, kinds: Mapping[Any, str], prices: Mapping[str | None, Price]) -> Held:
    return Held(
        row.subscription_id,
        row.subscription_item_id,
        row.product_id,
        row.interval,
        row.price_id,
        row.currency or "",
        row.quantity,
        COUNTED if row.counted else row.evidence,
        row.arr if row.counted else 0,
        _listed(prices.get(row.price_id), row.quantity, row.arr) if row.counted else 0,
        kinds.get(row.product_id, "other"),
    )


def _listed(price: Price | None, quantity: int | None, otherwise: int) -> int:
    """The value without discounts; where the price is not known, what it counts as."""
    worth = yearly(price, quantity) if price and is_recurring(price) else None
    return otherwise if worth is None else half_up(worth)


Pair = tuple[Held | None, Held | None]
SAME = (
    lambda each: each.item,
    lambda each: (each.subscription, each.currency, each.product),
    lambda each: (each.subscription, each.currency, each.kind),
    lambda each: (each.currency, each.product),
    lambda each: (each.currency, each.kind),
)
"""By what an item before and one after are taken for the same, the closest first."""


def _pairs(before: Sequence[Held], after: Sequence[Held]) -> Iterator[Pair]:
    """Each item with what it became: the same one, or one that came in its place on the same day."""
    gone, come = list(before), list(after)
    for same in SAME:
        for old in list(gone):
            new = next((each for each in come if same(each) == same(old)), None)
            if new is not None:
                yield old, new
                gone.remove(old)
                come.remove(new)
    yield from ((old, None) for old in gone)
    yield from ((None, new) for new in come)


def _is_change(before: Held | None, after: Held | None) -> bool:
    return (before.arr if before else 0) != (after.arr if after else 0)


def _row(before: Held | None, after: Held | None, prices: Mapping[str | None, Price]) -> tuple[Any, ...]:
    present = after or before
    assert present is not None
    moved_list = None
    if before and after and before.state == after.state == COUNTED:
        moved_list = _listed(prices.get(before.price), after.quantity, before.list)
    sides = (
        tuple(getattr(side, name) if side else _absent(name) for name in SIDED) for side in (before, after)
    )
    return (present.currency, present.kind, *(value for side in sides for value in side), moved_list)


def _absent(name: str) -> int | None:
    return 0 if name in ("arr", "list") else None
