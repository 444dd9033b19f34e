"""Churn by what customers are: plan, how long they stayed, size, who they are, when they were won.

Cells are rows of month, group, place (the order of groups), start (subscribers when the month began, missing
where not known), lost and arr (what was lost).
"""

from collections.abc import Callable, Collection, Sequence

import pandas as pd

from dashboard import formatting
from dashboard.metrics.leaving import lost as of_lost
from dashboard.metrics.rates.customers import churn_rate
from dashboard.metrics.selection import Selection
from data import clock
from data.sizes import bounds as bounds

CELLS = ["month", "group", "place", "start", "lost", "arr"]
DTYPES = {
    "month": "string",
    "group": "string",
    "place": "Int64",
    "start": "Int64",
    "lost": "Int64",
    "arr": "Int64",
}
TENURES = ((3, "First 3 months"), (12, "4 to 12 months"), (24, "Second year"), (None, "Later"))


def size_name(size: int, currency: str) -> str:
    """A size as its range of MRR: "$50 to $200"."""
    edges = [formatting.mrr_short(bound, currency) for bound in bounds(currency)]
    if size == 0:
        return f"Under {edges[0]}"
    return f"{edges[-1]} and more" if size >= len(edges) else f"{edges[size - 1]} to {edges[size]}"


def tenure(cohort: str, month: str) -> tuple[int, str]:
    """The place and name of how long a customer had been one when a month began."""
    age = months_apart(cohort, month)
    place = next(place for place, (most, _) in enumerate(TENURES) if most is None or age <= most)
    return place, TENURES[place][1]


def months_apart(first: str, last: str) -> int:
    """The months from one to another."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7])


def quarter(cohort: str) -> tuple[int, str]:
    """The place and name of the quarter in which a cohort was won."""
    year, number = int(cohort[:4]), (int(cohort[5:7]) + 2) // 3
    return year * 4 + number, f"{year}, quarter {number}"


def by_flow(flows: Sequence[tuple[str, pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """Cells of groups that have a flow of subscribers and a bridge of MRR movements of their own."""
    rows = [
        (month, name, place, start, lost, -int(arr))
        for place, (name, flow, bridge) in enumerate(flows)
        for month, start, lost, arr in zip(
            flow["month"], flow["start"], flow["lost"], bridge["churn"], strict=True
        )
    ]
    return _cells(rows)


def by_cohort(
    departures: pd.DataFrame,
    holdings: pd.DataFrame,
    selection: Selection,
    group: Callable[[str, str], tuple[int, str]],
) -> pd.DataFrame:
    """Cells by when customers were won: group(cohort, month) is a place and a name.

    holdings is the frame cohort_subscribers; who was a subscriber when a month began is in the month before.
    """
    rows = holdings.loc[(holdings["currency"] == selection.currency)]
    touched = {held: selection.touches(held) for held in rows["portfolio"].unique()}
    rows = rows.loc[rows["portfolio"].map(touched).astype(bool)]
    starts = rows.groupby(["cohort", "month"])["subscribers"].sum().reset_index()
    starts["month"] = [clock.next_month(month) for month in starts["month"]]
    gone = of_lost(departures).groupby(["cohort", "month"])[["customers", "arr"]].sum().reset_index()
    whole = starts.merge(gone, how="outer", on=["cohort", "month"])
    whole = whole.loc[whole["month"].isin(selection.months)]
    named = [group(*pair) for pair in zip(whole["cohort"], whole["month"], strict=True)]
    return _summed(whole.assign(place=[each for each, _ in named], group=[name for _, name in named]))


def by_size(departures: pd.DataFrame, sizes: pd.DataFrame | None, selection: Selection) -> pd.DataFrame:
    """Cells by the run rate when the month began; sizes is subscribers_by_size, None where not known."""
    gone = of_lost(departures).groupby(["size", "month"])[["customers", "arr"]].sum().reset_index()
    if sizes is None:
        whole = gone.assign(subscribers=_unknown(gone))
    else:
        rows = sizes.loc[sizes["currency"] == selection.currency]
        starts = rows.assign(month=[clock.next_month(month) for month in rows["month"]])
        whole = starts[["size", "month", "subscribers"]].merge(gone, how="outer", on=["size", "month"])
    whole = whole.loc[whole["month"].isin(selection.months)]
    names = [size_name(int(size), selection.currency) for size in whole["size"]]
    frame = _summed(whole.assign(place=whole["size"], group=names))
    return frame.assign(start=_unknown(frame)) if sizes is None else frame


def by_why(departures: pd.DataFrame) -> pd.DataFrame:
    """Cells by the reason given, most customers first; everybody who subscribed may have had it."""
    rows = of_lost(departures)
    order = rows.groupby("why")["customers"].sum().sort_values(ascending=False, kind="stable")
    places = {why: place for place, why in enumerate(order.index)}
    whole = rows.assign(group=rows["why"], place=rows["why"].map(places), subscribers=_unknown(rows))
    frame = _summed(whole)
    return frame.assign(start=_unknown(frame))


def _unknown(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.NA, index=frame.index, dtype="Int64")


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    by = rows.groupby(["month", "group", "place"])[["subscribers", "customers", "arr"]].sum().reset_index()
    return _cells(by.to_numpy().tolist())


def _cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=CELLS).astype(DTYPES)


def table(cells: pd.DataFrame, months: Collection[str]) -> pd.DataFrame:
    """Groups over some months: group, start (the months' sum), lost, rate (a month), arr, share (of lost)."""
    rows = cells.loc[cells["month"].isin(list(months))]
    sums = rows.groupby(["place", "group"])[["lost", "arr"]].sum()
    starts = rows.groupby(["place", "group"])["start"].sum(min_count=1)
    frame = sums.assign(start=starts).reset_index().sort_values("place", ignore_index=True)
    every = int(frame["lost"].sum())
    return pd.DataFrame(
        {
            "group": frame["group"],
            "start": frame["start"],
            "lost": frame["lost"],
            "rate": [_rate(*pair) for pair in zip(frame["start"], frame["lost"], strict=True)],
            "arr": frame["arr"],
            "share": [int(each) / every if every else None for each in frame["lost"]],
        }
    ).astype({"rate": "Float64", "share": "Float64"})


def _rate(start: object, lost: int) -> float | None:
    return None if formatting.is_missing(start) else churn_rate(int(start), int(lost)).number  # type: ignore[call-overload]


def compared(cells: pd.DataFrame, month: str, before: Collection[str]) -> pd.DataFrame:
    """A month against the mean of others, what rose most first.

    group, lost, before (lost in a mean month), change, rate, rate_before.
    """
    now = table(cells, [month]).set_index("group")
    then = table(cells, before).set_index("group")
    names = [*now.index, *(name for name in then.index if name not in now.index)]
    rows = [(name, *_change(now, then, name, len(before))) for name in names]
    frame = pd.DataFrame(rows, columns=["group", "lost", "before", "change", "rate", "rate_before"])
    frame = frame.loc[(frame["lost"] > 0) | (frame["before"] > 0)]
    frame = frame.sort_values(["change", "lost"], ascending=False, kind="stable", ignore_index=True)
    return frame.astype(dict.fromkeys(frame.columns[2:], "Float64") | {"lost": "Int64", "group": "string"})


def _change(now: pd.DataFrame, then: pd.DataFrame, name: str, months: int) -> tuple[object, ...]:
    lost, gone = (int(frame["lost"].get(name, 0)) for frame in (now, then))
    mean = gone / months if months else 0.0
    rates = (frame["rate"].get(name) for frame in (now, then))
    return (lost, mean, lost - mean, *rates)
