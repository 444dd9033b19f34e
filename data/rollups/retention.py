"""What revenue retention needs: what the subscribers at a period's start had then, and have at its end.

Kept as changes from month to month, so that a new month costs nothing: a customer's part in a period of so
many months changes when their holdings do, and once more when that change has become the period's start.
"""

import pandas as pd

from data.rollups.grouping import HOLDER, summed

SPANS = (1, 12)
"""The lengths of periods, in months."""

PARTS = ["arr_start", "arr_end", "arr_kept", "customers", "lost"]
KEY = ["month", "span", "currency", "held_before"]


def retention(held: pd.DataFrame) -> pd.DataFrame:
    """Changes of PARTS by the last month of a period, its span, currency and the portfolio at its start."""
    changes = pd.concat([_changes(held, span) for span in SPANS], ignore_index=True)
    return summed(changes, KEY, PARTS)


def _changes(held: pd.DataFrame, span: int) -> pd.DataFrame:
    """Each customer's part added when it begins to hold, and taken away when another takes its place."""
    states = _states(held, span)
    parts = states.assign(
        arr_kept=states[["arr_start", "arr_end"]].min(axis="columns"),
        customers=1,
        lost=(states["arr_end"] == 0).astype("int64"),
        span=span,
    )
    same = parts["holder"] == parts["holder"].shift()
    earlier = -parts[PARTS].shift(fill_value=0)
    ended = (
        parts[["month", "span", "currency"]].join(earlier).assign(held_before=parts["held_before"].shift())
    )
    ended = ended[same]
    changes = pd.concat([parts[[*KEY, *PARTS]], ended], ignore_index=True)
    return changes[changes["held_before"] != ""]


def _states(held: pd.DataFrame, span: int) -> pd.DataFrame:
    """Each month in which the start or the end of a customer's period differs from the period before.

    holder, currency, month, held_before (portfolio at the start), arr_start, arr_end; in order of time.
    """
    known = held.assign(holder=held.groupby(HOLDER).ngroup(), arr=held["arr"].astype("Int64"))
    ends = known[["holder", "month", "arr"]].rename(columns={"arr": "arr_end"})
    starts = known[["holder", "month", "arr", "held_after"]].assign(month=known["month"] + span)
    starts = starts.rename(columns={"arr": "arr_start", "held_after": "held_before"})
    states = ends.merge(starts, how="outer", on=["holder", "month"]).sort_values(
        ["holder", "month"], ignore_index=True
    )
    first = ~states.duplicated("holder")
    states.loc[first, "arr_start"] = 0
    states.loc[first, "held_before"] = ""
    states = states.ffill().astype({"arr_start": "int64", "arr_end": "int64"})
    currencies = known.drop_duplicates("holder").set_index("holder")["currency"]
    return states.join(currencies, on="holder")
