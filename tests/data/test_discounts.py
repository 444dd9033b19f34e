"""What coupons take off, to the minor unit."""

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.discounts import Discount, Line, discounted
from tests.data.lives import amount_off, day, discount, percent

MONTHLY = Fraction(12)


def lines(*yearly: int, periods: Fraction = MONTHLY, product: str = "prod_a") -> list[Line]:
    return [Line(f"si_{index}", product, Fraction(value), periods) for index, value in enumerate(yearly)]


def test_a_percentage_is_rounded_half_up_once() -> None:
    assert discounted(lines(1_001), [discount(percent("50"))], "usd") == [501]
    assert discounted(lines(1_001), [discount(percent("12.5"))], "usd") == [876]
    twice = [discount(percent("50")), discount(percent("50"))]
    assert discounted(lines(1_001), twice, "usd") == [250]


def test_an_amount_comes_off_every_billing_period() -> None:
    off = [discount(amount_off(10_00))]
    assert discounted(lines(120_000), off, "usd") == [108_000]
    assert discounted(lines(120_000, periods=Fraction(1)), off, "usd") == [119_000]
    assert discounted(lines(120_000, periods=Fraction(4)), off, "usd") == [116_000]


def test_an_amount_is_spread_in_proportion_and_nothing_is_lost() -> None:
    assert discounted(lines(10_000, 10_000, 10_000), [discount(amount_off(10))], "usd") == [9_960] * 3
    spread = discounted(lines(30_000, 10_000), [discount(amount_off(10_00))], "usd")
    assert spread == [21_000, 7_000]


def test_items_billed_apart_each_have_the_amount_off() -> None:
    apart = [*lines(120_000), *lines(120_000, periods=Fraction(1))]
    assert discounted(apart, [discount(amount_off(10_00))], "usd") == [108_000, 119_000]


def test_nothing_becomes_negative() -> None:
    assert discounted(lines(6_000, 2_000), [discount(amount_off(50_00))], "usd") == [0, 0]
    assert discounted(lines(6_000), [discount(percent("100"))], "usd") == [0]


def test_an_amount_in_another_currency_takes_nothing_off() -> None:
    assert discounted(lines(6_000), [discount(amount_off(100, currency="eur"))], "usd") == [6_000]


def test_a_discount_of_one_item_leaves_the_others() -> None:
    one = [discount(percent("50"), item_id="si_1")]
    assert discounted(lines(1_000, 1_000), one, "usd") == [1_000, 500]


def test_discounts_of_items_come_before_those_of_the_subscription() -> None:
    both = [discount(amount_off(10)), discount(percent("50"), item_id="si_0")]
    assert discounted(lines(1_000), both, "usd") == [380]


def test_a_coupon_reaches_only_its_products() -> None:
    only = [discount(percent("50", products=frozenset({"prod_b"})))]
    mixed = [*lines(1_000), *lines(1_000, product="prod_b")]
    assert discounted(mixed, only, "usd") == [1_000, 500]


def test_a_discount_that_stripe_did_not_show_takes_nothing_off() -> None:
    assert discounted(lines(1_000), [discount(None)], "usd") == [1_000]


@pytest.mark.parametrize(
    ("given_discount", "at", "expected"),
    [
        (discount(percent("10", "once")), "2026-01-01", False),
        (discount(percent("10"), "2026-02-01"), "2026-01-31", False),
        (discount(percent("10"), "2026-02-01"), "2026-02-01", True),
        (discount(percent("10", "repeating"), "2026-02-01", "2026-05-01"), "2026-04-30", True),
        (discount(percent("10", "repeating"), "2026-02-01", "2026-05-01"), "2026-05-01", False),
        (discount(None), "2026-01-01", False),
    ],
)
def test_in_force(given_discount: Discount, at: str, expected: bool) -> None:
    instant: datetime = day(at)
    assert given_discount.in_force(instant) is expected


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.integers(0, 10**8))
def test_what_comes_off_is_the_amount_or_all_there_is(values: list[int], off: int) -> None:
    left = discounted(lines(*values), [discount(amount_off(off))], "usd")
    assert sum(values) - sum(left) == min(off * 12, sum(values))
    assert all(0 <= after <= before for after, before in zip(left, values, strict=True))
