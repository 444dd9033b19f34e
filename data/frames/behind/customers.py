"""The customers behind a figure: of a period, of a month's end, and of a customer's lifetime value."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, and_, case, func, or_, select, true

from data.clock import month_start, months_between, next_month
from data.frames.behind.naming import named, outside
from data.frames.behind.still import with_the_still
from data.frames.reading import total
from data.frames.rolling import INSTANT, end_of
from data.frames.shared import Audiences, in_force
from data.tables import ledger

moved, line = ledger.movement.c, ledger.timeline.c
AMOUNTS = ("arr_start", "arr_end", "arr_kept", "lost")
MONTHS_OF_CHURN = 6
NOW = "now"


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

    customer_id, customer_name, currency, outside, based (subscribed at the start), held (any of what is asked
    for then), first (their first movement of all fell in the period; missing where several are summed),
    arr_start, arr_end, arr_kept, lost, rows. Those with as much at the end as at the start are summed, from
    the rollup; who had nothing at both is left out.
    """
    start = month_start(_back(month, span - 1))
    then, now = in_force(start - INSTANT), in_force(end_of(engine, month))
    sums = (
        select(
            line.customer_id,
            line.currency,
            total(case((then, line.arr), else_=0)).label("arr_start"),
            total(case((now, line.arr), else_=0)).label("arr_end"),
            (func.max(case((and_(then, _asked(products, intervals)), 1), else_=0)) == 1).label("held"),
        )
        .where(or_(then, now), _may_have_moved(start, month, span))
        .group_by(line.customer_id, line.currency)
        .subquery()
        .c
    )
    query = select(
        sums.customer_id,
        sums.currency,
        outside(sums.customer_id, audiences),
        (sums.arr_start > 0).label("based"),
        sums.held,
        sums.arr_start,
        sums.arr_end,
        case((sums.arr_end < sums.arr_start, sums.arr_end), else_=sums.arr_start).label("arr_kept"),
        case((and_(sums.arr_start > 0, sums.arr_end == 0), 1), else_=0).label("lost"),
        func.abs(sums.arr_end - sums.arr_start).label("change"),
    ).where(sums.arr_start != sums.arr_end)
    movers = named(engine, query, ("currency", "outside", "based", "held"), AMOUNTS, limit, "change")
    movers = movers.drop(columns="change")
    movers.insert(6, "first", _first_here(engine, movers["customer_id"], start))
    return with_the_still(engine, movers, month, span, products, intervals, audiences)


def _may_have_moved(start: datetime, month: str, span: int) -> ColumnElement[bool]:
    """Segments of the customers who moved in a single month; in more months nearly everybody does."""
    if span > 1:
        return true()
    after = month_start(next_month(month))
    inside = (moved.day >= start.date(), moved.day < after.date())
    return line.customer_id.in_(select(moved.customer_id).where(*inside))


def _asked(products: Iterable[str] | None, intervals: Iterable[str] | None) -> ColumnElement[bool]:
    """Whether a segment is of what is asked for."""
    pairs = ((line.product_id, products), (line.interval, intervals))
    return and_(true(), *(column.in_(list(some)) for column, some in pairs if some is not None))


def _first_here(engine: Engine, customers: "pd.Series[Any]", start: datetime) -> "pd.Series[Any]":
    """Whether each customer's first movement of all was after an instant; missing: of several customers."""
    names = [str(each) for each in customers.dropna()]
    query = select(moved.customer_id).where(moved.kind == "new", moved.customer_id.in_(names))
    with engine.connect() as connection:
        new = set(connection.execute(query.where(moved.day >= start.date())).scalars())
    return customers.isin(list(new)).astype("boolean").mask(customers.isna())


def _back(month: str, count: int) -> str:
    """The month so many months earlier."""
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def behind_subscribers(
    engine: Engine,
    month: str,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The subscribers of a month's end, with what they hold of what is asked for.

    customer_id, customer_name, currency, outside, held (any of it), arr (of it), rows.
    """
    wanted = _asked(products, intervals)
    query = (
        select(
            line.customer_id,
            line.currency,
            outside(line.customer_id, audiences),
            (func.max(case((wanted, 1), else_=0)) == 1).label("held"),
            total(case((wanted, line.arr), else_=0)).label("arr"),
        )
        .where(in_force(end_of(engine, month)))
        .group_by(line.customer_id, line.currency)
    )
    return named(engine, query, ("currency", "outside", "held"), ("arr",), limit)


def behind_lifetime_value(
    engine: Engine,
    month: str,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The subscribers of a month's end, and the customers of each of the six months before it.

    The columns of `behind_subscribers` and `behind_retention`, and part: NOW, or one of those months.
    """
    of: dict[str, Any] = {"products": products, "intervals": intervals, "audiences": audiences}
    of["limit"] = limit // (MONTHS_OF_CHURN + 1)
    months = months_between(_back(month, MONTHS_OF_CHURN), _back(month, 1))
    earlier = [behind_retention(engine, each, 1, **of).assign(part=each) for each in months]
    return pd.concat([behind_subscribers(engine, month, **of).assign(part=NOW), *earlier], ignore_index=True)
