"""What Stripe is to bill for a quote: its rows stage by stage, the coupons of its discounts, its fees.

A stage is a stretch of the term in which nothing of the rows changes: the first is the quote at Stripe, those
after it are phases of the subscription's schedule. A discount that ends is a coupon for the months that it
still has when the stage begins, so that each stage says by itself what is taken off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from dashboard.quotes.listing import list_amount
from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Quote
from dashboard.quotes.pricing import Charge, Period, Priced
from data.catalog import Catalog
from data.list_prices import TIERED, Tier


@dataclass(frozen=True)
class Coupon:
    """Taken off in every invoice for so many months, or always; on one row (its key), or on all of them."""

    on: str
    percent: str | None  # a decimal number
    amount: int  # minor units, where there is no percentage
    months: int | None

    @property
    def name(self) -> str:
        """What tells it from the others of the same quote; letters, digits and signs that Stripe takes."""
        return f"{self.on}-{'all' if self.months is None else self.months}"


@dataclass(frozen=True)
class Row:
    """What is billed in each period: a quantity at an amount for one unit, or by tiers; before discounts."""

    key: str
    quantity: int
    unit_amount: int
    tiers: tuple[Tier, ...] = ()
    mode: str = ""  # of the tiers: graduated or volume
    coupons: tuple[Coupon, ...] = ()


@dataclass(frozen=True)
class Stage:
    """Rows that stand from a month of the term on, for so many; the coupons are on all of them."""

    month: int
    months: int
    capacity: int
    rows: tuple[Row, ...]
    coupons: tuple[Coupon, ...]


@dataclass(frozen=True)
class Plan:
    """A quote as Stripe is to bill it; amounts in minor units."""

    stages: tuple[Stage, ...]
    fees: tuple[tuple[str, int], ...]

    @property
    def coupons(self) -> tuple[Coupon, ...]:
        """All that are needed, each once."""
        return tuple(dict.fromkeys(each for stage in self.stages for each in _coupons(stage)))


def _coupons(stage: Stage) -> Iterator[Coupon]:
    for row in stage.rows:
        yield from row.coupons
    yield from stage.coupons


def plan(priced: Priced, sold: Catalog) -> Plan:
    """How Stripe comes to the same amounts."""
    quote = priced.quote
    fees = tuple((fee.name, fee.amount) for fee in quote.fees)
    if quote.joins is not None:
        return Plan((_added(quote, sold, priced.whole),), fees)
    alike = groupby(priced.periods, lambda period: _standing(quote, period))
    return Plan(tuple(_stage(quote, sold, list(periods)) for _, periods in alike), fees)


def _added(quote: Quote, sold: Catalog, whole: Period) -> Stage:
    """What is put beside the rows of a running subscription, whose own discounts are left as they are."""
    rows = tuple(_beside(quote, sold, charge) for charge in whole.charges)
    return Stage(0, quote.term, quote.capacity, rows, ())


def _beside(quote: Quote, sold: Catalog, charge: Charge) -> Row:
    """A row by units wherever their price is a whole amount, else as one."""
    entry = sold.entry(charge.key)
    running = quote.joins.capacity if quote.joins else 0
    units = 1
    if charge.key == quote.plan:
        units = quote.capacity
    elif entry is not None and entry.rule == "per_unit":
        units = running + quote.capacity
    coupons = tuple(each for on in (charge.key, WHOLE) for each in _coupon(quote.discounts, on, 0))
    if charge.agreed % units:
        return Row(charge.key, 1, charge.agreed, coupons=coupons)
    return Row(charge.key, units, charge.agreed // units, coupons=coupons)


def _standing(quote: Quote, period: Period) -> tuple[object, ...]:
    """What stands in a period, but for its discounts."""
    return quote.stands(period.year), tuple((each.key, each.agreed) for each in period.charges)


def _stage(quote: Quote, sold: Catalog, periods: list[Period]) -> Stage:
    first, months = periods[0], len(periods) * INTERVALS[quote.interval]
    rows = tuple(_row(quote, sold, first, charge) for charge in first.charges)
    whole = tuple(_coupon(quote.discounts, WHOLE, first.month))
    return Stage(first.month, months, first.capacity, rows, whole)


def _row(quote: Quote, sold: Catalog, period: Period, charge: Charge) -> Row:
    coupons = tuple(_coupon(quote.discounts, charge.key, period.month))
    agreed = quote.stands(period.year).unit_price
    if charge.key == quote.plan and agreed is not None:
        return Row(charge.key, period.capacity, agreed, coupons=coupons)
    return _listed(quote, sold, period, charge, coupons) or Row(charge.key, 1, charge.agreed, coupons=coupons)


def _listed(
    quote: Quote, sold: Catalog, period: Period, charge: Charge, coupons: tuple[Coupon, ...]
) -> Row | None:
    """A row that is billed by the list price itself; None where that alone does not say the amount."""
    entry = sold.entry(charge.key)
    listed = entry.list_price(quote.currency, quote.interval) if entry else None
    if entry is None or listed is None or entry.rule not in ("per_unit", *TIERED):
        return None
    plain = listed.model_copy(update={"minimum": 0})
    if list_amount(entry, plain, period.capacity, 0, None) != charge.agreed:
        return None
    if entry.rule in TIERED:
        return Row(charge.key, period.capacity, 0, listed.tiers, entry.rule, coupons)
    return Row(charge.key, period.capacity, listed.amount, coupons=coupons)


def _coupon(discounts: Mapping[str, Discount], on: str, month: int) -> Iterator[Coupon]:
    """The coupon of a discount as it stands in a month of the term; none where it has ended or is nothing."""
    discount = discounts.get(on)
    if discount is None or not discount.holds(month) or not (discount.percent or discount.amount):
        return
    left = None if discount.months is None else discount.months - month
    percent = None if discount.percent is None else f"{discount.percent.normalize():f}"
    yield Coupon(on, percent, 0 if percent else discount.amount, left)
