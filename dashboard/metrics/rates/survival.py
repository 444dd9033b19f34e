"""How long customers stay: Kaplan-Meier over lifetimes, where those still subscribed are censored."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.metrics.definitions import metric

COLUMNS = ["days", "share", "low", "high", "at_risk", "left"]
CONFIDENCE = 0.95


@metric(
    "Survival",
    "share",
    "The share of customers still subscribed so many days after their first: Kaplan-Meier, in which those "
    "who are still subscribed count for as long as they are known, with its 95% confidence band (log-log).",
    source="Kaplan and Meier (1958); scipy.stats.ecdf",
)
def survival(lifetimes: pd.DataFrame) -> pd.DataFrame:
    """From days, censored, customers: COLUMNS, a row for day 0 and each number of days at which anyone left.

    share is still subscribed after those days, from low to high with 95% confidence (missing where the band
    is not defined); at_risk are the customers known for at least so long. No rows without customers.
    """
    if not int(lifetimes["customers"].sum()):
        return pd.DataFrame(columns=COLUMNS)
    days = np.repeat(lifetimes["days"].to_numpy("int64"), lifetimes["customers"].to_numpy("int64"))
    censored = np.repeat(lifetimes["censored"].to_numpy("bool"), lifetimes["customers"].to_numpy("int64"))
    if censored.all():
        return _start(len(days))
    found = stats.ecdf(stats.CensoredData.right_censored(days, censored)).sf
    low, high = _band(found)
    columns = (found.quantiles, found.probabilities, low, high, *_counts(days, censored, found.quantiles))
    frame = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    frame = frame.loc[frame["left"] > 0]
    return pd.concat([_start(len(days)), frame], ignore_index=True).astype({"days": "int64"})


def _start(customers: int) -> pd.DataFrame:
    """The first row: on the first day everybody is there."""
    return pd.DataFrame([(0, 1.0, 1.0, 1.0, customers, 0)], columns=COLUMNS)


def _band(found: Any) -> tuple[Any, Any]:
    """The confidence band; missing after the last customer has left, where it is not defined."""
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        interval = found.confidence_interval(confidence_level=CONFIDENCE, method="log-log")
    return interval.low.probabilities, interval.high.probabilities


def _counts(days: Any, censored: Any, at: Any) -> tuple[Any, Any]:
    """How many were known for at least so many days, and how many left after exactly so many."""
    ordered = np.sort(days)
    at_risk = len(days) - np.searchsorted(ordered, at, side="left")
    gone = np.sort(days[~censored])
    left = np.searchsorted(gone, at, side="right") - np.searchsorted(gone, at, side="left")
    return at_risk, left


def days_until(curve: pd.DataFrame, share: float = 0.5) -> int | None:
    """After how many days at most this share of customers remains; None where it has not come to that."""
    reached = curve.loc[curve["share"] <= share, "days"]
    return None if reached.empty else int(reached.iloc[0])
