"""Billing periods: month ends are kept, every instant has exactly one period."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sandbox.billing.periods import period_at, same_interval, shifted
from tests.data.sandbox.scenario import at, day


@pytest.mark.parametrize(
    ("anchor", "interval", "count", "expected"),
    [
        ("2026-01-31", "month", 1, "2026-02-28"),
        ("2026-01-31", "month", 2, "2026-03-31"),
        ("2024-01-31", "month", 1, "2024-02-29"),
        ("2024-02-29", "year", 1, "2025-02-28"),
        ("2026-11-30", "month", 3, "2027-02-28"),
        ("2026-12-30", "week", 1, "2027-01-06"),
        ("2026-12-30", "day", 3, "2027-01-02"),
    ],
)
def test_an_anchor_moves_by_calendar_units(anchor: str, interval: str, count: int, expected: str) -> None:
    assert day(shifted(at(anchor), interval, count)) == expected


@pytest.mark.parametrize(
    ("instant", "start", "end"),
    [
        ("2026-01-31", "2026-01-31", "2026-02-28"),
        ("2026-02-28", "2026-02-28", "2026-03-31"),
        ("2026-02-28 09:59", "2026-01-31", "2026-02-28"),
        ("2027-05-15", "2027-04-30", "2027-05-31"),
        ("2025-12-31", "2025-12-31", "2026-01-31"),
    ],
)
def test_the_period_that_contains_an_instant(instant: str, start: str, end: str) -> None:
    monthly = {"interval": "month", "interval_count": 1}
    found = period_at(at("2026-01-31"), monthly, at(instant))
    assert (day(found[0]), day(found[1])) == (start, end)


@given(
    anchor=st.integers(1_500_000_000, 1_900_000_000),
    interval=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 6),
    distance=st.integers(-100_000_000, 200_000_000),
)
def test_every_instant_lies_in_one_period_and_periods_join(
    anchor: int, interval: str, count: int, distance: int
) -> None:
    recurring = {"interval": interval, "interval_count": count}
    start, end = period_at(anchor, recurring, anchor + distance)
    assert start <= anchor + distance < end
    assert period_at(anchor, recurring, end)[0] == end


def test_twelve_months_are_as_long_as_a_year() -> None:
    year, months = {"interval": "year", "interval_count": 1}, {"interval": "month", "interval_count": 12}
    week = {"interval": "week", "interval_count": 1}
    assert same_interval(year, months)
    assert not same_interval(week, {"interval": "day", "interval_count": 1})
    assert not same_interval(year, {"interval": "month", "interval_count": 1})
