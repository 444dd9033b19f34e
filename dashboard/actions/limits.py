"""What a change is about in money, and whether a role may do that alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dashboard.formatting import amount, percent
from data.action_settings import RoleLimits
from data.fx.rates import RateTable
from data.money import decimals, major

WORDS = {
    "discount_percent": "the discounts",
    "credit": "the credit",
    "refund": "the refund",
    "write_off": "what is given up",
    "paid_elsewhere": "what is marked as paid",
    "arr": "the change of ARR",
}


@dataclass(frozen=True)
class Stake:
    """What a change is about: minor units of a currency, or, of discounts, a share from 0 to 1.

    None: it is not known. kind: the limit that counts. earlier: what was done lately adds up with it, minor
    units by currency.
    """

    kind: str
    size: int | Fraction | None
    currency: str = ""
    earlier: tuple[tuple[str, int], ...] = ()


LATELY = timedelta(days=7)
"""An amount in parts is one amount: how far back the same person's changes for a customer count."""


def arr_stake(before: int | None, after: int | None, currency: str) -> tuple[Stake, ...]:
    """The change of ARR; nothing where there is none."""
    if before is None or after is None:
        return (Stake("arr", None, currency),)
    return (Stake("arr", abs(after - before), currency),) if before != after else ()


def written(stakes: Sequence[Stake]) -> list[list[Any]]:
    """Stakes as they are written down: those that add up, with what is known of their size."""
    return [[each.kind, each.size, each.currency] for each in stakes if isinstance(each.size, int)]


def together(stakes: Sequence[Stake], earlier: Sequence[Sequence[Any]]) -> tuple[Stake, ...]:
    """Stakes with those that were written down earlier; discounts count what is there already themselves."""
    return tuple(_with_earlier(each, earlier) for each in stakes)


def _with_earlier(stake: Stake, earlier: Sequence[Sequence[Any]]) -> Stake:
    if not isinstance(stake.size, int):
        return stake
    sums: Counter[str] = Counter()
    for kind, size, currency in earlier:
        sums[currency] += size if kind == stake.kind else 0
    return replace(stake, earlier=tuple(sorted((currency, size) for currency, size in sums.items() if size)))


def over(
    stakes: Sequence[Stake], role: str, limits: RoleLimits, rates: RateTable, at: datetime
) -> tuple[str, ...]:
    """Where stakes are over a role's limits, a sentence each; what is not known is over every limit."""
    told = (_over(stake, role, getattr(limits, stake.kind), rates, f"{at:%Y-%m}") for stake in stakes)
    return tuple(each for each in told if each)


def _over(stake: Stake, role: str, limit: Decimal | None, rates: RateTable, month: str) -> str:
    if limit is None:
        return ""
    may = f"{limit:g}%" if stake.kind == "discount_percent" else _in_words(limit, rates.to)
    what = WORDS[stake.kind]
    if stake.size is None:
        return f"The size of {what} is not known, and {role} may decide up to {may} alone."
    if stake.kind == "discount_percent":
        is_over, told = Fraction(stake.size) * 100 > Fraction(limit), percent(Fraction(stake.size))
        return f"{_begun(what)} come to {told}, and {role} may give up to {may} alone." if is_over else ""
    sums = Counter({stake.currency: int(stake.size)}) + Counter(dict(stake.earlier))
    told = " and ".join(amount(size, currency) for currency, size in sums.items())
    known = {currency: rates.closing(currency, month) for currency in sums}
    if unknown := sorted(currency.upper() for currency, rate in known.items() if rate is None):
        told = f"{told}, without an exchange rate from {' and '.join(unknown)} to {rates.to.upper()}"
    elif sum(_major(size, currency, rates, known[currency]) for currency, size in sums.items()) <= limit:
        return ""
    if stake.earlier:
        told += f" with what you did for this customer in the last {LATELY.days} days"
    return f"{_begun(what)} comes to {told}, and {role} may decide up to {may} alone."


def _major(size: int, currency: str, rates: RateTable, rate: Fraction | None) -> Decimal:
    """Minor units of a currency in main units of the one that limits are in."""
    return major(rates.converted(size, currency, rate or Fraction(0)), rates.to)


def _begun(words: str) -> str:
    return words[0].upper() + words[1:]


def _in_words(limit: Decimal, currency: str) -> str:
    return amount(int(limit.scaleb(decimals(currency))), currency)
