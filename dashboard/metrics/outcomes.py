"""What became of renewals: renewed, renewed lower, lost or still open, and the rates over what fell due."""

from math import sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.explain import Explanation
from dashboard.metrics.rates.rate import rate
from dashboard.metrics.renewals import terms_of, within_selection
from dashboard.metrics.selection import Selection, ratio
from dashboard.metrics.text import parts

OUTCOMES = ("Renewed", "Renewed lower", "Lost", "Open")
SURE = 1.96
"""Standard deviations of a 95% interval."""


def told(outcomes: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Past renewals of the selection, added up (frames.outcomes_by_month), with month and term."""
    rows = within_selection(outcomes, selection)
    return rows.assign(
        month=rows["due_month"].astype("object"),
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
    return ratio(float(some.loc[some["outcome"] != "Lost", "renewals"].sum()), float(some["renewals"].sum()))


def rate_explained(rows: pd.DataFrame, named: pd.DataFrame, waiting: pd.DataFrame) -> Explanation:
    """The decided renewals, with what was due and what was kept; open ones are out.

    rows of `told` are all; named and waiting are the largest decided and open ones (frames.outcomes).
    """
    is_open = rows["outcome"] == "Open"
    included = _with_rest(named, rows.loc[~is_open])
    out = _with_rest(waiting, rows.loc[is_open]).assign(
        reason="Still open: decided within 30 days of its due date."
    )
    some = decided(rows)
    figure = rate(some["kept"].sum(), some["before"].sum(), empty="no renewal was decided")
    return Explanation(rate_by_arr, figure, included, out)


def _with_rest(named: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The renewals of a list, and in a row the others of all."""
    table = pd.DataFrame(
        {
            "customer_id": named["customer_id"],
            "customer_name": named["customer_name"],
            "part": named["outcome"],
            "interval": named["interval"],
            "currency": named["currency"],
            "falls_due_at": named["due_at"],
            "arr_start": named["before"],
            "arr_kept": named[["before", "after"]].min(axis="columns").astype("Int64"),
            "rows": 1,
        }
    )
    if more := int(rows["renewals"].sum()) - len(table):
        rest = {
            "rows": more,
            "arr_start": int(rows["before"].sum() - table["arr_start"].sum()),
            "arr_kept": int(rows["kept"].sum() - table["arr_kept"].sum()),
            "currency": table["currency"].iloc[0],
        }
        table = pd.concat([table, pd.DataFrame([rest])], ignore_index=True)
    return table


def by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """By month and outcome: month, outcome, renewals, before, after, kept."""
    grouped = rows.groupby(["month", "outcome"])
    return grouped.agg(
        renewals=("renewals", "sum"),
        before=("before", "sum"),
        after=("after", "sum"),
        kept=("kept", "sum"),
    ).reset_index()


def rates_by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """By month: month, decided, by_count, by_arr; a month in which nothing was decided is missing."""
    table = [
        (month, int(decided(some)["renewals"].sum()), rate_by_count(some), rate_by_arr(some))
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


def ranked(products: pd.DataFrame) -> tuple[dict[str, str], dict[str, int]]:
    """The plan of each product, and each plan's rank; add-ons and what is not in the catalogue come last."""
    plans = {
        str(name): str(plan) for name, plan in zip(products["product_id"], products["plan"], strict=True)
    }
    known = products.loc[(products["kind"] == "plan") & products["rank"].notna()]
    return plans, {str(plan): int(rank) for plan, rank in zip(known["plan"], known["rank"], strict=True)}


def segments(
    rows: pd.DataFrame, plans: dict[str, str], ranks: dict[str, int]
) -> dict[tuple[str, str], Segment]:
    """The renewal rate by ARR of each plan and interval; those in which nothing was decided are missing."""
    some = decided(rows)
    named = some.assign(plan=plans_of(some["product_ids"], plans, ranks))
    return {
        (str(plan), str(interval)): segment(
            int(part["renewals"].sum()), float(part["kept"].sum() / part["before"].sum())
        )
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
