"""What an entry of the catalogue costs at list: its rule at a capacity."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from data.catalog import Addon, ListPrice, Plan
from data.list_prices import Tier
from data.money import half_up


def list_amount(
    entry: Plan | Addon, price: ListPrice, capacity: int, base: int, uptime: Decimal | None
) -> int:
    """Minor units for an interval at a capacity; base: the plan's list amount; uptime: the tier promised."""
    if entry.rule == "percent":
        amount = half_up(Fraction(base) * Fraction(entry.percent or 0) / 100)
    elif entry.rule == "graduated":
        amount = graduated(price.tiers, capacity)
    elif entry.rule == "volume":
        amount = volume(price.tiers, capacity)
    else:
        amount = price.amount * (capacity if entry.rule == "per_unit" else 1)
    return half_up(max(amount, price.minimum) * _times(entry, uptime))


def graduated(tiers: Sequence[Tier], capacity: int) -> int:
    """Each unit at the price of the tier that it falls in; a tier's flat amount once it is reached.

    As Stripe bills a graduated price: the first tier is reached by no unit at all too.
    """
    total, below = 0, 0
    for tier in tiers:
        top = max(capacity, below) if tier.up_to is None else tier.up_to
        if capacity > below or below == 0:
            total += tier.flat_amount + tier.unit_amount * (min(capacity, top) - below)
        below = top
    return total


def volume(tiers: Sequence[Tier], capacity: int) -> int:
    """All units at the price of the tier that their number falls in."""
    tier = next(tier for tier in tiers if tier.up_to is None or capacity <= tier.up_to)
    return tier.flat_amount + tier.unit_amount * capacity


def _times(entry: Plan | Addon, uptime: Decimal | None) -> Fraction:
    tiers = entry.tiers if isinstance(entry, Addon) else ()
    return next((Fraction(tier.times) for tier in tiers if tier.uptime == uptime), Fraction(1))
