"""Balances and subscribers at month ends by cohort: the month of a customer's first `new`."""

import pandas as pd

from data.rollups.balances import taken_up_and_dropped
from data.rollups.grouping import CELL, running


def _with_cohort(rows: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers with the cohort that their movements name."""
    first = frame[frame["kind"] == "new"].groupby("customer_id")["month"].min().rename("cohort")
    return rows.join(first, on="customer_id", how="inner")


def cohort_month_ends(frame: pd.DataFrame, until: int) -> pd.DataFrame:
    """ARR of each cohort and cell at the end of every month."""
    moved = _with_cohort(frame, frame)
    return running(moved, ["audience_id", "cohort", "currency", *CELL], "delta_arr", until, "arr")


def cohort_subscribers(frame: pd.DataFrame, held: pd.DataFrame, until: int) -> pd.DataFrame:
    """Customers of each cohort with each portfolio at the end of every month."""
    changes = taken_up_and_dropped(_with_cohort(held, frame), ["audience_id", "cohort", "currency"])
    return running(
        changes, ["audience_id", "cohort", "currency", "portfolio"], "change", until, "subscribers"
    )
