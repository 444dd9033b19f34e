"""Cohorts: month 0 is the whole, gaps count as nothing, the current month is marked."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.rates.cohorts import arr_kept, cohorts, customers_kept
from dashboard.metrics.selection import Selection

MONTHS = ("2026-08", "2026-09", "2026-10")
ARR = {"": 0, "prod_a:1month": 120_00, "prod_b:1year": 99_00}
lives = st.lists(
    st.tuples(*[st.sampled_from([*ARR])] * len(MONTHS)).filter(lambda life: any(life)), max_size=25
)


def cohort_of(life: tuple[str, ...]) -> str:
    return next(month for month, held in zip(MONTHS, life, strict=True) if held)


def frames_of(customers: list[tuple[str, ...]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run rate and customers by cohort, as data.frames gives them."""
    arr: Counter[tuple[str, ...]] = Counter()
    counted: Counter[tuple[str, ...]] = Counter()
    for life in customers:
        for month, held in zip(MONTHS, life, strict=True):
            if held:
                arr[(cohort_of(life), month, "usd", *held.split(":"))] += ARR[held]
                counted[cohort_of(life), month, "usd", held] += 1
    key = ["cohort", "month", "currency"]
    return (
        pd.DataFrame(
            [(*cell, n) for cell, n in arr.items()], columns=[*key, "product_id", "interval", "arr"]
        ),
        pd.DataFrame([(*cell, n) for cell, n in counted.items()], columns=[*key, "portfolio", "subscribers"]),
    )


@given(lives)
def test_the_first_month_is_the_whole(customers: list[tuple[str, ...]]) -> None:
    frame = cohorts(*frames_of(customers), Selection("usd", MONTHS), MONTHS[-1])
    first = frame[frame["age"] == 0]
    assert (first["customers_share"] == 1).all()
    assert (first["arr_share"] == 1).all()
    assert (frame["partial"] == (frame["month"] == "2026-10")).all()
    ends = {month: sum(bool(life[place]) for life in customers) for place, month in enumerate(MONTHS)}
    totals = frame.groupby("month")["customers"].sum()
    assert {month: int(totals.get(month, 0)) for month in MONTHS} == ends


def test_a_cohort_month_by_month() -> None:
    customers = [
        ("prod_a:1month", "prod_a:1month", "prod_a:1month"),
        ("prod_a:1month", "", "prod_a:1month"),
        ("prod_b:1year", "", ""),
        ("", "prod_b:1year", ""),
    ]
    frame = cohorts(*frames_of(customers), Selection("usd", MONTHS), MONTHS[-1])
    august = frame[frame["cohort"] == "2026-08"]
    assert august["customers"].tolist() == [3, 1, 2]
    assert august["arr"].tolist() == [339_00, 120_00, 240_00]
    assert august["customers_share"].tolist() == pytest.approx([1, 1 / 3, 2 / 3])
    assert frame[frame["cohort"] == "2026-09"]["customers"].tolist() == [1, 0]


def test_only_the_selected_plans_and_cohorts() -> None:
    customers = [("prod_a:1month", "prod_b:1year", ""), ("", "prod_a:1month", "prod_a:1month")]
    chosen = Selection("usd", MONTHS[1:], frozenset({"prod_a"}))
    frame = cohorts(*frames_of(customers), chosen, MONTHS[-1])
    assert frame[["cohort", "customers"]].to_numpy().tolist() == [["2026-09", 1], ["2026-09", 1]]


def test_a_cohort_that_holds_the_plan_only_later_has_no_rate() -> None:
    frame = cohorts(
        *frames_of([("prod_a:1month", "prod_b:1year", "")]),
        Selection("usd", MONTHS, frozenset({"prod_b"})),
        MONTHS[-1],
    )
    assert frame["customers"].tolist() == [0, 1, 0]
    assert frame["customers_share"].isna().all()
    assert customers_kept(0, 1).reason == "nobody of the cohort was subscribed at the end of its first month"
    assert arr_kept(0, 1).value is None
