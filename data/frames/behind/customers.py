"""The customers behind a figure: of a period, of a month's end, and of a customer's lifetime value."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, and_, case, exists, func, literal, or_, select

from data.clock import month_start, months_between, next_month
from data.frames.behind.naming import named, outside
from data.frames.behind.still import with_the_still
from data.frames.reading import narrowed, total
from data.frames.shared import Audiences
from data.tables import ledger, mirror

moved, customer = ledger.movement.c, mirror.customer.c
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
    for then), first (their first movement of all fell in the period), arr_start, arr_end, arr_kept, lost,
    rows. Who did not move is summed, from the rollup; who had nothing at both ends is left out.
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
        .where(moved.day < after, moved.customer_id.in_(_movers(start, after)))
        .group_by(moved.customer_id, moved.currency)
        .subquery()
        .c
    )
    query = (
        select(
            sums.customer_id,
            customer.name.label("customer_name"),
            sums.currency,
            outside(sums.customer_id, audiences),
            (sums.arr_start > 0).label("based"),
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
    movers = named(engine, query, ("currency", "outside", "based", "held", "first"), AMOUNTS, limit)
    return with_the_still(engine, movers, month, span, products, intervals, audiences)


def _movers(start: date, after: date) -> Select[tuple[str]]:
    mine = ledger.movement.alias().c
    return select(mine.customer_id).where(mine.day >= start, mine.day < after)


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
    after = month_start(next_month(month)).date()
    cell = (moved.customer_id, moved.currency, moved.plan, moved.interval)
    cells = select(*cell, total(moved.delta_arr).label("arr")).where(moved.day < after).group_by(*cell)
    held = cells.having(func.sum(moved.delta_arr) > 0).subquery().c
    wanted = and_(
        *(
            column.in_(list(some))
            for column, some in ((held.plan, products), (held.interval, intervals))
            if some is not None
        ),
        literal(True),
    )
    sums = (
        select(
            held.customer_id,
            held.currency,
            func.max(case((wanted, 1), else_=0)).label("held"),
            total(case((wanted, held.arr), else_=0)).label("arr"),
        )
        .group_by(held.customer_id, held.currency)
        .subquery()
        .c
    )
    query = select(
        sums.customer_id,
        customer.name.label("customer_name"),
        sums.currency,
        outside(sums.customer_id, audiences),
        (sums.held == 1).label("held"),
        sums.arr,
    ).join(mirror.customer, customer.id == sums.customer_id, isouter=True)
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
