"""Recurring discounts: what coupons take off the yearly value of a subscription's items.

`forever` and `repeating` coupons reduce the value while they are in force, `once` never does. An amount off
is an amount each billing period, so a year holds it as often as the item is billed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import lcm

from data.money import allocate, half_up


@dataclass(frozen=True, slots=True)
class Coupon:
    """What a coupon takes off: a percentage, or an amount in minor units of its currencies."""

    id: str
    duration: str | None
    percent_off: Fraction | None = None
    amounts_off: tuple[tuple[str, int], ...] = ()  # (currency, minor units)
    products: frozenset[str] | None = None  # None: any product

    def amount_off(self, currency: str | None) -> int:
        """The amount off in a currency; 0 when the coupon has none in it."""
        return dict(self.amounts_off).get(currency or "", 0)


@dataclass(frozen=True, slots=True)
class Discount:
    """A coupon applied to a subscription, or to one of its items, for a time."""

    coupon: Coupon | None  # None: Stripe gave only the discount's id
    item_id: str | None
    start: datetime | None
    end: datetime | None
    id: str | None = None
    of_customer: bool = False  # given to the customer as a whole

    def in_force(self, at: datetime) -> bool:
        """Whether it recurs and holds at an instant; the end is exclusive."""
        if self.coupon is None or self.coupon.duration not in ("forever", "repeating"):
            return False
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


def reducing(discounts: Iterable[Discount], at: datetime) -> list[Discount]:
    """Those in force at an instant: a customer's own reaches only subscriptions that have none then."""
    found = [each for each in discounts if each.in_force(at)]
    return [each for each in found if not each.of_customer] or found


@dataclass(frozen=True, slots=True)
class Line:
    """An item to be discounted: its exact yearly value and how often a year it is billed."""

    item_id: str | None
    product_id: str | None
    yearly: Fraction
    periods_per_year: Fraction


def applies(discount: Discount, line: Line) -> bool:
    """Whether a discount reaches an item."""
    coupon = discount.coupon
    if coupon is None or discount.item_id not in (None, line.item_id):
        return False
    return coupon.products is None or line.product_id in coupon.products


def in_order(discounts: Sequence[Discount]) -> list[Discount]:
    """Discounts as they are taken off: those of single items first, each in Stripe's order."""
    return sorted(discounts, key=lambda each: each.item_id is None)


def discounted(lines: Sequence[Line], discounts: Sequence[Discount], currency: str | None) -> list[int]:
    """Yearly values in whole minor units after discounts, one a line, never below 0; rounded half-up once.

    Discounts of single items come first, then those of the subscription, each in Stripe's order.
    """
    values = [line.yearly for line in lines]
    for discount in in_order(discounts):
        _take_off(values, lines, discount, currency)
    return [max(0, half_up(value)) for value in values]


def _take_off(
    values: list[Fraction], lines: Sequence[Line], discount: Discount, currency: str | None
) -> None:
    reached = [index for index, line in enumerate(lines) if applies(discount, line)]
    coupon = discount.coupon
    if coupon is None:
        return
    if coupon.percent_off is not None:
        for index in reached:
            values[index] *= 1 - coupon.percent_off / 100
        return
    # Items billed together share one invoice, and the amount comes off every invoice.
    for periods in {lines[index].periods_per_year: None for index in reached}:
        together = [index for index in reached if lines[index].periods_per_year == periods]
        shares = _spread(coupon.amount_off(currency) * periods, [values[index] for index in together])
        for index, share in zip(together, shares, strict=True):
            values[index] = max(Fraction(0), values[index] - share)


def _spread(amount: Fraction, values: Sequence[Fraction]) -> list[int]:
    """A yearly amount over values in proportion, to the minor unit; no more than there is."""
    scale = lcm(*(value.denominator for value in values))
    whole = half_up(min(amount, sum(values, Fraction(0))))
    return allocate(whole, [int(value * scale) for value in values])
