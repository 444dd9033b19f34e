"""Exact money: integer minor units, allocation without loss, half-up rounding done once."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

# Stripe's currencies without a minor unit, and with a thousandth.
ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"}
    | {"pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}
)
THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))


def decimals(currency: str) -> int:
    """How many decimals a currency's minor unit has at Stripe: 2, 0 (JPY) or 3 (KWD)."""
    code = currency.lower()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def major(amount: int, currency: str) -> Decimal:
    """Minor units as an exact decimal number of the currency's main unit."""
    return Decimal(amount).scaleb(-decimals(currency))


def half_up(value: Fraction | Decimal) -> int:
    """The nearest whole number; halves go away from zero."""
    exact = Fraction(value)
    whole = (abs(exact) * 2 + 1) // 2
    return int(whole) if exact >= 0 else -int(whole)


def round_places(value: Fraction, places: int) -> Decimal:
    """A fraction as a decimal number with so many places, half-up."""
    return (
        Decimal(half_up(value * 10**places))
        .scaleb(-places)
        .quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    )


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount split in proportion to weights, to the minor unit, nothing lost.

    Largest remainders get the odd units; earlier ones first. Weights that sum to 0 get nothing but the
    first, which takes all.
    """
    total = sum(weights)
    if not weights:
        return []
    if total == 0:
        return [amount] + [0] * (len(weights) - 1)
    sign = 1 if amount >= 0 else -1
    shares = [divmod(abs(amount) * weight, total) for weight in weights]
    odd = abs(amount) - sum(whole for whole, _ in shares)
    order = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    raised = set(order[:odd])
    return [sign * (whole + (index in raised)) for index, (whole, _) in enumerate(shares)]
