"""What stays: balances by cohort, revenue kept from a period's start to its end, lifetimes of customers."""

from collections.abc import Iterable
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Engine

from data.clock import months_between
from data.frames.reading import narrowed, read
from data.frames.rolling import balances, last_month, rolled_up
from data.frames.shared import Audiences
from data.tables import ledger

PARTS = ["arr_start", "arr_end", "arr_kept", "customers", "lost"]
KEY = ["span", "currency", "held_before"]
EPOCH = date(1970, 1, 1)


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

    censored are those who are still subscribed as far as the ledger reaches, with their days until now. Who
    left and returned has one life, that ends when they were last a subscriber. Filters ask what a customer
    began with.
    """
    table = ledger.lifetime.c
    rows = read(engine, rolled_up(ledger.lifetime, (table.began, table.still, table.days), audiences, None))
    wanted = [None if some is None else frozenset(some) for some in (products, currencies)]
    asked = {name: _began(name, *wanted) for name in rows["began"].unique()}
    rows = rows.loc[rows["began"].map(asked).astype(bool)].rename(columns={"still": "censored"})
    today = (now.date() - EPOCH).days
    rows["days"] = rows["days"].mask(rows["censored"], today - rows["days"])
    sums = rows.groupby(["days", "censored"])["customers"].sum().reset_index()
    return sums.astype({"days": "Int64", "censored": "boolean", "customers": "Int64"})


def _began(name: str, products: frozenset[str] | None, currencies: frozenset[str] | None) -> bool:
    """Whether any of the plan:currency cells that a customer began with is asked for."""
    cells = (cell.rpartition(":") for cell in name.split("|"))
    return any(
        (products is None or product in products) and (currencies is None or currency in currencies)
        for product, _, currency in cells
    )
