"""What a quote comes to: every line of every billing period, in whole minor units, and their sums.

Discounts are taken as Stripe takes coupons: on what the ones before left, a percentage from each line by
itself and rounded half-up, an amount spread over the lines in proportion; a line never becomes negative.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from dashboard.quotes.listing import list_amount
from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Quote
from data.catalog import Catalog
from data.money import allocate, half_up

PER_UNIT = ("per_unit", "graduated", "volume")
"""Rules whose agreed price is that of a unit of capacity."""


class NoListPriceError(Exception):
    """No price is listed for an entry in the quote's currency and interval; its key is the message."""


@dataclass(frozen=True)
class Charge:
    """A line of a billing period: at list, as agreed before discounts, and after them; minor units."""

    key: str
    at_list: int
    agreed: int
    net: int


@dataclass(frozen=True)
class Period:
    """A billing period: the month of the term it begins in, the first being 0, and its lines.

    share: of a whole period, where a quote joins one that runs; its lines are those of that share.
    """

    month: int
    capacity: int
    charges: tuple[Charge, ...]
    share: Fraction = Fraction(1)

    @property
    def year(self) -> int:
        """The year of the term, the first being 1."""
        return self.month // 12 + 1

    @cached_property
    def at_list(self) -> int:
        """Its lines at list."""
        return sum(charge.at_list for charge in self.charges)

    @cached_property
    def net(self) -> int:
        """Its lines after discounts."""
        return sum(charge.net for charge in self.charges)


@dataclass(frozen=True)
class Year:
    """A year of the term: what it costs at list and after discounts, and with what is billed once."""

    number: int
    months: int
    capacity: int
    at_list: int
    net: int
    fees: int

    @property
    def billed(self) -> int:
        """Everything that is billed in it."""
        return self.net + self.fees


@dataclass(frozen=True)
class Priced:
    """A quote worked out, before taxes; amounts are integers in minor units of its currency.

    whole: what a whole period is billed; of a quote that joins one that runs it need not be in the term.
    """

    quote: Quote
    periods: tuple[Period, ...]
    whole: Period

    @property
    def fees(self) -> int:
        """What is billed once."""
        return sum(fee.amount for fee in self.quote.fees)

    @property
    def first_invoice(self) -> int:
        """The first period and what is billed once."""
        return self.periods[0].net + self.fees

    @cached_property
    def total(self) -> int:
        """The total contract value: everything that is billed in the term."""
        return sum(period.net for period in self.periods) + self.fees

    @property
    def arr(self) -> int:
        """Run rate of the first whole period, less discounts that hold in it, as a year of it."""
        return self.yearly(self.whole)

    @property
    def last_arr(self) -> int:
        """Run rate of the last period."""
        last = self.periods[-1]
        return self.yearly(last if last.share == 1 else self.whole)

    @property
    def acv(self) -> int:
        """What recurs in a year of the term on average: the total without what is billed once, rounded."""
        return half_up(Fraction((self.total - self.fees) * 12, self.quote.term))

    def yearly(self, period: Period) -> int:
        """A period's recurring amount as a year of it; exact, since intervals divide the year."""
        return period.net * (12 // INTERVALS[self.quote.interval])

    @property
    def effective_discount(self) -> Fraction | None:
        """What all that recurs in the term is below list, as a share of list; None where list is 0."""
        at_list = sum(period.at_list for period in self.periods)
        net = sum(period.net for period in self.periods)
        return Fraction(at_list - net, at_list) if at_list else None

    @cached_property
    def years(self) -> tuple[Year, ...]:
        """Each year of the term, the last perhaps shorter."""
        return tuple(map(self._year, range(1, self.periods[-1].year + 1)))

    def _year(self, number: int) -> Year:
        mine = [period for period in self.periods if period.year == number]
        return Year(
            number,
            min(12, self.quote.term - 12 * (number - 1)),
            mine[0].capacity,
            sum(period.at_list for period in mine),
            sum(period.net for period in mine),
            self.fees if number == 1 else 0,
        )


def price(quote: Quote, sold: Catalog) -> Priced:
    """Work a quote out. Its interval is one of INTERVALS and divides its term. Raises NoListPriceError."""
    months = range(0, quote.term, INTERVALS[quote.interval])
    periods = [_period(quote, sold, month) for month in months]
    if quote.share:
        periods.insert(0, _period(quote, sold, 0, quote.share))
    return Priced(quote, tuple(periods), _period(quote, sold, 0))


def _period(quote: Quote, sold: Catalog, month: int, share: Fraction = Fraction(1)) -> Period:
    stands = quote.stands(month // 12 + 1)
    capacity = stands.capacity or 0
    whole = _lists(quote, sold, capacity)
    agreed = dict(whole)
    if stands.unit_price is not None and quote.plan in agreed:
        agreed[quote.plan] = stands.unit_price * capacity
    for key, unit_price in stands.addons.items():
        entry = sold.entry(key)
        if key in agreed and entry is not None:
            agreed[key] = unit_price * (capacity if entry.rule in PER_UNIT else 1)
    lists, asked = _part(whole, share), _part(agreed, share)
    net = _discounted(asked, quote.discounts, month)
    return Period(
        month, capacity, tuple(Charge(key, lists[key], asked[key], net[key]) for key in lists), share
    )


def _part(amounts: Mapping[str, int], share: Fraction) -> dict[str, int]:
    """Each line for a share of a period, rounded half-up by itself, as Stripe prorates."""
    return {key: half_up(amount * share) for key, amount in amounts.items()}


def _lists(quote: Quote, sold: Catalog, capacity: int) -> dict[str, int]:
    """Each line at list; shares of the plan follow its list price.

    Where the quote adds to what runs, the plan's line is what the list asks more for all than for what runs.
    """
    running = quote.joins.capacity if quote.joins else 0
    found: dict[str, int] = {}
    base = 0
    for key in (quote.plan, *quote.addons):
        entry = sold.entry(key)
        listed = entry.list_price(quote.currency, quote.interval) if entry else None
        if entry is None or listed is None:
            raise NoListPriceError(key)
        amount = list_amount(entry, listed, running + capacity, base, quote.tiers.get(key))
        if key == quote.plan:
            base = amount
            amount -= list_amount(entry, listed, running, 0, None) if quote.joins else 0
        if key != quote.plan or capacity:
            found[key] = max(amount, 0)
    return found


def _discounted(agreed: Mapping[str, int], discounts: Mapping[str, Discount], month: int) -> dict[str, int]:
    """What is left of each line in a month: first its own discount, then that of the whole."""
    left = dict(agreed)
    for key, discount in discounts.items():
        if key in left and discount.holds(month):
            left[key] -= _off([left[key]], discount)[0]
    whole = discounts.get(WHOLE)
    if whole and whole.holds(month):
        off = _off(list(left.values()), whole)
        left = {key: amount - each for (key, amount), each in zip(left.items(), off, strict=True)}
    return left


def _off(amounts: Sequence[int], discount: Discount) -> list[int]:
    """What a discount takes off each amount, nothing below 0."""
    if discount.percent is not None:
        return [half_up(Fraction(amount) * Fraction(discount.percent) / 100) for amount in amounts]
    return allocate(min(discount.amount, sum(amounts)), amounts)
