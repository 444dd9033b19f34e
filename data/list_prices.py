"""What the price list says of one product, currency and interval, and by which rule it is a price."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Rule = Literal["per_unit", "flat", "graduated", "volume", "percent"]
"""How a list price follows from the capacity.

per_unit: the amount for each unit. flat: the amount, whatever the capacity. graduated: each unit at the price
of the tier that it falls in. volume: all units at the price of the tier that their number falls in. percent:
a share of the plan's list price. None is ever below the list price's minimum.
"""
TIERED = ("graduated", "volume")


class Part(BaseModel):
    """A piece of the catalogue: fixed, and without words that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(Part):
    """Units up to a number, or all above the tier before; minor units for each, and once for the tier."""

    up_to: int | None = Field(None, ge=1)
    unit_amount: int = Field(0, ge=0)
    flat_amount: int = Field(0, ge=0)


class ListPrice(Part):
    """What the price list says: integer minor units for one interval, by the entry's rule."""

    currency: str = Field(pattern="^[a-z]{3}$")
    interval: Literal["day", "week", "month", "year"]
    interval_count: int = Field(1, ge=1)
    amount: int = Field(0, ge=0)
    tiers: tuple[Tier, ...] = ()
    minimum: int = Field(0, ge=0)

    @property
    def code(self) -> str:
        """The interval as "3month"; twelve months are a year."""
        months = self.interval == "month" and self.interval_count % 12 == 0
        return f"{self.interval_count // 12}year" if months else f"{self.interval_count}{self.interval}"

    def wrong(self, rule: Rule) -> str:
        """What does not fit a rule, in words; empty where all fits."""
        given = self.model_fields_set
        if (rule in TIERED) != bool(self.tiers):
            return f"a {rule} price has {'tiers' if rule in TIERED else 'no tiers'}"
        if (rule in ("per_unit", "flat")) != ("amount" in given):
            return f"a {rule} price has {'an amount' if rule in ('per_unit', 'flat') else 'no amount'}"
        tops = [tier.up_to for tier in self.tiers]
        ends = [top for top in tops[:-1] if top is not None]
        if tops and (tops[-1] is not None or len(ends) < len(tops) - 1 or ends != sorted(set(ends))):
            return "tiers go up, and only the last has no up_to"
        return ""

    def pushed(self) -> dict[str, Any]:
        """What of it Stripe is to have: the price of one unit."""
        return self.model_dump(include={"currency", "interval", "interval_count", "amount"})
