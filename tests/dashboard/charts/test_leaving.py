"""Churn, saves and retention as pictures: what is drawn where, and what a click on it means."""

import pandas as pd

from dashboard.charts import churn, retention, saves

MONTHS = ["2026-09", "2026-10", "2026-11"]


def test_the_month_that_is_not_over_is_a_point_of_its_own() -> None:
    frame = pd.DataFrame(
        {"month": MONTHS, "churn_rate": [0.1, None, 0.02], "stripe_rate": [0.08, 0.05, 0.01]}
    )
    ours, ours_so_far, *_ = churn.rates(frame, "customers", "2026-11").data
    assert list(ours.y) == [0.1, None]
    assert list(ours_so_far.y) == [0.02]
    assert ours_so_far.customdata[0] == [2, "2.0%, so far"]
    assert not ours_so_far.showlegend


def test_a_kind_that_never_was_is_not_drawn() -> None:
    kinds = {"voluntary": [1, 0, 2], "involuntary": [0, 0, 0], "unknown": [0, 1, 0]}
    drawn = churn.kinds(pd.DataFrame({"month": MONTHS, **kinds}), "2026-11")
    assert [bar.name for bar in drawn.data] == ["Voluntary", "Unknown"]
    assert drawn.data[0].customdata[2] == [2, "2 customers"]
    assert drawn.layout.yaxis.dtick == 1  # no half customers


def test_groups_without_rates_show_how_many() -> None:
    frame = pd.DataFrame({"group": ["A", "B"], "lost": [3, 1], "rate": [0.1, 0.02]})
    assert list(churn.groups(frame).data[0].text) == ["2.0% (1)", "10.0% (3)"]
    assert list(churn.groups(frame.assign(rate=None)).data[0].x) == [1.0, 3.0]


def test_more_lost_than_before_is_to_the_right() -> None:
    frame = pd.DataFrame({"group": ["A", "B"], "lost": [3, 1], "before": [1.0, 2.5], "change": [2.0, -1.5]})
    bar = churn.compared(frame).data[0]
    assert list(bar.text) == ["−1.5", "+2.0"]
    assert bar.customdata[1] == [0, "A: 3 against 1.0"]


def test_what_was_taken_back_is_drawn_where_it_is_known() -> None:
    frame = pd.DataFrame({"month": MONTHS, "ended": [2, 0, 1], "undone": [None, None, None]}).convert_dtypes()
    assert [bar.name for bar in saves.decided(frame, "2026-11").data] == ["Carried out"]
    drawn = saves.decided(frame.assign(undone=[None, 1, 0]), "2026-11")
    assert list(drawn.data[0].y) == [0, 1, 0]
    assert list(drawn.data[1].y) == [-2, 0, -1]


COHORTS = pd.DataFrame(
    [
        ("2026-10", "2026-10", 0, 1.0, False),
        ("2026-10", "2026-11", 1, 0.5, True),
        ("2026-11", "2026-11", 0, 1.0, True),
    ],
    columns=["cohort", "month", "age", "customers_share", "partial"],
)


def test_the_triangle_marks_what_is_not_over_and_takes_clicks() -> None:
    drawn = retention.triangle(COHORTS, "customers_share")
    heat, targets = drawn.data
    assert heat.z[0] == [1.0, 0.5]
    assert heat.z[1] == [1.0, None]
    assert len(drawn.layout.shapes) == 2
    assert targets.customdata[1] == [1, "Oct 2026, Nov 2026: 50.0%, so far"]
    assert list(targets.text) == ["100", "50", "100"]


def test_many_ages_are_drawn_without_numbers() -> None:
    many = pd.DataFrame(
        [("2024-01", "2024-01", age, 1.0, False) for age in range(30)], columns=[*COHORTS.columns]
    )
    assert retention.triangle(many, "customers_share").data[1].mode == "markers"


def test_curves_of_few_customers_wait_in_the_legend() -> None:
    curve = pd.DataFrame(
        {"days": [0, 10], "share": [1.0, 0.5], "low": [1.0, 0.2], "high": [1.0, 0.8], "left": [0, 1]}
    )
    rows = [
        curve.assign(plan=plan, at_risk=[count, count]) for plan, count in (("All", 90), ("A", 50), ("B", 3))
    ]
    drawn = retention.survival(pd.concat(rows), {"A": 1, "B": 2})
    assert [trace.visible for trace in drawn.data] == [True, True, True, True, "legendonly", "legendonly"]
    band = drawn.data[0]
    assert len(band.x) == len(band.y)
    assert list(band.x)[:3] == [0, 10, 10]
