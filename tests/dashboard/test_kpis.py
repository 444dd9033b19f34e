"""Key figures: their change, their sign, and what of a spark can be drawn."""

import pytest

from dashboard import kpis
from dashboard.metrics import churn, kinds, plan_mix
from dashboard.metrics.rates.mrr import quick_ratio


def test_a_change_has_our_own_minus_and_points_down_by_itself() -> None:
    fell = kpis.money(plan_mix.run_rate, 12_000, "usd", before=24_000)
    assert fell.delta == "−$10"
    assert kpis._change(fell) == {"delta": "−\\$10", "delta_color": "inverse", "delta_arrow": "down"}


@pytest.mark.parametrize(
    ("now", "before", "rise", "colour"),
    [
        (2, 1, "normal", "normal"),
        (1, 2, "normal", "inverse"),
        (1, 2, "inverse", "normal"),
        (1, 2, "off", "off"),
    ],
)
def test_a_loss_has_the_colour_of_a_loss(now: int, before: int, rise: str, colour: str) -> None:
    figure = kpis.count(churn.lost, now, before=before, rise=rise)
    assert kpis._change(figure)["delta_color"] == colour


def test_no_change_is_a_plain_zero_and_nothing_known_is_no_change() -> None:
    assert kpis.count(churn.lost, 2, before=2).delta == 0
    assert kpis.count(churn.lost, None, before=2).delta is None
    assert kpis.share(churn.churn_rate, None, before=0.1).value == "–"


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (-12_000, -24_000, {"delta": "\\$10 less lost", "delta_color": "normal", "delta_arrow": "down"}),
        (-24_000, -12_000, {"delta": "\\$10 more lost", "delta_color": "inverse", "delta_arrow": "up"}),
        (-24_000, -24_000, {"delta": 0, "delta_color": "normal"}),
        (None, -24_000, {"delta": None, "delta_color": "normal"}),
    ],
)
def test_less_lost_than_before_is_no_rise(now: int | None, before: int, told: dict[str, object]) -> None:
    assert kpis._change(kpis.lost(kinds.churned, now, "usd", before=before)) == told


def test_a_ratio_has_one_decimal() -> None:
    assert kpis.number(quick_ratio, 2.46, before=3.0).value == "2.5"
    assert kpis.number(quick_ratio, 2.46, before=3.0).delta == "−0.5"
    assert kpis.number(quick_ratio, None).value == "–"


@pytest.mark.parametrize(
    ("spark", "drawn"),
    [(None, None), ([], None), ([1], None), ([None, 1, None, 2], [1, 1, 2]), ([None, None], None)],
)
def test_a_spark_begins_with_its_first_known_figure(
    spark: list[float | None] | None, drawn: list[float] | None
) -> None:
    assert kpis._drawn(spark) == drawn
