"""The recurring value of a subscription item before discounts: an exact yearly amount in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

PER_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}


@dataclass(frozen=True, slots=True)
class Price:
    """What a price says about value; amounts in minor units, exact. None is what Stripe did not say."""

    id: str
    product_id: str | None
    currency: str | None
    interval: str | None  # day, week, month, year; None: not recurring
    interval_count: int = 1
    usage_type: str | None = "licensed"
    unit_amount: Fraction | None = None
    tiers_mode: str | None = None  # graduated, volume; None: per unit
    tiers: tuple["Tier", ...] = ()
    divide_by: int | None = None
    round_up: bool = False

    def __hash__(self) -> int:
        """By the id alone: fractions hash slowly, and histories are full of sets of prices."""
        return hash(self.id)

    @property
    def interval_name(self) -> str | None:
        """The billing interval as "1month", "3month", "1year"."""
        return f"{self.interval_count}{self.interval}" if self.interval else None

    @property
    def periods_per_year(self) -> Fraction:
        """Billing periods in a year, exact; 0 for a price that does not recur."""
        return Fraction(PER_YEAR.get(self.interval or "", 0), self.interval_count or 1)


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of a price: up to and including so many units (None: no limit), amounts in minor units."""

    up_to: int | None
    unit: Fraction
    flat: Fraction


def exact(decimal: Any, whole: Any = None) -> Fraction | None:
    """An amount from Stripe's decimal text, or its integer; None when it gave neither."""
    value = whole if decimal is None else decimal
    return None if value is None else Fraction(str(value))


def tiers_of(tiers: Sequence[Mapping[str, Any]] | None) -> tuple[Tier, ...]:
    """Stripe's tiers in ascending order."""
    made = (
        Tier(
            None if tier.get("up_to") in (None, "inf") else int(tier["up_to"]),
            exact(tier.get("unit_amount_decimal"), tier.get("unit_amount")) or Fraction(0),
            exact(tier.get("flat_amount_decimal"), tier.get("flat_amount")) or Fraction(0),
        )
        for tier in tiers or ()
    )
    return tuple(sorted(made, key=lambda tier: (tier.up_to is None, tier.up_to or 0)))


def graduated(tiers: Sequence[Tier], quantity: int) -> Fraction:
    """Each tier charges the units that fall into it, and its flat amount once it is reached."""
    total, below = Fraction(0), 0
    for tier in tiers:
        top = quantity if tier.up_to is None else min(quantity, tier.up_to)
        total += tier.unit * (top - below) + tier.flat
        if tier.up_to is None or quantity <= tier.up_to:
            break
        below = tier.up_to
    return total


def volume(tiers: Sequence[Tier], quantity: int) -> Fraction:
    """All units at the price of the tier that the quantity reaches, and that tier's flat amount."""
    for tier in tiers:
        if tier.up_to is None or quantity <= tier.up_to:
            return tier.unit * quantity + tier.flat
    return tiers[-1].unit * quantity + tiers[-1].flat if tiers else Fraction(0)


TIERED = {"graduated": graduated, "volume": volume}


def billed_units(price: Price, quantity: int) -> int:
    """The quantity after transform_quantity: packs instead of units, rounded as the price says."""
    if not price.divide_by:
        return quantity
    return -(-quantity // price.divide_by) if price.round_up else quantity // price.divide_by


def is_recurring(price: Price) -> bool:
    """Whether the price counts at all: licensed and recurring; metered use and one-off amounts do not."""
    return price.interval in PER_YEAR and price.usage_type != "metered"


def per_period(price: Price, quantity: int | None) -> Fraction | None:
    """The amount of one billing period in minor units; None when the price's amounts are not known.

    A licensed item without a quantity has one, as at Stripe.
    """
    units = billed_units(price, 1 if quantity is None else quantity)
    if price.tiers_mode in TIERED:
        return TIERED[price.tiers_mode](price.tiers, units) if price.tiers else None
    return None if price.unit_amount is None else price.unit_amount * units


def yearly(price: Price, quantity: int | None) -> Fraction | None:
    """The amount of a year in minor units, exact and not yet rounded; None when it is not known."""
    amount = per_period(price, quantity)
    return None if amount is None else amount * price.periods_per_year
