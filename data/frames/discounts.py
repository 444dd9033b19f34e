"""Coupons in force: what discounted items bring, and what they would bring without."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, func, or_, select

from data.frames.reading import made, narrowed, total
from data.frames.shared import Audiences, of_audiences
from data.lives import PRICE, price_of
from data.money import half_up
from data.tables import ledger, mirror
from data.valuation import Price, yearly

line = ledger.timeline.c
DTYPES = {
    "product_id": "string",
    "interval": "string",
    "currency": "string",
    "coupons": "string",
    "subscriptions": "Int64",
    "arr": "Int64",
    "list_arr": "Int64",
}


def discounts_in_force(
    engine: Engine, at: datetime, *, currencies: Iterable[str] | None = None, audiences: Audiences = None
) -> pd.DataFrame:
    """Discounted items at an instant by product, interval, currency and coupons (names, joined by ", ").

    product_id, interval, currency, coupons, subscriptions, arr (as it counts), list_arr (without discounts).
    What a discount makes free does count here, with an arr of 0.
    """
    with engine.connect() as connection:
        rows = _rows(connection, at, currencies, audiences)
        prices = _prices(connection, {row.price_id for row in rows})
        coupons = connection.execute(select(mirror.coupon.c.id, mirror.coupon.c.name)).all()
    names = {coupon.id: coupon.name for coupon in coupons}
    found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        told = ", ".join(names.get(name) or name for name in row.discounts.split("|"))
        worth = _worth(prices.get(row.price_id), row.quantity)
        values = row.subscriptions, row.arr, row.arr if worth is None else worth * row.items
        sums = found[row.product_id, row.interval, row.currency, told]
        sums[:] = [sum(pair) for pair in zip(sums, values, strict=True)]
    return made([(*key, *sums) for key, sums in sorted(found.items(), key=str)], DTYPES)


def _rows(
    connection: Connection, at: datetime, currencies: Iterable[str] | None, audiences: Audiences
) -> Sequence[Any]:
    """Discounted items that count at an instant, those of one price, quantity and coupons together."""
    cell = (line.product_id, line.interval, line.currency, line.discounts, line.price_id, line.quantity)
    counts = (func.count().label("items"), func.count(line.subscription_id.distinct()).label("subscriptions"))
    query = select(*cell, total(line.arr).label("arr"), *counts).where(
        line.discounts.is_not(None),
        line.counted,
        line.from_at <= at,
        or_(line.to_at.is_(None), line.to_at > at),
        of_audiences(line.customer_id, audiences),
    )
    return connection.execute(narrowed(query, (line.currency, currencies)).group_by(*cell)).all()


def _prices(connection: Connection, named: Collection[str | None]) -> dict[str | None, Price]:
    rows = connection.execute(select(*PRICE).where(mirror.price.c.id.in_(named))).all()
    return {row.id: price_of(row) for row in rows}


def _worth(price: Price | None, quantity: int | None) -> int | None:
    value = yearly(price, quantity) if price else None
    return None if value is None else half_up(value)
