"""The yearly value of prices, exact."""

from fractions import Fraction

import pytest

from data.valuation import Tier, billed_units, exact, graduated, is_recurring, tiers_of, volume, yearly
from tests.data.lives import price

TIERS = (
    Tier(5, Fraction(500), Fraction(0)),
    Tier(10, Fraction(400), Fraction(1000)),
    Tier(None, Fraction(300), Fraction(0)),
)


@pytest.mark.parametrize(
    ("interval", "count", "expected"),
    [
        ("month", 1, 12_000),
        ("month", 3, 4_000),
        ("month", 6, 2_000),
        ("year", 1, 1_000),
        ("year", 3, Fraction(1_000, 3)),
        ("week", 1, 52_000),
        ("day", 1, 365_000),
        ("day", 7, Fraction(365_000, 7)),
    ],
)
def test_every_interval_has_an_exact_year(interval: str, count: int, expected: Fraction) -> None:
    assert yearly(price(1_000, interval, count), 1) == expected


def test_a_decimal_of_a_cent_is_not_rounded_before_the_year() -> None:
    assert yearly(price("0.005"), 1_000) == 60
    assert exact("12.3456789012", 12) == Fraction("12.3456789012")
    assert exact(None, 12) == 12
    assert exact(None, None) is None


@pytest.mark.parametrize(
    ("quantity", "by_tier", "by_volume"),
    [
        (0, 0, 0),
        (1, 500, 500),
        (5, 2_500, 2_500),
        (6, 3_900, 3_400),
        (10, 5_500, 5_000),
        (11, 5_800, 3_300),
    ],
)
def test_tiers(quantity: int, by_tier: int, by_volume: int) -> None:
    assert graduated(TIERS, quantity) == by_tier
    assert volume(TIERS, quantity) == by_volume


def test_a_first_flat_amount_is_due_at_no_units() -> None:
    flat = (Tier(10, Fraction(0), Fraction(5_000)), Tier(None, Fraction(100), Fraction(0)))
    assert graduated(flat, 0) == 5_000
    assert graduated(flat, 12) == 5_200


def test_tiers_as_stripe_gives_them() -> None:
    given = [
        {"up_to": None, "unit_amount": 300, "unit_amount_decimal": "300", "flat_amount": None},
        {"up_to": 5, "unit_amount": None, "unit_amount_decimal": "500.5", "flat_amount": 10},
    ]
    assert tiers_of(given) == (
        Tier(5, Fraction("500.5"), Fraction(10)),
        Tier(None, Fraction(300), Fraction(0)),
    )


def test_a_tiered_price_is_worth_its_tiers() -> None:
    tiered = price(0, tiers_mode="graduated", tiers=TIERS, unit_amount=None)
    assert yearly(tiered, 6) == 3_900 * 12
    assert yearly(price(0, tiers_mode="volume", tiers=TIERS, unit_amount=None), 6) == 3_400 * 12


def test_a_tiered_price_without_its_tiers_has_no_value_that_is_known() -> None:
    assert yearly(price(0, tiers_mode="graduated", unit_amount=None), 6) is None


@pytest.mark.parametrize(("round_up", "units"), [(True, 3), (False, 2)])
def test_units_are_billed_in_packs(round_up: bool, units: int) -> None:
    packed = price(1_000, divide_by=10, round_up=round_up)
    assert billed_units(packed, 25) == units
    assert yearly(packed, 25) == units * 12_000


def test_a_licensed_item_without_a_quantity_has_one() -> None:
    assert yearly(price(1_000), None) == 12_000


def test_metered_and_one_off_prices_do_not_recur() -> None:
    assert is_recurring(price())
    assert not is_recurring(price(usage_type="metered"))
    assert not is_recurring(price(interval=None))
