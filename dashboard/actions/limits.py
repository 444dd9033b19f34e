"""What a change is about in money, and whether a role may do that alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from dashboard.formatting import amount, percent
from data.action_settings import RoleLimits
from data.fx.rates import RateTable
from data.money import decimals, major

WORDS = {
    "discount_percent": "the discounts",
    "credit": "the credit",
    "refund": "the refund",
    "write_off": "what is given up",
    "arr": "the change of ARR",
}


@dataclass(frozen=True)
class Stake:
    """What a change is about: minor units of a currency, or, of discounts, a share from 0 to 1.

    None: it is not known. kind: the limit that counts.
    """

    kind: str
    size: int | Fraction | None
    currency: str = ""


def arr_stake(before: int | None, after: int | None, currency: str) -> tuple[Stake, ...]:
    """The change of ARR; nothing where there is none."""
    if before is None or after is None:
        return (Stake("arr", None, currency),)
    return (Stake("arr", abs(after - before), currency),) if before != after else ()


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
    told, rate = amount(int(stake.size), stake.currency), rates.closing(stake.currency, month)
    if rate is None:
        told = f"{told}, without an exchange rate to {rates.to.upper()}"
    elif major(rates.converted(int(stake.size), stake.currency, rate), rates.to) <= limit:
        return ""
    return f"{_begun(what)} comes to {told}, and {role} may decide up to {may} alone."


def _begun(words: str) -> str:
    return words[0].upper() + words[1:]


def _in_words(limit: Decimal, currency: str) -> str:
    return amount(int(limit.scaleb(decimals(currency))), currency)
