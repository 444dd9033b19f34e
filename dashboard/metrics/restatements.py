"""What became known of a month after it was over: the month as it was known, and what was restated since."""

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.movements import KINDS
from dashboard.metrics.selection import Selection

COLUMNS = ["kind", "known", "late", "in_time", "now"]


@metric(
    "Restated MRR",
    "amount a month",
    "What was added to the movements of the month, or taken from them, after a sync that already had their "
    "day behind it: late evidence, another rule, a customer deleted.",
)
def restated(changes: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR by which a month's movements were restated, in minor units; changes is frames.changes_by_month."""
    rows = selection.cells(changes)
    return int(rows.loc[(rows["month"] == month) & rows["late"], "delta_arr"].sum())


def compared(
    movements: pd.DataFrame, changes: pd.DataFrame, selection: Selection, month: str
) -> pd.DataFrame:
    """A month as it was known at an instant and as it is known now, by kind: COLUMNS, amounts are ARR.

    changes is frames.changes_by_month since that instant. known + late + in_time = now, exactly: late was
    restated, in_time had not happened yet, or was not synced yet.
    """
    now, since = (_of_month(frame, selection, month) for frame in (movements, changes))
    late, in_time = (since.loc[since["late"] == is_late] for is_late in (True, False))
    sums = [rows.groupby("kind", observed=True)["delta_arr"].sum() for rows in (late, in_time, now)]
    table = pd.concat(sums, axis="columns", keys=["late", "in_time", "now"])
    table = table.reindex(list(KINDS)).fillna(0).astype("int64")
    table["known"] = table["now"] - table["late"] - table["in_time"]
    return table.rename_axis("kind").reset_index()[COLUMNS]


def _of_month(frame: pd.DataFrame, selection: Selection, month: str) -> pd.DataFrame:
    rows = selection.cells(frame)
    return rows.loc[rows["month"] == month]


def balances_known(month_end: pd.DataFrame, changes: pd.DataFrame, selection: Selection) -> "pd.Series[int]":
    """ARR at the end of each month of the selection as it was known; changes as in `compared`."""
    ends = selection.cells(month_end).groupby("month", observed=True)["arr"].sum()
    since = selection.cells(changes).groupby("month", observed=True)["delta_arr"].sum()
    arr = [int(ends.get(month, 0)) - int(since[since.index <= month].sum()) for month in selection.months]
    return pd.Series(arr, index=pd.Index(selection.months, name="month"), dtype="int64")
