"""Money is exact: nothing is lost in allocation, halves go up, decimals follow the currency."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.money import allocate, decimals, half_up, major, round_places


@pytest.mark.parametrize(("currency", "places"), [("usd", 2), ("JPY", 0), ("kwd", 3), ("isk", 2)])
def test_decimals(currency: str, places: int) -> None:
    assert decimals(currency) == places


def test_major() -> None:
    assert major(123456, "usd") == Decimal("1234.56")
    assert major(123456, "jpy") == Decimal(123456)
    assert major(-5, "kwd") == Decimal("-0.005")


@pytest.mark.parametrize(
    ("value", "whole"),
    [(Fraction(5, 2), 3), (Fraction(-5, 2), -3), (Fraction(7, 3), 2), (Decimal("0.49"), 0), (Fraction(0), 0)],
)
def test_half_up(value: Fraction | Decimal, whole: int) -> None:
    assert half_up(value) == whole


def test_round_places_as_published() -> None:
    """Kill Bill's documentation: 18.29 a year is 1.5242 a month."""
    assert round_places(Fraction(1829, 1200), 4) == Decimal("1.5242")


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_allocation_loses_nothing(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert len(parts) == len(weights)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_allocation_is_fair_to_a_unit(amount: int, weights: list[int]) -> None:
    total = sum(weights)
    for part, weight in zip(allocate(amount, weights), weights, strict=True):
        assert abs(Fraction(amount * weight, total) - part) < 1


def test_allocation_of_nothing() -> None:
    assert allocate(7, []) == []
    assert allocate(7, [0, 0]) == [7, 0]
    assert allocate(-10, [1, 1, 1]) == [-4, -3, -3]
