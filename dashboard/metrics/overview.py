"""The figures that a manager opens first, each as a series by month."""

from dataclasses import dataclass, replace

import pandas as pd

from dashboard.metrics import churn, movements, plan_mix, renewals
from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.monthly import RATES, Facts
from dashboard.metrics.selection import Selection, distinct

OF_A_MONTH = {
    "net_retention": "nrr_12_months",
    "gross_retention": "grr_12_months",
    "customer_churn": "customer_churn",
    "quick_ratio": "quick_ratio",
}
"""Columns of a series that are rates of whole months, and the rate of each."""
AT_AN_END = ("arr", "subscribers", "per_subscriber")
WAYS = ("new", "expansion", "contraction", "churn", "reactivation", "transfer")


@metric("ARR", "amount a year", "MRR times 12: what a year of the present subscriptions comes to.")
def annual(month_end: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR at the end of a month, in minor units."""
    return plan_mix.run_rate(month_end, selection, month)


def series(facts: Facts, selection: Selection, months: list[str]) -> pd.DataFrame:
    """A row for each of the months (the index): arr, subscribers, per_subscriber, and OF_A_MONTH's columns.

    Amounts are ARR in minor units; what is not defined is missing.
    """
    within = replace(selection, months=tuple(months))
    arr = movements.balances(facts.month_end, within)
    held = distinct(facts.month_end_subscribers, "subscribers", within)
    frame = pd.DataFrame(
        {
            "arr": [int(arr.get(month, 0)) for month in months],
            "subscribers": [held.get(month, 0) for month in months],
        },
        index=pd.Index(months, name="month"),
    )
    averages = [round(a / s) if s else None for a, s in zip(frame["arr"], frame["subscribers"], strict=True)]
    frame["per_subscriber"] = pd.Series(averages, index=frame.index, dtype="Int64")
    for column, name in OF_A_MONTH.items():
        found = [rate.number for rate in RATES[name].months(facts, within)]
        frame[column] = pd.Series(found, index=frame.index, dtype="Float64")
    return frame


def changes(totals: pd.DataFrame, currency: str) -> pd.DataFrame:
    """What moved, by kind in a fixed order: kind, customers, delta_arr; kinds without any are left out."""
    rows = totals.loc[totals["currency"] == currency]
    sums = rows.groupby("kind")[["customers", "delta_arr"]].sum()
    present = [kind for kind in WAYS if kind in sums.index]
    return sums.loc[present].reset_index()


@dataclass(frozen=True)
class Ahead:
    """What is known to come: customers set to cancel and renewals that fall due, each with its ARR."""

    leaving: int
    leaving_arr: int
    due: int
    due_arr: int


def ahead(scheduled: pd.DataFrame, falls_due: pd.DataFrame, selection: Selection) -> Ahead:
    """The figures of the frame scheduled_churn, and of what falls due as renewals.due gives it."""
    leaving = churn.scheduled(scheduled, selection)
    return Ahead(
        leaving["customer_id"].nunique(),
        churn.scheduled_arr(leaving),
        renewals.number(falls_due),
        renewals.long_due(falls_due),
    )
