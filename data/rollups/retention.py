"""What revenue retention needs: what the subscribers at a period's start had then, and have at its end.

Kept as changes from month to month, so that a new month costs nothing: a customer's part in a period of so
many months changes when their holdings do, and once more when that change has become the period's start.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from data.rollups.grouping import summed

SPANS = (1, 12)
"""The lengths of periods, in months."""

PARTS = ["arr_start", "arr_end", "arr_kept", "customers", "lost"]
KEY = ["audience_id", "month", "span", "currency", "held_before"]


def retention(held: pd.DataFrame) -> pd.DataFrame:
    """Changes of PARTS by the last month of a period, its span, currency and the portfolio at its start."""
    changes = pd.concat([each for span in SPANS for each in _changes(held, span)], ignore_index=True)
    return summed(changes, KEY, PARTS)


def _changes(held: pd.DataFrame, span: int) -> Iterator[pd.DataFrame]:
    """Each customer's part added when it begins to hold, and taken away when another takes its place."""
    parts = _states(held, span).assign(customers=1, span=span)
    parts["arr_kept"] = np.minimum(parts["arr_start"], parts["arr_end"])
    parts["lost"] = (parts["arr_end"] == 0).astype("int64")
    yield _somebody(parts)
    followed = parts["holder"] == parts["holder"].shift(-1)
    ended = parts.assign(month=parts["month"].shift(-1, fill_value=0))[followed]
    yield _somebody(ended.assign(**-ended[PARTS]))


def _somebody(parts: pd.DataFrame) -> pd.DataFrame:
    """The sums over those who were subscribed at the start."""
    return summed(parts[parts["held_before"] != ""], KEY, PARTS)


def _states(held: pd.DataFrame, span: int) -> pd.DataFrame:
    """Each month in which the start or the end of a customer's period differs from the period before.

    holder, audience_id, currency, month, held_before (portfolio at the start), arr_start, arr_end; in order
    of time. What changes a period's end changes its start a span later; before the first, nothing was held.
    """
    count = len(held)
    months = np.concatenate([held["month"], held["month"] + span])
    order = np.lexsort((months, np.tile(held["holder"], 2)))
    row, is_start, place = order % count, order >= count, np.arange(2 * count)
    holder, month = held["holder"].to_numpy()[row], months[order]
    changed = np.diff(holder, prepend=-1) != 0
    first, end, start = (_latest(place, when) for when in (changed, ~is_start, is_start))
    begun = start >= first
    states = held[["holder", "audience_id", "currency"]].iloc[row].reset_index(drop=True)
    states["month"] = month
    states["arr_end"] = held["arr"].to_numpy()[row[end]]
    states["arr_start"] = np.where(begun, held["arr"].to_numpy()[row[start]], 0)
    names = held["held_after"].iloc[row[start]].reset_index(drop=True)
    states["held_before"] = names.where(begun, "")
    last = (np.diff(holder, append=-1) != 0) | (np.diff(month, append=-1) != 0)
    return pd.DataFrame(states[last]).reset_index(drop=True)


def _latest(place: "np.typing.NDArray[np.int64]", when: Any) -> "np.typing.NDArray[np.int64]":
    """For each place the latest place until then at which something is so; -1: none yet."""
    return np.maximum.accumulate(np.where(when, place, -1))
