"""Cohort retention: what remains of the customers won in a month, month after month."""

from collections.abc import Callable

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Exact, Rate, rate
from dashboard.metrics.selection import Selection
from data.clock import months_between

COLUMNS = ["cohort", "month", "age", "customers", "arr"]
KEY = ["cohort", "month"]


@metric(
    "Cohort retention, customers",
    "share",
    "A cohort is the customers whose first movement of all fell in a month. Its subscribers at the end of a "
    "later month, divided by those at the end of its first; who left and returned counts again.",
)
def customers_kept(first: Exact, remaining: Exact) -> Rate:
    """Share of a cohort's subscribers at the end of its first month."""
    return rate(remaining, first, empty="nobody of the cohort was subscribed at the end of its first month")


@metric(
    "Cohort retention, MRR",
    "share",
    "A cohort's MRR at a later month's end, divided by its MRR at the end of its first month.",
)
def arr_kept(first: Exact, remaining: Exact) -> Rate:
    """Share of a cohort's run rate at the end of its first month."""
    return rate(remaining, first, empty="the cohort had no MRR at the end of its first month")


def cohorts(
    balances: pd.DataFrame, holdings: pd.DataFrame, selection: Selection, current: str
) -> pd.DataFrame:
    """Every cohort of the selection's months, month by month until the current one.

    cohort, month, age (months since the cohort's), customers, arr, customers_share, arr_share, partial (the
    month is not over). balances and holdings are run rate and customers by cohort at the ends of months.
    """
    arr = selection.cells(balances).groupby(KEY, observed=True)["arr"].sum()
    customers = _holding(holdings, selection).groupby(KEY, observed=True)["subscribers"].sum()
    known = sorted({cohort for found in (arr, customers) for cohort, _ in found.index})
    rows = [
        (cohort, month, age, int(customers.get((cohort, month), 0)), int(arr.get((cohort, month), 0)))
        for cohort in known
        if cohort in selection.months
        for age, month in enumerate(months_between(cohort, current))
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["customers_share"] = _shares(frame, "customers", customers_kept)
    frame["arr_share"] = _shares(frame, "arr", arr_kept)
    return frame.assign(partial=frame["month"] == current)


def _holding(holdings: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The rows of customers who hold anything of the selection."""
    rows = holdings.loc[holdings["currency"] == selection.currency]
    if selection.is_whole:
        return rows
    chosen = [held for held in rows["portfolio"].unique() if selection.touches(held)]
    return rows.loc[rows["portfolio"].isin(chosen)]


def _shares(frame: pd.DataFrame, column: str, share: Callable[[Exact, Exact], Rate]) -> pd.Series:
    first = frame.loc[frame["age"] == 0].set_index("cohort")[column]
    pairs = zip(frame["cohort"].map(first).tolist(), frame[column].tolist(), strict=True)
    return pd.Series([share(*pair).number for pair in pairs], index=frame.index, dtype="Float64")
