"""What of the ARR due will be renewed, from the renewal rate of each plan and interval so far."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.formatting import plural
from dashboard.metrics.definitions import metric
from dashboard.metrics.explain import Explanation
from dashboard.metrics.outcomes import Segment, decided
from dashboard.metrics.renewals import within

Segments = Mapping[tuple[str, str], Segment]


def forecast(due: pd.DataFrame, segments: Segments) -> pd.DataFrame:
    """The rows of renewals.due with decided, rate, expected, low and high.

    expected, low and high are ARR in minor units, rounded for each row; all are null where the plan and
    interval has no decided renewal.
    """
    pairs = zip(due["plan"].fillna("").astype(str), due["interval"].astype(str), strict=True)
    found = [segments.get(pair) for pair in pairs]
    rows = due.assign(
        decided=pd.Series([each and each.decided for each in found], index=due.index, dtype="Int64"),
        rate=pd.Series([each and each.rate for each in found], index=due.index, dtype="Float64"),
    )
    for name, part in (("expected", "rate"), ("low", "low"), ("high", "high")):
        values = [
            None if each is None else round(int(arr) * getattr(each, part))
            for each, arr in zip(found, due["arr"], strict=True)
        ]
        rows[name] = pd.Series(values, index=due.index, dtype="Int64")
    return rows


@metric(
    "Expected renewals",
    "amount a year",
    "ARR due times the renewal rate by ARR of its own plan and interval over the last 12 months. What has no "
    "past renewal of its kind is left out and named.",
)
def expected(rows: pd.DataFrame) -> int | None:
    """Of rows of `forecast`, in minor units; what has no rate is left out. None: that is all of them."""
    return None if len(rows) and rows["expected"].isna().all() else int(rows["expected"].sum())


def in_range(rows: pd.DataFrame) -> tuple[int, int]:
    """The lowest and highest that the rates' 95% ranges allow, were all of them off to the same side."""
    return int(rows["low"].sum()), int(rows["high"].sum())


def without_rate(rows: pd.DataFrame) -> int:
    """ARR due of plans and intervals without a decided renewal, in minor units."""
    return int(rows.loc[rows["rate"].isna(), "arr"].sum())


def explained(rows: pd.DataFrame, now: datetime, days: int) -> Explanation:
    """What is expected of renewals due within so many days, by plan and interval, and what is not in it."""
    soon = within(rows, now, days)
    rated = soon["rate"].notna()
    later = rows.loc[~rows.index.isin(soon.index)]
    left = [
        each.assign(reason=reason)
        for each, reason in (
            (soon.loc[~rated], "No renewal of its plan and interval was decided in 12 months."),
            (later, f"Due later than in {days} days."),
        )
    ]
    out = _by_segment(pd.concat(left, ignore_index=True), ["reason"]).drop(columns="expected")
    included = _by_segment(soon.loc[rated], [])
    included = included.sort_values("expected", ascending=False, ignore_index=True)
    return Explanation(expected, expected(soon) or 0, included, out)


def _by_segment(rows: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    """By plan, interval and currency: rows, arr, expected; nobody's name stands for several."""
    named = rows.assign(plan=rows["plan"].fillna("Not known"))
    table = named.groupby([*more, "plan", "interval", "currency"], as_index=False).agg(
        rows=("renewals", "sum"), arr=("arr", "sum"), expected=("expected", "sum")
    )
    names = [plural(int(count), "renewal") for count in table["rows"]]
    return table.assign(
        customer_id=pd.Series(pd.NA, index=table.index, dtype="string"),
        customer_name=pd.Series(names, index=table.index, dtype="string"),
    )


SUMS = ("arr", "expected", "low", "high")


def by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """By due month: month, renewals, arr, arr_known (of it with a rate), expected, low, high."""
    return _summed(rows, ["month"])


def by_segment(rows: pd.DataFrame) -> pd.DataFrame:
    """By plan and interval, the largest first: as by_month, with decided and rate."""
    named = rows.assign(plan=rows["plan"].fillna("Not known"))
    table = _summed(named, ["plan", "interval"])
    rates = named.groupby(["plan", "interval"])[["decided", "rate"]].first().reset_index()
    merged = table.merge(rates, on=["plan", "interval"], how="left")
    return merged.sort_values(["arr", "plan", "interval"], ascending=[False, True, True], ignore_index=True)


def _summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    known = rows.assign(arr_known=rows["arr"].where(rows["rate"].notna(), 0))
    table = known.groupby(keys).agg(
        renewals=("renewals", "sum"), **{name: (name, "sum") for name in (*SUMS, "arr_known")}
    )
    return table.reset_index()


def to_keep(rows: pd.DataFrame, currency: str) -> list[dict[str, Any]]:
    """What is kept of a forecast: a row for each due month and term."""
    table = _summed(rows, ["month", "term"])
    samples = rows.groupby(["month", "term"])["decided"].max().fillna(0).astype(int).to_dict()
    return [
        {
            "currency": currency,
            "due_month": str(row["month"]),
            "term": str(row["term"]),
            "decided": int(samples[row["month"], row["term"]]),
            **{name: int(row[name]) for name in ("renewals", "arr", "arr_known", "expected", "low", "high")},
        }
        for row in table.to_dict("records")
    ]


def against_outcome(kept: pd.DataFrame, outcomes: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Kept forecasts beside what came: made_at, month, arr, expected, low, high, due, renewed, open, inside.

    outcomes are rows of outcomes.told, of all plans. A month that has no outcome yet is left out. renewed is
    the ARR kept of what fell due; inside says whether it is in the range, null while renewals are open.
    """
    mine = kept.loc[kept["currency"] == currency]
    made = mine.groupby(["made_at", "due_month"])[["arr", "expected", "low", "high"]].sum().reset_index()
    came = outcomes.groupby("month").agg(due=("before", "sum")).reset_index()
    closed = decided(outcomes).groupby("month")["kept"].sum()
    waiting = outcomes.loc[outcomes["outcome"] == "Open"].groupby("month")["renewals"].sum()
    frame = made.merge(came, left_on="due_month", right_on="month")
    frame["renewed"] = frame["month"].map(closed).fillna(0).astype("Int64")
    frame["open"] = frame["month"].map(waiting).fillna(0).astype("Int64")
    inside = (frame["renewed"] >= frame["low"]) & (frame["renewed"] <= frame["high"])
    frame["inside"] = inside.astype("boolean").mask(frame["open"] > 0)
    columns = ["made_at", "month", "arr", "expected", "low", "high", "due", "renewed", "open", "inside"]
    return frame[columns].sort_values(["month", "made_at"], ascending=False, ignore_index=True)
