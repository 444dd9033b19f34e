"""Who left and why: kinds, reasons, and how the list of customers who left adds up to the flow's "Lost".

departures is the frame of that name in data.frames.
"""

from collections.abc import Collection

import pandas as pd

from dashboard.formatting import word
from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import ratio
from dashboard.metrics.text import known

INVOLUNTARY = {"payment_failed": "Payment failed", "payment_disputed": "Payment disputed"}
STANDING = {"unpaid": "Unpaid, not ended", "paused": "Paused, not ended"}
KINDS = ("voluntary", "involuntary", "unknown")
LOST = ("left", "other_currency")
HOWS = {
    "left": "Left",
    "other_currency": "Left this currency",
    "joined_and_left": "Joined and left",
    "changed_plan": "Changed plan, then left",
    "came_back": "Left and came back",
}
"""What a customer's month came to, in words; LOST are those that the flow of subscribers counts as lost."""


def with_why(departures: pd.DataFrame) -> pd.DataFrame:
    """The frame with voluntary (one of KINDS) and why, in words: reason, else feedback, else not given."""
    given = zip(departures["reason"], departures["feedback"], departures["standing"], strict=True)
    told = [_why(*each) for each in given]
    return departures.assign(
        voluntary=pd.Series([kind for kind, _ in told], index=departures.index, dtype="string"),
        why=pd.Series([why for _, why in told], index=departures.index, dtype="string"),
    )


def _why(reason: object, feedback: object, standing: object) -> tuple[str, str]:
    code, told = known(reason), word(known(feedback))
    if code in INVOLUNTARY:
        return "involuntary", INVOLUNTARY[code]
    if code:
        return "voluntary", told or "Not given"
    return "unknown", told or STANDING.get(known(standing), "Not given")


def lost(departures: pd.DataFrame) -> pd.DataFrame:
    """The rows of customers who were subscribers when a month began, and not when it ended."""
    return departures.loc[departures["how"].isin(LOST)]


def by_kind(departures: pd.DataFrame, months: Collection[str]) -> pd.DataFrame:
    """Customers lost by month: month, voluntary, involuntary, unknown, lost (their sum)."""
    rows = with_why(lost(departures))
    sums = rows.groupby(["month", "voluntary"])["customers"].sum()
    table = [(month, *(int(sums.get((month, kind), 0)) for kind in KINDS)) for month in months]
    frame = pd.DataFrame(table, columns=["month", *KINDS]).astype(dict.fromkeys(KINDS, "Int64"))
    return frame.assign(lost=frame[list(KINDS)].sum(axis="columns"))


def reasons(departures: pd.DataFrame) -> pd.DataFrame:
    """Why customers were lost: voluntary, why, customers, arr, share (of the customers); most first."""
    rows = with_why(lost(departures))
    sums = rows.groupby(["voluntary", "why"], observed=True)[["customers", "arr"]].sum().reset_index()
    every = float(sums["customers"].sum())
    shares = [ratio(float(each), every) for each in sums["customers"].tolist()]
    frame = sums.assign(share=pd.Series(shares, index=sums.index, dtype="Float64"))
    return frame.sort_values(["customers", "arr"], ascending=False, ignore_index=True)


@metric(
    "Involuntary churn",
    "share",
    "Of the customers lost, those whose subscription ended because a payment failed or was disputed.",
)
def involuntary(departures: pd.DataFrame) -> float | None:
    """Share of the customers lost; None where nobody was."""
    rows = with_why(lost(departures))
    forced = rows.loc[rows["voluntary"] == "involuntary", "customers"].sum()
    return ratio(float(forced), float(rows["customers"].sum()))


@metric(
    "Lost to failed payments",
    "amount a month",
    "MRR of the customers lost whose subscription ended because a payment failed or was disputed.",
)
def involuntary_arr(departures: pd.DataFrame) -> int:
    """ARR of customers who did not choose to leave, minor units."""
    rows = with_why(lost(departures))
    return int(rows.loc[rows["voluntary"] == "involuntary", "arr"].sum())


def adds_up(departures: pd.DataFrame, different: int, currency: str) -> pd.DataFrame:
    """How the flow's "Lost" leads to the list of customers who left: what, customers, arr, churn, told.

    different: the different customers among those lost. The first row less the second is that many; the
    first and those after it are all rows of the list, and their churn is that of the MRR movements.
    """
    sums = departures.groupby("how")[["customers", "arr", "churn"]].sum().reset_index()
    found = {how: [int(each) for each in given] for how, *given in sums.to_numpy().tolist()}
    part = {how: found.get(how, [0, 0, 0]) for how in HOWS}
    whole = [sum(part[how][place] for how in LOST) for place in range(3)]
    rows: list[tuple[object, ...]] = [
        ("Lost, the months added up", *whole, "Subscribers at a month's start, and not at its end.")
    ]
    if again := whole[0] - different:
        rows.append(("of these, once more", again, None, None, "Left in more than one month of the period."))
    for how, told in _TOLD.items():
        if part[how][0]:
            rows.append((HOWS[how], *part[how], told.format(currency=currency.upper())))
    every = [sum(part[how][place] for how in HOWS) for place in range(3)]
    rows.append(("Rows of the list", *every, "What churned of them is the churn of the MRR movements."))
    return pd.DataFrame(rows, columns=["what", "customers", "arr", "churn", "told"]).astype(
        {"arr": "Int64", "churn": "Int64"}
    )


_TOLD = {
    "other_currency": "Among the lost: nothing in {currency} any more, still a customer. A contraction.",
    "joined_and_left": "No subscriber when the month began, so not lost by it.",
    "changed_plan": "Came to the chosen plans inside the month, then left: lost by the plan it began with.",
    "came_back": "A subscriber at the month's end again, so not lost by it.",
}
