"""What stays: balances by cohort, revenue kept from a period's start to its end, lifetimes of customers."""

from collections.abc import Iterable
from datetime import date, datetime

import pandas as pd
from sqlalchemy import ColumnElement, Date, Engine, Integer, case, cast, func, literal, select

from data.clock import months_between
from data.frames.reading import narrowed, read
from data.frames.rolling import balances, last_month, rolled_up
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger

PARTS = ["arr_start", "arr_end", "arr_kept", "customers", "lost"]
KEY = ["span", "currency", "held_before"]


def cohort_month_end(
    engine: Engine, *, currencies: Iterable[str] | None = None, audiences: Audiences = None
) -> pd.DataFrame:
    """Run rate by cohort at the end of every month: cohort, month, currency, product_id, interval, arr."""
    table = ledger.cohort_change.c
    keys = (table.cohort, table.month, table.currency, table.plan.label("product_id"), table.interval)
    query = narrowed(rolled_up(ledger.cohort_change, keys, audiences, None), (table.currency, currencies))
    return balances(read(engine, query), "delta_arr", "arr", last_month(engine))


def cohort_subscribers(
    engine: Engine,
    *,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    together: bool = False,
) -> pd.DataFrame:
    """Customers by cohort and by what they hold: cohort, month, currency, portfolio, subscribers.

    together: in all currencies at once, each customer once, under an empty currency.
    """
    table = ledger.cohort_subscriber_change.c
    keys = (table.cohort, table.month, table.currency, table.portfolio)
    query = rolled_up(ledger.cohort_subscriber_change, keys, audiences, together)
    changes = read(engine, narrowed(query, (table.currency, None if together else currencies)))
    return balances(changes, "subscribers", "subscribers", last_month(engine))


def retention(engine: Engine, until: str, audiences: Audiences = None) -> pd.DataFrame:
    """Of the subscribers at the start of periods that end with each month until one: what became of them.

    month (the last of the period), span (months), currency, held_before (their portfolio then), arr_start,
    arr_end, arr_kept (the sum of each customer's smaller of both), customers, lost (at 0 at the end).
    """
    table = ledger.retention_change.c
    keys = (table.month, table.span, table.currency, table.held_before)
    query = rolled_up(ledger.retention_change, keys, audiences, None)
    changes = read(engine, query.where(table.month <= until))
    if changes.empty:
        return changes
    months = months_between(str(changes["month"].min()), until)
    wide = changes.set_index(["month", *KEY])[PARTS].astype("int64").unstack(KEY, fill_value=0)
    sums = wide.reindex(months, fill_value=0).cumsum().rename_axis(index="month")
    long = sums.stack(KEY, future_stack=True).reset_index()
    long = long[long["customers"] != 0].astype(changes.dtypes.to_dict())
    return long.sort_values(["month", *KEY], ignore_index=True)[[*changes.columns]]


def lifetimes(
    engine: Engine,
    now: datetime,
    *,
    products: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """How long customers stayed, from their first day to their last: days, censored, customers.

    censored are those who are still subscribed, with their days until now. Who left and returned has one
    life, that ends when they were last a subscriber. Filters ask what a customer began with.
    """
    moved = ledger.movement.c
    began = select(moved.customer_id).where(moved.kind == "new")
    began = narrowed(began, (moved.plan, products), (moved.currency, currencies))
    stays = func.sum(moved.delta_arr) > 0
    customers = select(
        stays.label("censored"), func.min(moved.day).label("first"), func.max(moved.day).label("last")
    ).where(moved.day <= now.date(), of_audiences(moved.customer_id, audiences))
    if products is not None or currencies is not None:
        customers = customers.where(moved.customer_id.in_(began))
    each = customers.group_by(moved.customer_id).subquery().c
    last = case((each.censored, literal(now.date(), Date)), else_=each.last)
    days = _days(engine, each.first, last).label("days")
    query = select(days, each.censored, func.count().label("customers"))
    return read(engine, query.group_by(days, each.censored).order_by(days, each.censored))


def _days(engine: Engine, first: ColumnElement[date], last: ColumnElement[date]) -> ColumnElement[int]:
    """The days from one day to another."""
    if engine.dialect.name == "sqlite":
        return cast(func.julianday(last) - func.julianday(first), Integer)
    return cast(last - first, Integer)
