"""Cancellations that were carried out or taken back, and how long customers gave us.

decided is the frame of that name in data.frames; since the oldest event kept, from which saves are known.
"""

from collections.abc import Collection
from datetime import datetime

import pandas as pd

from dashboard.formatting import is_missing
from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import ratio
from data import clock

LENGTHS = (
    (0, "The same day"),
    (7, "1 to 7 days"),
    (30, "8 to 30 days"),
    (90, "31 to 90 days"),
    (None, "Longer"),
)
OUTCOMES = {"ended": "Carried out", "undone": "Taken back"}


@metric(
    "Save rate",
    "share",
    "Cancellations taken back, divided by those taken back or carried out in the same months. Subscriptions "
    "that ended for want of payment are in neither.",
)
def save_rate(undone: int, ended: int) -> float | None:
    """Share of the cancellations decided; None where there were none."""
    return ratio(float(undone), float(undone + ended))


@metric(
    "MRR saved",
    "amount a month",
    "MRR of the subscriptions whose cancellation was taken back, at the time.",
)
def saved_arr(decided: pd.DataFrame) -> int:
    """ARR of the rows that were taken back."""
    return int(decided.loc[decided["outcome"] == "undone", "arr"].sum())


@metric(
    "Days to the end",
    "days",
    "Days from the request to the end of a subscription, for half of those that ended at most so many.",
)
def days_to_end(decided: pd.DataFrame) -> int | None:
    """The median over subscriptions; None where no request is known."""
    rows = decided.loc[(decided["outcome"] == "ended") & decided["days"].notna()].sort_values("days")
    reached = rows["subscriptions"].cumsum() * 2 >= rows["subscriptions"].sum()
    return int(rows.loc[reached, "days"].iloc[0]) if len(rows) else None


def since_month(since: pd.DataFrame) -> str | None:
    """The first whole month of which every event is kept; None where there are no events."""
    oldest = since["since"].iloc[0] if len(since) else None
    if is_missing(oldest) or not isinstance(oldest, datetime):
        return None
    return clock.next_month(clock.month_of(oldest))


def by_month(decided: pd.DataFrame, months: Collection[str], since: str | None) -> pd.DataFrame:
    """month, ended, ended_arr, undone, undone_arr, save_rate; those taken back are not known before since."""
    sums = decided.groupby(["month", "outcome"])[["subscriptions", "arr"]].sum().reset_index()
    found = {
        (month, outcome): (int(count), int(arr)) for month, outcome, count, arr in sums.to_numpy().tolist()
    }
    rows: list[tuple[object, ...]] = []
    for month in months:
        ended, undone = (found.get((month, outcome), (0, 0)) for outcome in OUTCOMES)
        known = since is not None and month >= since
        share = save_rate(undone[0], ended[0]) if known else None
        rows.append((month, *ended, *(undone if known or undone[0] else (None, None)), share))
    columns = ["month", "ended", "ended_arr", "undone", "undone_arr", "save_rate"]
    return pd.DataFrame(rows, columns=columns).astype(
        dict.fromkeys(columns[1:5], "Int64") | {"save_rate": "Float64"}
    )


def by_length(decided: pd.DataFrame) -> pd.DataFrame:
    """How long from the request to the end: length, subscriptions, arr, share."""
    rows = decided.loc[(decided["outcome"] == "ended") & decided["days"].notna()]
    places = [
        next(place for place, (most, _) in enumerate(LENGTHS) if most is None or days <= most)
        for days in rows["days"].tolist()
    ]
    sums = rows.assign(place=places).groupby("place")[["subscriptions", "arr"]].sum().reset_index()
    every = float(sums["subscriptions"].sum())
    found = {int(place): (int(count), int(arr)) for place, count, arr in sums.to_numpy().tolist()}
    table = [(name, *found.get(place, (0, 0))) for place, (_, name) in enumerate(LENGTHS)]
    frame = pd.DataFrame(table, columns=["length", "subscriptions", "arr"])
    shares = [ratio(float(each), every) for each in frame["subscriptions"].tolist()]
    return frame.assign(share=pd.Series(shares, index=frame.index, dtype="Float64"))


def told(saves: pd.DataFrame) -> pd.DataFrame:
    """The list of saves with since: what became of the subscription afterwards, in words."""
    each = zip(saves["status"], saves["leaving_at"], saves["ended_at"], strict=True)
    return saves.assign(since=[_since(*row) for row in each])


def _since(status: object, leaving_at: object, ended_at: object) -> str:
    if not is_missing(ended_at):
        return "Left after all"
    if not is_missing(leaving_at):
        return "Set to end again"
    return {"past_due": "Past due", "unpaid": "Unpaid", "paused": "Paused"}.get(str(status), "Stayed")
