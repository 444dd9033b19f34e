"""Exchange rates of months: exact fractions, found by date."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from data.clock import month_start, next_month
from data.money import decimals, half_up


@dataclass(frozen=True)
class ExchangeRate:
    """On a day, one unit of a currency is worth `rate` units of another; both are lower-case ISO codes."""

    date: date
    from_currency: str
    to_currency: str
    rate: Decimal


@dataclass(frozen=True)
class RateTable:
    """The rates into one currency. A rate holds from its date until the next one of its currency."""

    to: str
    rates: tuple[ExchangeRate, ...] = field(repr=False)

    def closing(self, currency: str, month: str) -> Fraction | None:
        """The rate at the end of a "YYYY-MM" month: the newest by then; None: there is none yet."""
        if currency == self.to:
            return Fraction(1)
        day = self.dated(currency, month)
        return None if day is None else self._days[currency][day]

    def average(self, currency: str, month: str) -> Fraction | None:
        """The rate of a month: the mean of those dated in it, else the one that still holds at its end."""
        inside = [rate for day, rate in self._days.get(currency, {}).items() if f"{day:%Y-%m}" == month]
        if currency == self.to or not inside:
            return self.closing(currency, month)
        return sum(inside, Fraction(0)) / len(inside)

    def dated(self, currency: str, month: str) -> date | None:
        """The day of the rate that holds at the end of a month, so that an old one can be shown as such."""
        end = month_start(next_month(month)).date()
        return max((day for day in self._days.get(currency, {}) if day < end), default=None)

    def converted(self, amount: int, currency: str, rate: Fraction) -> int:
        """Minor units of a currency as minor units of the table's own, half-up."""
        return half_up(amount * rate * Fraction(10) ** (decimals(self.to) - decimals(currency)))

    @cached_property
    def _days(self) -> Mapping[str, Mapping[date, Fraction]]:
        """Rates by currency and day; one that is only given the other way round is inverted."""
        inverted = [rate for rate in self.rates if rate.from_currency == self.to]
        direct = [rate for rate in self.rates if rate.to_currency == self.to]
        found: dict[str, dict[date, Fraction]] = defaultdict(dict)
        for each in inverted:
            found[each.to_currency][each.date] = 1 / Fraction(each.rate)
        for each in direct:
            found[each.from_currency][each.date] = Fraction(each.rate)
        return found


def rate_table(to: str, rates: Iterable[ExchangeRate]) -> RateTable:
    """The rates into a currency, from any rates."""
    return RateTable(
        to.lower(), tuple(each for each in rates if to.lower() in (each.from_currency, each.to_currency))
    )
