"""Figures: what is drawn is what the frame says, and the partial month is marked."""

import pandas as pd
import pytest

from dashboard.charts import churn, palette, plan_mix, template

MONTHS = ["2026-10", "2026-11"]


@pytest.fixture
def history() -> pd.DataFrame:
    rows = [
        (month, plan, arr, 3)
        for plan, arr in (("Professional", 1200), ("Business", 2400))
        for month in MONTHS
    ]
    return pd.DataFrame(rows, columns=["month", "plan", "arr", "customers"])


def test_plan_mix_draws_mrr_in_the_plans_own_colours(history: pd.DataFrame) -> None:
    drawn = plan_mix.over_time(history, "arr", "usd", {"Professional": 1, "Business": 2}, "2026-11")
    assert [bar.name for bar in drawn.data] == ["Professional", "Business"]
    assert [bar.marker.color for bar in drawn.data] == [palette.PLANS[1], palette.PLANS[2]]
    assert list(drawn.data[1].y) == [2.0, 2.0]
    assert tuple(drawn.data[1].customdata[0]) == (2, "$2.00")


def test_the_partial_month_is_lighter_and_labelled(history: pd.DataFrame) -> None:
    drawn = plan_mix.over_time(history, "customers", "usd", {}, "2026-11")
    assert list(drawn.data[0].marker.opacity) == [1.0, template.PARTIAL]
    assert [note.text for note in drawn.layout.annotations] == ["so far"]
    whole = plan_mix.over_time(history, "customers", "usd", {}, "2026-12")
    assert not whole.layout.annotations


def test_yen_has_no_decimals_to_divide_by() -> None:
    assert template.major([120], "jpy") == [120.0]
    assert template.major([120], "kwd") == [0.12]


def test_changes_are_either_side_of_nothing() -> None:
    frame = pd.DataFrame({"plan": ["Professional", "Business"], "arr_change": [12_000, -2_400]})
    drawn = plan_mix.changes(frame, "usd")
    assert list(drawn.data[0].text) == ["−$2", "+$10"]
    assert list(drawn.data[0].marker.color) == [palette.LOSS, palette.GAIN]
    low, high = drawn.layout.xaxis.range
    assert low < -2
    assert high > 10


def test_losses_are_drawn_below_the_line() -> None:
    frame = pd.DataFrame({"month": MONTHS, "new": [3, 1], "won_back": [0, 1], "lost": [2, 0]})
    drawn = churn.flow(frame, None)
    assert {bar.name: list(bar.y) for bar in drawn.data} == {
        "New": [3, 1],
        "Won back": [0, 1],
        "Lost": [-2, 0],
    }


def test_nothing_is_drawn_of_nothing() -> None:
    reasons = pd.DataFrame({"voluntary": ["unknown"], "why": ["Not given"], "customers": [1], "arr": [0]})
    assert churn.reasons(reasons).data[0].name == "Unknown"


def test_the_reason_of_most_customers_is_on_top_whatever_its_kinds() -> None:
    rows = [("voluntary", "Not given", 4), ("voluntary", "Unused", 3), ("unknown", "Not given", 1)]
    reasons = pd.DataFrame(rows, columns=["voluntary", "why", "customers"])
    assert churn.reasons(reasons).layout.yaxis.categoryarray == ("Unused", "Not given")
