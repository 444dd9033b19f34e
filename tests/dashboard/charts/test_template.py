"""Axes as people read them: the minus before the currency, thousands shortened, a year told once."""

from datetime import date

import pytest

from dashboard.charts import template


@pytest.mark.parametrize(
    ("currency", "values", "told"),
    [
        ("usd", [-3_300.0, 173.0], ["−$4k", "−$3k", "−$2k", "−$1k", "$0", "$1k"]),
        ("eur", [-0.5, 0.25], ["−€0.6", "−€0.4", "−€0.2", "€0", "€0.2", "€0.4"]),
        ("jpy", [-1_400_000.0], ["−¥1.5M", "−¥1M", "−¥500k", "¥0"]),
        ("usd", [-2e9, 4e9], ["−$2B", "$0", "$2B", "$4B"]),
    ],
)
def test_an_axis_below_zero_has_its_minus_before_the_currency(
    currency: str, values: list[float], told: list[str]
) -> None:
    axis = template.money_axis(currency, values)
    assert axis["ticktext"] == told
    assert len(axis["tickvals"]) == len(told)  # type: ignore[arg-type]


def test_an_axis_above_zero_is_left_to_plotly_without_milli() -> None:
    axis = template.money_axis("gbp", [0.2, 30.0])
    assert axis == {"tickprefix": "£", "exponentformat": "B", "minexponent": 2}


def test_stacked_columns_reach_as_far_as_their_sums() -> None:
    assert template.ends([[1.0, 2.0], [-3.0, 4.0], [-1.0, float("nan")]]) == [-4.0, 1.0, 0, 6.0]
    assert template.ends([]) == []


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["2026-03", "2026-04"], ["Mar<br>2026", "Apr"]),
        (["2025-12", "2026-01", "2026-02"], ["Dec", "Jan<br>2026", "Feb"]),
        (["2025-11", "2026-01", "2025-12", "2025-12"], ["Nov<br>2025", "Dec", "Jan<br>2026"]),
    ],
)
def test_a_year_stands_under_its_first_month(codes: list[str], told: list[str]) -> None:
    assert template.month_axis(codes)["ticktext"] == told


def test_some_weeks_are_named_by_their_days() -> None:
    assert template.day_axis(date(2026, 11, 1), date(2026, 11, 22))["tickformat"] == "%-d %b"
    assert template.day_axis(date(2026, 1, 1), date(2026, 11, 22))["tickformat"] == "%b\n%Y"


def test_of_many_months_as_many_are_named_as_fit() -> None:
    many = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)]
    assert template.month_axis(many)["tickformat"] == "%b\n%Y"
    assert "tickvals" not in template.month_axis([])


def test_few_are_counted_without_halves() -> None:
    assert template.count_axis(4) == {"tickformat": ",d", "dtick": 1}
    assert template.count_axis(5) == {"tickformat": ",d"}
