"""Growth and the parts of plan mix as pictures: what is drawn is what the frames say."""

import pandas as pd
import pytest

from dashboard.charts import growth, mix, palette, template
from dashboard.metrics.growth import STEPS

CODES = ["2026-10", "2026-11"]


@pytest.fixture
def months() -> pd.DataFrame:
    zeros = {step: [0, 0] for step in STEPS}
    moved = {"new": [1200, 2400], "churn": [-600, 0], "net_new": [600, 2400]}
    return pd.DataFrame({"month": CODES, **zeros, **moved, "start": [0, 600], "end": [600, 3000]})


def test_mrr_stands_above_what_moved_it(months: pd.DataFrame) -> None:
    drawn = growth.with_movements(months, ["new", "churn"], "usd", "2026-11")
    line, *bars = drawn.data
    assert list(line.y) == [0.5, 2.5]
    assert {bar.name: list(bar.y) for bar in bars} == {"New": [1.0, 2.0], "Churn": [-0.5, 0.0]}
    assert {bar.yaxis for bar in bars} == {"y2"}
    assert [note.text for note in drawn.layout.annotations] == ["so far"]
    assert tuple(line.customdata[1]) == (1, "$2.50")


def test_a_waterfall_stands_on_the_ground_at_both_ends() -> None:
    steps = pd.DataFrame({"step": ["start", "new", "churn", "end"], "arr": [12000, 6000, -3600, 14400]})
    bars = growth.waterfall(steps, "usd").data[0]
    assert list(bars.base) == [0.0, 10.0, 12.0, 0.0]
    assert list(bars.y) == [10.0, 5.0, 3.0, 12.0]
    assert list(bars.text) == ["$10", "+$5", "−$3", "$12"]
    assert list(bars.marker.color)[1:3] == [palette.MOVEMENTS["new"], palette.MOVEMENTS["churn"]]


def test_a_flow_leads_from_left_to_right_in_the_plans_colours() -> None:
    frame = pd.DataFrame(
        {
            "source": ["Starter", "Team", "Team"],
            "target": ["Team", "Starter", "Pro"],
            "customers": [3, 1, 2],
            "arr": [3600, 1200, 2400],
        }
    )
    sankey = mix.flows(frame, "customers", "usd", {"Team": 2}).data[0]
    assert list(sankey.node.label) == ["Starter, 3", "Team, 3", "Team, 3", "Starter, 1", "Pro, 2"]
    assert list(sankey.link.source) == [0, 1, 1]
    assert list(sankey.link.target) == [2, 3, 4]
    assert sankey.node.color[1] == sankey.node.color[2] == palette.PLANS[2]
    assert list(mix.flows(frame, "arr", "usd", {}).data[0].link.value) == [3.0, 1.0, 2.0]


def test_shares_are_columns_of_the_whole() -> None:
    frame = pd.DataFrame(
        {"month": CODES * 2, "interval": ["1month"] * 2 + ["1year"] * 2, "share": [0.25, None, 0.75, None]}
    )
    drawn = mix.shares(frame, "interval", {"1year": "Yearly"}, ("#111111", "#222222"), "2026-11")
    assert [bar.name for bar in drawn.data] == ["1month", "Yearly"]
    assert list(drawn.data[1].y) == [0.75, None]
    assert list(drawn.data[1].marker.opacity) == [1.0, template.PARTIAL]
    assert tuple(drawn.data[1].customdata[0]) == (2, "75.0%")


def test_plans_without_a_discount_are_not_drawn() -> None:
    frame = pd.DataFrame({"plan": ["Pro", "Team"], "off": [0, 120], "depth": [0.0, 0.1]})
    assert list(mix.discounts(frame, {}).data[0].y) == ["Team"]
