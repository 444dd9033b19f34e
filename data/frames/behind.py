"""The rows behind a figure: the largest by name, the others summed, so that they always add up to it.

Every frame has `rows`, which is 1 for a named row and the number of rows where others are summed into one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, and_, case, exists, func, literal, or_, select

from data.clock import month_start, next_month
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger, mirror

line, moved, customer = ledger.timeline.c, ledger.movement.c, mirror.customer.c
INSTANT = timedelta(microseconds=1)


def behind_arr(
    engine: Engine, month: str, now: datetime, *, audiences: Audiences = None, limit: int = 500
) -> pd.DataFrame:
    """What makes up run rate at the end of a month (of the current one: now), and what does not count.

    customer_id, customer_name, subscription_id, product_id, interval, currency, counted, evidence, arr, rows.
    What is not counted has no arr, and the evidence says why.
    """
    at = min(now, month_start(next_month(month)) - INSTANT)
    query = (
        select(
            line.customer_id,
            customer.name.label("customer_name"),
            line.subscription_id,
            line.product_id,
            line.interval,
            line.currency,
            line.counted,
            line.evidence,
            line.arr,
        )
        .join(mirror.customer, customer.id == line.customer_id, isouter=True)
        .where(line.from_at <= at, or_(line.to_at.is_(None), line.to_at > at))
        .where(of_audiences(line.customer_id, audiences))
    )
    return _named(
        engine, query, ("product_id", "interval", "currency", "counted", "evidence"), ("arr",), limit
    )


def behind_movements(
    engine: Engine, month: str, *, audiences: Audiences = None, limit: int = 500
) -> pd.DataFrame:
    """The movements of a month.

    customer_id, customer_name, day, kind, product_id, interval, currency, evidence, delta_arr, rows.
    """
    first, after = (month_start(each).date() for each in (month, next_month(month)))
    query = (
        select(
            moved.customer_id,
            customer.name.label("customer_name"),
            moved.day,
            moved.kind,
            moved.plan.label("product_id"),
            moved.interval,
            moved.currency,
            moved.evidence,
            moved.delta_arr,
        )
        .join(mirror.customer, customer.id == moved.customer_id, isouter=True)
        .where(moved.day >= first, moved.day < after, of_audiences(moved.customer_id, audiences))
    )
    return _named(engine, query, ("kind", "product_id", "interval", "currency"), ("delta_arr",), limit)


def behind_retention(
    engine: Engine,
    month: str,
    span: int,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The customers of a period of so many months that ends with a month: what they had at its start and end.

    customer_id, customer_name, currency, held (at the start, any of what is asked for), first (their first
    movement of all fell in the period), arr_start, arr_end, arr_kept, lost, rows. Who had nothing at both
    ends is left out.
    """
    start, after = month_start(_back(month, span - 1)).date(), month_start(next_month(month)).date()
    before = moved.day < start
    sums = (
        select(
            moved.customer_id,
            moved.currency,
            total(case((before, moved.delta_arr), else_=0)).label("arr_start"),
            total(moved.delta_arr).label("arr_end"),
            (func.max(case((moved.kind == "new", moved.day))) >= start).label("first_here"),
        )
        .where(moved.day < after, of_audiences(moved.customer_id, audiences))
        .group_by(moved.customer_id, moved.currency)
        .subquery()
        .c
    )
    query = (
        select(
            sums.customer_id,
            customer.name.label("customer_name"),
            sums.currency,
            _held(sums, start, products, intervals).label("held"),
            func.coalesce(sums.first_here, literal(False)).label("first"),
            sums.arr_start,
            sums.arr_end,
            case((sums.arr_end < sums.arr_start, sums.arr_end), else_=sums.arr_start).label("arr_kept"),
            case((and_(sums.arr_start > 0, sums.arr_end == 0), 1), else_=0).label("lost"),
        )
        .join(mirror.customer, customer.id == sums.customer_id, isouter=True)
        .where(or_(sums.arr_start > 0, sums.arr_end > 0))
    )
    return _named(
        engine, query, ("currency", "held", "first"), ("arr_start", "arr_end", "arr_kept", "lost"), limit
    )


def _held(
    sums: Any, start: date, products: Iterable[str] | None, intervals: Iterable[str] | None
) -> ColumnElement[bool]:
    """Whether a customer held any of some products and intervals when a day began."""
    if products is None and intervals is None:
        had: ColumnElement[bool] = sums.arr_start > 0
        return had
    mine = ledger.movement.alias().c
    cells = select(literal(1)).where(
        mine.customer_id == sums.customer_id, mine.currency == sums.currency, mine.day < start
    )
    cells = narrowed(cells, (mine.plan, products), (mine.interval, intervals))
    cells = cells.group_by(mine.plan, mine.interval).having(func.sum(mine.delta_arr) > 0)
    return exists(cells.correlate_except(mine.plan.table))


def _back(month: str, count: int) -> str:
    """The month so many months earlier."""
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _named(
    engine: Engine, query: Select[Any], by: Sequence[str], amounts: Sequence[str], limit: int
) -> pd.DataFrame:
    """The rows with the largest amounts, and what the others come to by some columns."""
    every = query.subquery().c
    keys = [every[name] for name in by]
    size = func.abs(every[amounts[-1]]) if len(amounts) == 1 else every[amounts[0]] + every[amounts[1]]
    top = read(engine, select(*every).order_by(size.desc(), *every).limit(limit)).assign(rows=1)
    sums = select(*keys, *(total(every[name]).label(name) for name in amounts), func.count().label("rows"))
    rest = read(engine, sums.group_by(*keys))
    measured = [*amounts, "rows"]
    named = top.groupby([*by], dropna=False)[measured].sum()
    left = rest.set_index([*by])[measured].sub(named, fill_value=0)
    left = left[left["rows"] > 0].reset_index()
    return pd.concat([top, left], ignore_index=True).astype(top.dtypes.to_dict()) if len(left) else top
