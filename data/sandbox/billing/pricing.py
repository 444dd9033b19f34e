"""Line amounts as Stripe computes them: tiers, proration, discounts, taxes and the smallest charge.

Amounts are integers in minor units. Fractions of seconds are exact and each line is rounded by itself.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from data.money import allocate, decimals, half_up

Json = dict[str, Any]
MINIMUM_CHARGE = 50  # currencies with two decimals; the others have none here


def unit_price(price: Json) -> Fraction:
    """A price's amount for one unit; 0 for tiered prices."""
    text = price.get("unit_amount_decimal")
    return Fraction(Decimal(text)) if text is not None else Fraction(price.get("unit_amount") or 0)


def amount_of(price: Json, quantity: int) -> int:
    """What a quantity costs for one period, before discounts; halves are rounded up."""
    if price["billing_scheme"] == "tiered" and price.get("tiers"):
        return half_up(_tiered(price["tiers"], price["tiers_mode"], quantity))
    return half_up(unit_price(price) * _packages(price.get("transform_quantity"), quantity))


def _packages(transform: Json | None, quantity: int) -> int:
    if transform is None:
        return quantity
    whole, rest = divmod(quantity, transform["divide_by"])
    return int(whole + (1 if rest and transform["round"] == "up" else 0))


def _tiered(tiers: Sequence[Json], mode: str, quantity: int) -> Fraction:
    total, below = Fraction(0), 0
    for tier in tiers:
        top = tier["up_to"] if tier["up_to"] is not None else max(quantity, below)
        if mode == "volume":
            if quantity <= top:
                return _tier_cost(tier, quantity)
        elif quantity > below or below == 0:
            total += _tier_cost(tier, min(quantity, top) - below)
        below = top
    return total


def _tier_cost(tier: Json, units: int) -> Fraction:
    unit = Fraction(Decimal(tier.get("unit_amount_decimal") or tier.get("unit_amount") or 0))
    flat = Fraction(Decimal(tier.get("flat_amount_decimal") or tier.get("flat_amount") or 0))
    return unit * units + flat


def prorated(amount: int, start: int, end: int, at: int) -> int:
    """The share of an amount from `at` to the end of the period, rounded down (-2.5 gives -3)."""
    if end <= start:
        return 0
    return amount * (end - at) // (end - start)


def discounted(amounts: Sequence[int], coupons: Sequence[Json], currency: str) -> list[list[int]]:
    """What each coupon takes off each amount, coupon by coupon on what the ones before left.

    Nothing becomes negative, and amounts that are not positive are not discounted.
    """
    left = [max(amount, 0) for amount in amounts]
    taken: list[list[int]] = []
    for coupon in coupons:
        off = _coupon_off(left, coupon, currency)
        left = [amount - each for amount, each in zip(left, off, strict=True)]
        taken.append(off)
    return taken


def _coupon_off(left: Sequence[int], coupon: Json, currency: str) -> list[int]:
    if coupon.get("percent_off") is not None:
        share = Fraction(Decimal(str(coupon["percent_off"]))) / 100
        return [half_up(amount * share) for amount in left]
    return allocate(min(_amount_off(coupon, currency), sum(left)), left)


def _amount_off(coupon: Json, currency: str) -> int:
    if coupon.get("currency") == currency:
        return int(coupon["amount_off"])
    option: Mapping[str, Any] = (coupon.get("currency_options") or {}).get(currency) or {}
    return int(option.get("amount_off") or 0)


def taxed(amount: int, rates: Sequence[Json], tax_exempt: str) -> list[Json]:
    """The taxes on a line's amount after discounts, one a rate, as a line's `taxes`; rounded half-up.

    A customer who is exempt, or liable for the tax himself (reverse), pays none.
    """
    inclusive = sum((_percentage(rate) for rate in rates if rate["inclusive"]), Fraction(0))
    base = Fraction(amount) / (1 + inclusive)
    return [_tax(rate, amount, base, tax_exempt) for rate in rates]


def _percentage(rate: Json) -> Fraction:
    return Fraction(Decimal(str(rate["percentage"]))) / 100


def _tax(rate: Json, amount: int, base: Fraction, tax_exempt: str) -> Json:
    free = tax_exempt in ("exempt", "reverse")
    return {
        "amount": 0 if free else half_up(base * _percentage(rate)),
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": _REASONS.get(tax_exempt, "not_available"),
        "taxable_amount": 0 if free else half_up(base) if rate["inclusive"] else amount,
        "type": "tax_rate_details",
    }


_REASONS = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def too_small(amount: int, currency: str) -> bool:
    """Whether an amount is under the smallest charge, so that it goes to the customer's balance."""
    return decimals(currency) == 2 and 0 < amount < MINIMUM_CHARGE
