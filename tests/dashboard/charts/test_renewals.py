"""Renewals drawn: a scale for each term, points that name their row, ranges that begin at the expected."""

import pandas as pd

from dashboard.charts import renewals
from dashboard.metrics import outcomes

MONTHS = ["2026-10", "2026-11"]


def test_a_scale_for_each_term_and_a_place_for_each_column() -> None:
    frame = pd.DataFrame(
        [("2026-11", "Yearly", True, 1, 1200), ("2026-10", "Monthly", False, 2, 600)],
        columns=renewals.MONTHS,
    )
    drawn = renewals.by_month(frame, MONTHS, ["Yearly", "Monthly"], "usd")
    assert [(bar.name, bar.yaxis, list(bar.y)) for bar in drawn.data] == [
        ("No risk seen", "y", []),
        ("At risk", "y", [12.0]),
        ("No risk seen", "y2", [6.0]),
        ("At risk", "y2", []),
    ]
    assert [[place for place, _ in bar.customdata] for bar in drawn.data] == [[], [0], [1], []]
    assert drawn.layout.yaxis.domain[0] > drawn.layout.yaxis2.domain[1]
    assert [note.text for note in drawn.layout.annotations] == ["Yearly", "Monthly"]
    assert drawn.layout.xaxis.range[0] < drawn.data[2].x[0] < drawn.data[1].x[0] < drawn.layout.xaxis.range[1]


def test_nothing_is_drawn_of_nothing() -> None:
    assert len(renewals.by_month(pd.DataFrame(columns=renewals.MONTHS), MONTHS, [], "usd").data) == 0


def test_outcomes_without_any_renewal_are_not_in_the_legend() -> None:
    rows = [("2026-10", "Renewed", 2, 1200), ("2026-11", "Lost", 1, 600)]
    frame = pd.DataFrame(rows, columns=["month", "outcome", "renewals", "before"])
    drawn = renewals.outcomes(frame, "usd", "2026-11")
    assert [(bar.name, list(bar.y), bar.customdata[0][0]) for bar in drawn.data] == [
        ("Renewed", [12.0], 0),
        ("Lost", [6.0], 1),
    ]
    assert {bar.name for bar in drawn.data} <= set(outcomes.OUTCOMES) == set(renewals.OUTCOMES)


def test_a_forecast_has_its_range() -> None:
    frame = pd.DataFrame(
        {"month": ["2026-11"], "arr": [1000], "expected": [800], "low": [500], "high": [900]}
    )
    due, expected = renewals.forecast(frame, "usd").data
    assert (due.y, expected.y) == ((10.0,), (8.0,))
    assert (expected.error_y.array, expected.error_y.arrayminus) == ((1.0,), (3.0,))
