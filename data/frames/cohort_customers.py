"""The customers of a cohort by name, with what they had when it began and at a later month's end."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Engine, and_, case, func, select, true

from data.clock import month_start, next_month
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, manager_of, of_audiences
from data.tables import ledger, mirror

moved, customer = ledger.movement.c, mirror.customer.c
first = ledger.movement.alias("first").c


def cohort_customers(
    engine: Engine,
    cohort: str,
    month: str,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The customers won in a month, those who are left first, the largest first; at most `limit`.

    customer_id, name, email, account_manager, currency, arr_first (at the end of the cohort's month), arr (at
    the end of the later one), last_day (of their last movement until then). Who had neither is left out.
    """
    began, after = (month_start(each).date() for each in (cohort, next_month(cohort)))
    until = month_start(next_month(month)).date()
    asked = and_(
        true() if products is None else moved.plan.in_(list(products)),
        true() if intervals is None else moved.interval.in_(list(intervals)),
    )
    sums = (
        select(
            moved.customer_id,
            moved.currency,
            total(case((and_(asked, moved.day < after), moved.delta_arr), else_=0)).label("arr_first"),
            total(case((asked, moved.delta_arr), else_=0)).label("arr"),
            func.max(moved.day).label("last_day"),
        )
        .join(first.kind.table, first.customer_id == moved.customer_id)
        .where(first.kind == "new", first.day >= began, first.day < after, moved.day < until)
        .where(of_audiences(moved.customer_id, audiences))
        .group_by(moved.customer_id, moved.currency)
    )
    each = narrowed(sums, (moved.currency, currencies)).subquery().c
    about = (customer.name, customer.email, manager_of(each.customer_id))
    query = (
        select(each.customer_id, *about, each.currency, each.arr_first, each.arr, each.last_day)
        .join(mirror.customer, customer.id == each.customer_id, isouter=True)
        .where((each.arr_first > 0) | (each.arr > 0))
    )
    return read(engine, query.order_by(each.arr.desc(), each.arr_first.desc(), each.customer_id).limit(limit))
