"""What became of renewals: renewed, renewed lower, lost or still open, and the rates over what fell due."""

from datetime import datetime
from math import sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.explain import Explanation
from dashboard.metrics.rates.rate import rate
from dashboard.metrics.renewals import month_of, terms_of, within_selection
from dashboard.metrics.selection import Selection, ratio
from dashboard.metrics.text import parts

OUTCOMES = ("Renewed", "Renewed lower", "Lost", "Open")
NAMED = 500
"""Rows of an explanation that are told by name."""
SURE = 1.96
"""Standard deviations of a 95% interval."""


def told(outcomes: pd.DataFrame, selection: Selection, now: datetime) -> pd.DataFrame:
    """Past renewals of the selection with outcome, kept (the smaller of before and after), month and term.

    An outcome is open until 30 days (or the billing period, where that is shorter) after the due date.
    """
    rows = within_selection(outcomes, selection)
    before, after = (rows[name].to_numpy("int64") for name in ("before", "after"))
    names = np.where(after == 0, "Lost", np.where(after < before, "Renewed lower", "Renewed"))
    return rows.assign(
        outcome=pd.Series(names, index=rows.index, dtype="string").mask(rows["settled_at"] >= now, "Open"),
        kept=rows["before"].where(rows["before"] < rows["after"], rows["after"]),
        month=month_of(rows["due_at"]),
        term=rows["interval"].map(terms_of(rows["interval"])).astype("object"),
    ).reset_index(drop=True)


def decided(rows: pd.DataFrame) -> pd.DataFrame:
    """Those of `told` whose outcome is known."""
    return rows.loc[rows["outcome"] != "Open"]


@metric(
    "Renewal rate by ARR",
    "share",
    "Of the ARR that fell due, how much was renewed: the smaller of the run rate 30 days before and 30 days "
    "after each due date, divided by the one before. Open renewals are left out. Gross retention (GRR) is "
    "over the whole base, whether due or not.",
)
def rate_by_arr(rows: pd.DataFrame) -> float | None:
    """Of rows of `told`; None where nothing was decided."""
    some = decided(rows)
    return ratio(float(some["kept"].sum()), float(some["before"].sum()))


@metric(
    "Renewal rate by count",
    "share",
    "Of the renewals that fell due, how many were renewed, also at a lower price. Open ones are left out.",
)
def rate_by_count(rows: pd.DataFrame) -> float | None:
    """Of rows of `told`; None where nothing was decided."""
    some = decided(rows)
    return ratio(float((some["outcome"] != "Lost").sum()), float(len(some)))


def rate_explained(rows: pd.DataFrame) -> Explanation:
    """The decided renewals, the largest by name, with what was due and what was kept; open ones are out."""
    columns = {"before": "arr_start", "kept": "arr_kept"}
    shown = [
        "customer_id",
        "customer_name",
        "part",
        "interval",
        "currency",
        "falls_due_at",
        *columns.values(),
    ]
    told = rows.rename(columns=columns).assign(part=rows["outcome"], falls_due_at=rows["due_at"])
    told = told.sort_values("arr_start", ascending=False, ignore_index=True)
    some, waiting = told.loc[told["part"] != "Open", shown], told.loc[told["part"] == "Open", shown]
    included = some.head(NAMED).assign(rows=1)
    if more := len(some) - NAMED if len(some) > NAMED else 0:
        rest = some.iloc[NAMED:][list(columns.values())].sum()
        row = {**rest, "rows": more, "currency": some["currency"].iloc[0]}
        included = pd.concat([included, pd.DataFrame([row])], ignore_index=True)
    out = waiting.assign(rows=1, reason="Still open: decided within 30 days of its due date.").head(NAMED)
    if len(waiting) > NAMED:
        rest = waiting.iloc[NAMED:][list(columns.values())].sum()
        row = {**rest, "rows": len(waiting) - NAMED, "currency": waiting["currency"].iloc[0]}
        out = pd.concat([out, pd.DataFrame([row | {"reason": out["reason"].iloc[0]}])], ignore_index=True)
    figure = rate(some["arr_kept"].sum(), some["arr_start"].sum(), empty="no renewal was decided")
    return Explanation(rate_by_arr, figure, included.reset_index(drop=True), out.reset_index(drop=True))


def by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """By month and outcome: month, outcome, renewals, before, after, kept."""
    grouped = rows.groupby(["month", "outcome"])
    return grouped.agg(
        renewals=("subscription_id", "size"),
        before=("before", "sum"),
        after=("after", "sum"),
        kept=("kept", "sum"),
    ).reset_index()


def rates_by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """By month: month, decided, by_count, by_arr; a month in which nothing was decided is missing."""
    table = [
        (month, len(decided(some)), rate_by_count(some), rate_by_arr(some))
        for month, some in rows.groupby("month")
    ]
    frame = pd.DataFrame(table, columns=["month", "decided", "by_count", "by_arr"])
    return frame.loc[frame["decided"] > 0].reset_index(drop=True)


class Segment(NamedTuple):
    """The renewal rate of a plan at an interval, with its 95% range; from so many decided renewals."""

    decided: int
    rate: float
    low: float
    high: float


def segments(
    rows: pd.DataFrame, plans: dict[str, str], ranks: dict[str, int]
) -> dict[tuple[str, str], Segment]:
    """The renewal rate by ARR of each plan and interval; those in which nothing was decided are missing."""
    some = decided(rows)
    named = some.assign(plan=plans_of(some["product_ids"], plans, ranks))
    return {
        (str(plan), str(interval)): segment(len(part), float(part["kept"].sum() / part["before"].sum()))
        for (plan, interval), part in named.groupby(["plan", "interval"])
    }


def segment(decided: int, rate: float) -> Segment:
    """A rate with its Wilson score interval, clipped to 0..1.

    Wilson (1927), Probable inference, the law of succession, and statistical inference; here for a share of
    ARR, as if every renewal were of the same size.
    """
    square = SURE * SURE
    middle = (rate + square / (2 * decided)) / (1 + square / decided)
    half = (
        SURE / (1 + square / decided) * sqrt(rate * (1 - rate) / decided + square / (4 * decided * decided))
    )
    return Segment(decided, rate, max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half)))


def plan_of(product_ids: object, plans: dict[str, str], ranks: dict[str, int]) -> str:
    """The plan of the highest rank among some products, else the first of them."""
    names = [plans.get(each, each) for each in parts(product_ids, "|")]
    return max(names, key=lambda name: ranks.get(name, -1), default="")


def plans_of(product_ids: "pd.Series[str]", plans: dict[str, str], ranks: dict[str, int]) -> "pd.Series[str]":
    """`plan_of` of each row; what holds the same products is looked up once."""
    codes, distinct = pd.factorize(product_ids, use_na_sentinel=False)
    named = np.array([plan_of(ids, plans, ranks) for ids in distinct], dtype=object)
    return pd.Series(named[codes], index=product_ids.index, dtype="object")
