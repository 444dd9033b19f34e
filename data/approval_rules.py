"""Who has to agree to a quote, as the catalogue says it: a measure of the quote, a bound, and roles."""

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from data.list_prices import Part

Measure = Literal["discount", "term", "net_days", "uptime", "value", "terms"]
"""What a rule looks at.

discount: the effective discount, percent. term: months. net_days: days to pay an invoice. uptime: the highest
that is promised, percent. value: the total contract value, main units of the reporting currency. terms: that
there is text which differs from the standard terms.
"""


class ApprovalRule(Part):
    """Roles that have to agree where a measure is over, or under, a bound."""

    of: Measure
    over: Decimal | None = Field(None, ge=0)
    under: Decimal | None = Field(None, ge=0)
    roles: tuple[Literal["manager", "finance", "admin"], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _bounded(self) -> "ApprovalRule":
        bounds = [bound for bound in (self.over, self.under) if bound is not None]
        if len(bounds) != (0 if self.of == "terms" else 1):
            asked = "no bound" if self.of == "terms" else "either over or under"
            raise ValueError(f"a rule of {self.of} has {asked}")
        return self
