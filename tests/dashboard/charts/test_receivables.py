"""Receivables as pictures: amounts where they belong, places that lead to the table, visible colours."""

import pandas as pd
import pytest

from dashboard.charts import palette
from dashboard.charts import receivables as charts
from dashboard.metrics import receivables
from tests.dashboard.charts.test_palette import DARK, LIGHT, contrast
from tests.dashboard.metrics.test_receivables import SOME


def test_a_column_for_each_age_that_leads_to_its_row() -> None:
    drawn = charts.by_age(receivables.by_age(SOME), "usd")
    (bar,) = drawn.data
    assert list(bar.y) == [1.0, 0.5, 0.0, 0.3, 0.0, 0.2]
    assert [place for place, _ in bar.customdata] == list(range(6))
    assert bar.customdata[3][1] == "61–90 days: $0.30 in 2 invoices of 1 customer"
    assert bar.text[2] == ""
    assert charts.by_age(receivables.by_age(SOME.head(0)), "usd").layout.yaxis.range[1] == 1


def test_months_are_stacked_by_age_and_the_partial_one_is_lighter() -> None:
    zeros = {name: [0, 0] for name in receivables.AGES}
    frame = pd.DataFrame(zeros | {"1-30": [100, 200]})
    drawn = charts.over_time(frame, "usd", ["2026-05", "2026-06"], "2026-06")
    assert [bar.name for bar in drawn.data] == list(receivables.AGES.values())
    assert list(drawn.data[1].y) == [1.0, 2.0]
    assert drawn.data[1].marker.opacity[0] > drawn.data[1].marker.opacity[1]
    assert [note.text for note in drawn.layout.annotations] == ["so far"]


def test_only_outcomes_that_there_were() -> None:
    rows = {"month": ["2026-05"], "outcome": ["recovered"], "amount": [300], "invoices": [1]}
    drawn = charts.recovery(receivables.recovery(pd.DataFrame(rows)), "usd", None)
    assert [bar.name for bar in drawn.data] == ["Recovered"]
    assert list(drawn.data[0].y) == [3.0]


@pytest.mark.parametrize("paper", [LIGHT, DARK])
def test_colours_are_seen_on_light_and_on_dark(paper: str) -> None:
    assert min(contrast(colour, paper) for colour in (*palette.AGES, *palette.FATES.values())) > 3
