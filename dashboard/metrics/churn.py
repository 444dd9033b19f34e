"""Who left: the flow of subscribers, the rates, and who is set to leave."""

from collections.abc import Iterable

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.customers import churn_rate as churn_rate
from dashboard.metrics.rates.customers import stripe_rate as stripe_rate
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection, distinct

FLOW = ["month", "start", "new", "won_back", "lost", "moved", "end", "joined_and_left"]
COUNTS = FLOW[1:]


def flow(holdings: pd.DataFrame, transitions: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Subscribers month by month: FLOW, churn_rate, stripe_rate; start + new + won_back - lost + moved = end.

    holdings is who held what at each month's end, transitions who held what before and after each month.
    Under a plan or interval filter, lost are those who held it and left altogether; moved is the net of those
    who took it up or dropped it and stayed customers; joined_and_left and stripe_rate are then not known.
    """
    end = distinct(holdings, "subscribers", selection)
    frame = _moves(transitions, selection).reindex(index=list(selection.months), columns=COUNTS)
    frame["start"] = [end.get(_previous(month), 0) for month in selection.months]
    frame["end"] = [end.get(month, 0) for month in selection.months]
    frame = frame.fillna(0).astype("int64")
    start, lost, inside = (frame[name].tolist() for name in ("start", "lost", "joined_and_left"))
    joined = (frame["new"] + frame["won_back"] + frame["joined_and_left"]).tolist()
    frame["churn_rate"] = _floats(map(churn_rate, start, lost), frame.index)
    left = [churned + both for churned, both in zip(lost, inside, strict=True)]
    frame["stripe_rate"] = _floats(map(stripe_rate, start, joined, left), frame.index)
    if not selection.is_whole:  # what they held in between is in no transition
        frame[["joined_and_left", "stripe_rate"]] = pd.NA
    return frame.reset_index(names="month")


def _moves(transitions: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Customers by month and what became of them, as columns of FLOW; moved is signed."""
    rows = transitions.loc[transitions["currency"] == selection.currency]
    held = zip(rows["held_before"], rows["held_after"], rows["first"], strict=True)
    fates = [_fate(before, after, bool(first), selection) for before, after, first in held]
    rows = rows.assign(
        fate=[name for name, _ in fates], signed=rows["customers"] * [sign for _, sign in fates]
    )
    rows = rows.loc[rows["fate"] != ""]
    return rows.pivot_table(index="month", columns="fate", values="signed", aggfunc="sum", fill_value=0)


def _fate(before: str, after: str, first: bool, selection: Selection) -> tuple[str, int]:
    """What the selection saw of a customer's month: the column it counts in and its sign; "" for nothing."""
    if not before and not after:
        return ("joined_and_left", 1) if selection.is_whole else ("", 0)
    held, holds = selection.touches(before), selection.touches(after)
    if held == holds:
        return "", 0
    if holds:
        return ("moved", 1) if before else ("new" if first else "won_back", 1)
    return ("moved", -1) if after else ("lost", 1)


def _previous(month: str) -> str:
    year, number = int(month[:4]), int(month[5:7])
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


@metric(
    "Lost", "customers", "Customers who were subscribers at the start of the month and are not at its end."
)
def lost(flow: pd.DataFrame, month: str) -> int:
    """Customers lost in a month of the flow."""
    return int(flow.loc[flow["month"] == month, "lost"].sum())


@metric(
    "Scheduled churn",
    "amount a month",
    "MRR of subscriptions that are set to cancel and have not ended yet. It still counts in MRR until then.",
)
def scheduled_arr(scheduled: pd.DataFrame) -> int:
    """ARR of the rows of subscriptions set to end."""
    return int(scheduled["arr"].sum())


def scheduled(leaving: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Subscriptions of the selection that are set to end, the soonest first."""
    return selection.cells(leaving).sort_values(
        ["ends_at", "arr"], ascending=[True, False], ignore_index=True
    )


def _floats(rates: Iterable[Rate], index: pd.Index) -> "pd.Series[float]":
    return pd.Series([rate.number for rate in rates], index=index, dtype="Float64")
