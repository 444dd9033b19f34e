"""How the run rate moved: new, won back, expanded, contracted, churned, month by month."""

from collections.abc import Callable

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import Selection, ratio

GAINS = ("new", "reactivation", "expansion")
LOSSES = ("contraction", "churn")
OF_CUSTOMERS = (*GAINS, *LOSSES)
KINDS = (*OF_CUSTOMERS, "transfer")


def by_kind(movements: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """ARR moved, in minor units, signed: index month (all of the selection's), a column per kind."""
    rows = selection.cells(movements)
    table = rows.pivot_table(index="month", columns="kind", values="delta_arr", aggfunc="sum", fill_value=0)
    table = table.reindex(index=list(selection.months), columns=list(KINDS), fill_value=0)
    return table.fillna(0).astype("int64").rename_axis(columns=None)


def balances(month_end: pd.DataFrame, selection: Selection) -> "pd.Series[int]":
    """ARR at the end of each month that is known, in minor units, whatever months are selected."""
    totals = selection.cells(month_end).groupby("month", observed=True)["arr"].sum()
    return totals.astype("int64").sort_index()


def bridge(month_end: pd.DataFrame, movements: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Month by month: month, start, a column per kind, end, gross_churn, net_churn. Amounts are ARR.

    start + the movements = end, exactly; start is what end leaves when the movements are taken away.
    """
    table = by_kind(movements, selection)
    end = balances(month_end, selection).reindex(table.index, fill_value=0)
    start = end - table.sum(axis=1)
    frame = table.assign(start=start, end=end)
    frame["gross_churn"] = _rates(gross_churn, frame)
    frame["net_churn"] = _rates(net_churn, frame)
    return frame.reset_index(names="month")[["month", "start", *KINDS, "end", "gross_churn", "net_churn"]]


@metric(
    "Gross MRR churn",
    "share",
    "MRR lost to churn and contraction in the month, divided by MRR at its start.",
)
def gross_churn(month: "pd.Series[int]") -> float | None:
    """Of one row of the bridge; None when the month started at 0."""
    return ratio(-float(month["churn"] + month["contraction"]), float(month["start"]))


@metric(
    "Net MRR churn",
    "share",
    "MRR lost to churn and contraction, less expansion and reactivation, divided by MRR at the start of the "
    "month. Below 0 the existing customers grew by more than was lost.",
)
def net_churn(month: "pd.Series[int]") -> float | None:
    """Of one row of the bridge; None when the month started at 0."""
    lost = month["churn"] + month["contraction"] + month["expansion"] + month["reactivation"]
    return ratio(-float(lost), float(month["start"]))


def _rates(rate: Callable[["pd.Series[int]"], float | None], frame: pd.DataFrame) -> "pd.Series[float]":
    return pd.Series([rate(row) for _, row in frame.iterrows()], index=frame.index, dtype="Float64")
