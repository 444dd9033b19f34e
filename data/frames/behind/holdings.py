"""What makes up run rate at a month's end, and what does not count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Select, func, select

from data.clock import month_start, next_month
from data.frames.behind.naming import named, outside
from data.frames.reading import read
from data.frames.rolling import INSTANT
from data.frames.shared import Audiences, there
from data.lives import price_of
from data.money import half_up
from data.tables import ledger, mirror
from data.valuation import Price, is_recurring, yearly

line = ledger.timeline.c
KEY = ["product_id", "interval", "currency", "counted", "evidence", "outside"]


def behind_arr(
    engine: Engine, month: str, now: datetime, *, audiences: Audiences = None, limit: int = 500
) -> pd.DataFrame:
    """What makes up run rate at the end of a month (of the current one: now), and what does not count.

    customer_id, customer_name, subscription_id, product_id, interval, currency, counted, evidence, outside,
    arr, rows, worth. What is not counted has no arr, the evidence says why, and worth what it would come to
    by its price, before discounts; missing where that is not known, and for what counts.
    """
    query = select(
        line.customer_id,
        line.subscription_id,
        line.product_id,
        line.interval,
        line.currency,
        line.counted,
        line.evidence,
        outside(line.customer_id, audiences),
        line.arr,
        line.price_id,
        line.quantity,
    ).where(there(min(now, month_start(next_month(month)) - INSTANT)))
    rows = named(engine, query, KEY, ("arr",), limit)
    return _with_worth(engine, rows, query).drop(columns=["price_id", "quantity"])


def _with_worth(engine: Engine, rows: pd.DataFrame, query: Select[Any]) -> pd.DataFrame:
    """Rows with worth; that of several in one is what all their like come to, less those named."""
    with engine.connect() as connection:
        prices = {row.id: price_of(row) for row in connection.execute(select(mirror.price))}
    every = query.where(~line.counted).subquery().c
    terms = [*(every[name] for name in KEY), every.price_id, every.quantity]
    alike = read(engine, select(*terms, func.count().label("rows")).group_by(*terms))
    alike["worth"] = _worth(alike, prices) * alike["rows"]
    rows = rows.assign(worth=_worth(rows, prices).mask(rows["counted"]))
    several = rows["customer_id"].isna() & ~rows["counted"]
    if not several.any():
        return rows
    sums = alike.groupby(KEY, dropna=False)["worth"].sum(min_count=1)
    mine = rows.loc[~several].groupby(KEY, dropna=False)["worth"].sum(min_count=1)
    left = sums.sub(mine, fill_value=0).astype("Int64").rename("left").reset_index()
    found = rows[KEY].merge(left, how="left", on=KEY)["left"].set_axis(rows.index)
    return rows.assign(worth=rows["worth"].mask(several, found))


def _worth(rows: pd.DataFrame, prices: Mapping[str, Price]) -> "pd.Series[Any]":
    """The yearly value of each row's price and quantity; missing where it is not known or does not recur."""
    terms = zip(rows["price_id"], rows["quantity"], strict=True)
    values = [_value(prices.get(price), None if pd.isna(number) else int(number)) for price, number in terms]
    return pd.Series(values, index=rows.index, dtype="Int64")


def _value(price: Price | None, quantity: int | None) -> int | None:
    if price is None or not is_recurring(price):
        return None
    value = yearly(price, quantity)
    return None if value is None else half_up(value)
