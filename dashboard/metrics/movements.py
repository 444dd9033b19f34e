"""How the run rate moved: new, won back, expanded, contracted, churned, month by month."""

from collections.abc import Callable

import pandas as pd

from dashboard.metrics.rates.mrr import gross_churn as gross_churn
from dashboard.metrics.rates.mrr import net_churn as net_churn
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection

GAINS = ("new", "reactivation", "expansion")
LOSSES = ("contraction", "churn")
LOST = ("churn", "contraction")
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

    start + the movements = end, exactly; start is what end leaves when the movements are taken away, and the
    exchange-rate impact with them where several currencies were converted: the end of the month before.
    """
    table = by_kind(movements, selection)
    end = balances(month_end, selection).reindex(table.index, fill_value=0)
    moved = selection.cells(movements).groupby("month")["delta_arr"].sum()
    start = end - moved.reindex(table.index, fill_value=0).astype("int64")
    frame = table.assign(start=start, end=end)
    frame["gross_churn"] = _rates(frame, gross_churn, "start", *LOST)
    frame["net_churn"] = _rates(frame, net_churn, "start", *LOST, "expansion", "reactivation")
    return frame.reset_index(names="month")[["month", "start", *KINDS, "end", "gross_churn", "net_churn"]]


def _rates(frame: pd.DataFrame, metric: Callable[..., Rate], *columns: str) -> "pd.Series[float]":
    """A rate of each row, from some of its columns."""
    rows = zip(*(frame[name].tolist() for name in columns), strict=True)
    return pd.Series([metric(*row).number for row in rows], index=frame.index, dtype="Float64")
