"""A quote as it is priced: exact, and free of what was typed wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

WHOLE = "whole"
"""What a discount is on that is on every line."""


@dataclass(frozen=True)
class Discount:
    """Taken off in every interval, for so many months of the term or all of it; percent or minor units."""

    percent: Decimal | None = None
    amount: int = 0
    months: int | None = None

    def holds(self, month: int) -> bool:
        """Whether it is in force in a month of the term, the first being 0."""
        return self.months is None or month < self.months


@dataclass(frozen=True)
class Step:
    """What a year of the term changes, until a later year does: capacity, price of a unit, of add-ons.

    Minor units of an interval: of one unit of capacity, and by add-on of a unit where its list price is, else
    of the whole.
    """

    capacity: int | None = None
    unit_price: int | None = None
    addons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fee:
    """Billed once, with the first invoice; minor units."""

    name: str
    amount: int


@dataclass(frozen=True)
class Joined:
    """The running subscription that a quote adds to: plan, capacity, add-ons, and the ends of its period."""

    subscription: str
    plan: str
    capacity: int
    period_start: date
    renews_on: date
    addons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quote:
    """What is offered. Discounts are by the key of their line, or WHOLE; the ramp is by year, from 1.

    One that joins a running subscription has the capacity that is added (0: none), and its term is counted
    from the renewal (0: it ends there).
    """

    plan: str
    capacity: int
    currency: str
    interval: str  # as "3month"
    term: int  # months
    addons: tuple[str, ...] = ()
    tiers: Mapping[str, Decimal] = field(default_factory=dict)  # by add-on: the uptime that is promised
    discounts: Mapping[str, Discount] = field(default_factory=dict)
    ramp: Mapping[int, Step] = field(default_factory=dict)
    fees: tuple[Fee, ...] = ()
    start: date | None = None  # None: when it is accepted
    joins: Joined | None = None

    @property
    def share(self) -> Fraction:
        """Of the running period, what is left of it when a quote that joins it starts; else 0."""
        if self.joins is None or self.start is None:
            return Fraction(0)
        length = (self.joins.renews_on - self.joins.period_start).days
        return Fraction((self.joins.renews_on - self.start).days, length)

    def stands(self, year: int) -> Step:
        """The capacity and the agreed prices in a year of the term; None or missing: the list price."""
        capacity, unit_price = self.capacity, None
        addons: dict[str, int] = {}
        for each in sorted(each for each in self.ramp if each <= year):
            step = self.ramp[each]
            capacity = step.capacity if step.capacity is not None else capacity
            unit_price = step.unit_price if step.unit_price is not None else unit_price
            addons |= step.addons
        return Step(capacity, unit_price, addons)


INTERVALS = {"1month": 1, "2month": 2, "3month": 3, "4month": 4, "6month": 6, "1year": 12}
"""Billing intervals that a year of the term consists of, in months."""
