"""Sums by month: months as numbers since 1970, running balances, and what they are grouped by."""

import numpy as np
import pandas as pd

HOLDER = ["customer_id", "currency"]
CELL = ["plan", "interval"]
MONTHS = ("month", "cohort")
"""Columns that count months since 1970 until they are stored as "YYYY-MM"."""


def month_numbers(days: pd.Series) -> pd.Series:
    """Days since 1970 as months since 1970."""
    dates = days.to_numpy("int64").astype("datetime64[D]")
    return pd.Series(dates.astype("datetime64[M]").astype("int64"), index=days.index)


def coded(movements: pd.DataFrame) -> pd.DataFrame:
    """Movements with their month, texts as categories since those group many times faster.

    cell is "plan:interval", holder a number for each customer and currency.
    """
    texts = dict.fromkeys((*HOLDER, *CELL, "kind"), "category")
    frame = movements[[*texts, "audience_id", "day", "delta_arr"]].astype(
        texts | dict.fromkeys(("audience_id", "day", "delta_arr"), "int64")
    )
    plan, interval = frame["plan"].cat, frame["interval"].cat
    cells = plan.codes.astype("int64") * len(interval.categories) + interval.codes
    names = [f"{one}:{other}" for one in plan.categories for other in interval.categories]
    named = pd.Categorical.from_codes(cells.to_numpy("int64"), pd.Index(names))
    return frame.assign(
        month=month_numbers(frame["day"]),
        cell=named.reorder_categories(sorted(names)),
        holder=frame["customer_id"].cat.codes.astype("int64") * len(frame["currency"].cat.categories)
        + frame["currency"].cat.codes,
    )


def month_number(month: str) -> int:
    """A "YYYY-MM" month as months since 1970."""
    return int(np.datetime64(month, "M").astype("int64"))


def month_text(number: int) -> str:
    """Months since 1970 as "YYYY-MM"."""
    return str(np.datetime64(int(number), "M"))


def summed(frame: pd.DataFrame, by: list[str], columns: list[str]) -> pd.DataFrame:
    """The sums of some columns for each group."""
    return frame.groupby(by)[columns].sum().reset_index()


def counted(frame: pd.DataFrame, by: list[str], name: str) -> pd.DataFrame:
    """The number of rows in each group."""
    return frame.groupby(by).size().rename(name).reset_index()


def running(changes: pd.DataFrame, by: list[str], column: str, until: int, name: str) -> pd.DataFrame:
    """Running sums of changes that are not 0, at the end of every month until the last, by some columns."""
    if changes.empty:
        return changes[["month", *by, column]].rename(columns={column: name})
    sums = summed(changes, [*by, "month"], [column])
    group = sums.groupby(by).ngroup()
    sums[name] = sums[column].groupby(group).cumsum()
    following = sums["month"].shift(-1, fill_value=until + 1).where(group == group.shift(-1), until + 1)
    lasts = (following - sums["month"]).where(sums[name] != 0, 0).clip(lower=0).to_numpy()
    rows = sums.loc[sums.index.repeat(lasts), ["month", *by, name]]
    since = np.arange(len(rows)) - np.repeat(lasts.cumsum() - lasts, lasts)
    return rows.assign(month=rows["month"] + since)
