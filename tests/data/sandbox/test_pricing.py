"""Line amounts: tiers, packages, proration, discounts, taxes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sandbox.billing.pricing import amount_of, discounted, prorated, taxed, too_small
from data.sandbox.factory import coupon, price, tax_rate

Json = dict[str, Any]
DAY = 86_400
AMOUNTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=6)


def priced(amount: int | None, **fields: Any) -> Json:
    return price("price_1", 0, "prod_1", "usd", amount, **fields)


def tiered(mode: str) -> Json:
    tiers = [
        {"up_to": 5, "unit_amount": 1_000, "flat_amount": None},
        {"up_to": 10, "unit_amount": 800, "flat_amount": 500},
        {"up_to": None, "unit_amount": 600, "flat_amount": None},
    ]
    return priced(None, billing_scheme="tiered", tiers=tiers, tiers_mode=mode)


@pytest.mark.parametrize(
    ("quantity", "graduated", "volume"),
    [
        (0, 0, 0),
        (1, 1_000, 1_000),
        (5, 5_000, 5_000),
        (6, 6_300, 5_300),
        (10, 9_500, 8_500),
        (12, 10_700, 7_200),
    ],
)
def test_tiers(quantity: int, graduated: int, volume: int) -> None:
    assert amount_of(tiered("graduated"), quantity) == graduated
    assert amount_of(tiered("volume"), quantity) == volume


def test_quantity_packages_and_decimals() -> None:
    assert amount_of(priced(2_900), 7) == 20_300
    assert amount_of(priced(None, unit_amount_decimal="0.5"), 3) == 2
    packages = priced(1_000, transform_quantity={"divide_by": 10, "round": "up"})
    assert [amount_of(packages, quantity) for quantity in (1, 10, 11)] == [1_000, 1_000, 2_000]


@pytest.mark.parametrize(
    ("amount", "days", "left", "expected"),
    [
        (1_000, 30, 15, 500),
        (-1_000, 30, 15, -500),
        (-5, 2, 1, -3),  # rounded down, as recorded from Stripe: -2.5 is -3, 4.5 is 4
        (9, 2, 1, 4),
        (120_000, 365, 183, 60_164),
        (1_000, 30, 0, 0),
        (1_000, 30, 30, 1_000),
    ],
)
def test_proration_takes_the_exact_share_and_rounds_down(
    amount: int, days: int, left: int, expected: int
) -> None:
    assert prorated(amount, 0, days * DAY, (days - left) * DAY) == expected


def percent(value: float) -> Json:
    return coupon("P", 0, "forever", percent_off=value)


def off(value: int, currency: str = "usd") -> Json:
    return coupon("A", 0, "forever", amount_off=value, currency=currency)


@pytest.mark.parametrize(
    ("amounts", "coupons", "expected"),
    [
        ([10_000, 5_000], [percent(20)], [[2_000, 1_000]]),
        ([999], [percent(12.5)], [[125]]),
        ([10_000, 5_000], [off(1_000)], [[667, 333]]),
        ([300, -200], [off(1_000)], [[300, 0]]),
        ([10_000], [percent(50), off(1_000)], [[5_000], [1_000]]),
        ([10_000], [off(1_000), percent(50)], [[1_000], [4_500]]),
        ([10_000], [off(1_000, "eur")], [[0]]),
    ],
)
def test_discounts(amounts: list[int], coupons: list[Json], expected: list[list[int]]) -> None:
    assert discounted(amounts, coupons, "usd") == expected


@given(amounts=AMOUNTS, value=st.integers(1, 20_000_000))
def test_an_amount_off_is_spread_without_loss_and_never_goes_below_zero(
    amounts: list[int], value: int
) -> None:
    (taken,) = discounted(amounts, [off(value)], "usd")
    assert sum(taken) == min(value, sum(amounts))
    assert all(0 <= each <= amount for each, amount in zip(taken, amounts, strict=True))


@given(amounts=AMOUNTS, value=st.floats(0.01, 100).map(lambda number: round(number, 2)))
def test_a_percentage_never_takes_more_than_there_is(amounts: list[int], value: float) -> None:
    (taken,) = discounted(amounts, [percent(value)], "usd")
    assert all(0 <= each <= amount for each, amount in zip(taken, amounts, strict=True))


@pytest.mark.parametrize(
    ("amount", "inclusive", "exempt", "tax", "base"),
    [
        (10_000, False, "none", 1_900, 10_000),
        (-1_005, False, "none", -191, -1_005),
        (11_900, True, "none", 1_900, 10_000),
        (10_000, False, "reverse", 0, 0),
        (10_000, False, "exempt", 0, 0),
    ],
)
def test_taxes(amount: int, inclusive: bool, exempt: str, tax: int, base: int) -> None:
    rate = tax_rate("txr_1", 0, "DE", "19", "MwSt", inclusive=inclusive)
    (found,) = taxed(amount, [rate], exempt)
    assert (found["amount"], found["taxable_amount"]) == (tax, base)


def test_amounts_under_the_smallest_charge() -> None:
    cases = [(0, "usd"), (1, "usd"), (49, "eur"), (50, "gbp"), (49, "jpy"), (-10, "usd")]
    assert [too_small(*case) for case in cases] == [False, True, True, False, False, False]
