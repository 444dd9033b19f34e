"""What an uptime promise allows and what missing it costs (definitions.md, Uptime SLA)."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Protocol

from dashboard.formatting import day as told_day
from data import clock, money

CLAIM_DAYS = 30
THIRTY_DAYS = 43_200  # minutes


class Line(Protocol):
    """A line of a credit table, as the catalogue has it; percent is of the month's fee."""

    @property
    def below(self) -> Decimal: ...
    @property
    def percent(self) -> int: ...


class Tier(Protocol):
    """An uptime that is promised, in percent, with its credits, as the catalogue has it."""

    @property
    def uptime(self) -> Decimal: ...
    @property
    def credits(self) -> Sequence[Line]: ...

    def credit(self, uptime: Decimal, /) -> int:
        """The share of the month's fee to give back, in percent."""


@dataclass(frozen=True)
class Month:
    """A month of a promise: amounts in minor units; what is not known is None."""

    month: str
    minutes: int
    down: int | None
    uptime: Fraction | None  # percent
    percent: int | None  # of the month's fee, given back
    credit: int | None
    claim_until: datetime
    over: bool  # whether the month has ended: until then nothing is final


def minutes_of(month: str) -> int:
    """The minutes of a UTC calendar month."""
    return int((clock.month_start(clock.next_month(month)) - clock.month_start(month)).total_seconds()) // 60


def uptime(minutes: int, down: int) -> Fraction:
    """Uptime in percent, exact. Raises ValueError when more was down than there is."""
    if not 0 <= down <= minutes:
        raise ValueError(f"Downtime is from 0 to {minutes:,} minutes, the whole month.")
    return Fraction(minutes - down, minutes) * 100


def allowed(tier: Tier, minutes: int = THIRTY_DAYS) -> Decimal:
    """The minutes that may be down in a month while the promise is kept; in one of 30 days by default."""
    return (100 - tier.uptime) * minutes / 100


def credit(fee: int, percent: int) -> int:
    """The amount to give back of a month's fee, both in minor units: half-up, at most the fee."""
    return min(fee, money.half_up(Fraction(fee * percent, 100)))


def greatest(tier: Tier, fee: int) -> int:
    """The most that a month can cost."""
    return credit(fee, max((line.percent for line in tier.credits), default=0))


def told(reached: Fraction) -> str:
    """An uptime in words, rounded down: 99.999% is never told as 100%."""
    return f"{_decimal(reached).quantize(Decimal('0.001'), ROUND_DOWN)}%"


def _decimal(reached: Fraction) -> Decimal:
    return Decimal(reached.numerator) / Decimal(reached.denominator)


def months(
    tier: Tier, begins: str, downtime: Mapping[str, int], fee: int | None, now: datetime
) -> Sequence[Month]:
    """Every month since the promise began, the newest first; a month that nobody entered is not known."""
    last = clock.month_of(now)
    return [
        _month(tier, month, downtime.get(month), fee, now) for month in clock.months_between(begins, last)
    ][::-1]


def _month(tier: Tier, month: str, down: int | None, fee: int | None, now: datetime) -> Month:
    minutes, end = minutes_of(month), clock.month_start(clock.next_month(month))
    reached = None if down is None else uptime(minutes, down)
    percent = None if reached is None else tier.credit(_decimal(reached))
    amount = None if percent is None or fee is None else credit(fee, percent)
    return Month(month, minutes, down, reached, percent, amount, end + timedelta(days=CLAIM_DAYS), now >= end)


def claimable(month: Month, day: date) -> str | None:
    """Why the credit of a month cannot be claimed on a UTC day, a sentence; None: it can."""
    if not month.credit:
        return "There is no credit for this month: its downtime is not known, or the promise was kept."
    if not month.over:
        return "This month is not over, so nothing is final."
    if day < clock.month_start(clock.next_month(month.month)).date():
        return "It can be claimed only when the month is over."
    if day >= month.claim_until.date():
        return f"It was to be claimed within {CLAIM_DAYS} days, before {told_day(month.claim_until)}."
    return None


def read_csv(text: str) -> tuple[dict[str, int], list[str]]:
    """Downtime by month from CSV with the columns month and minutes, or what is wrong, a sentence each."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None)))
    except csv.Error:
        return {}, ["This is no CSV file that can be read: a field is far too long."]
    if not rows or [each.strip().lower() for each in rows[0]] != ["month", "minutes"]:
        return {}, ["The first line must be: month,minutes."]
    found: dict[str, int] = {}
    wrong: list[str] = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            month, minutes = _line(row)
            if month in found:
                raise ValueError(f"{month} stands there twice")
            found[month] = minutes
        except ValueError as error:
            wrong.append(f"Line {number}: {error}.")
    return ({} if wrong else found), wrong or ([] if found else ["There is no line below the first one."])


def _line(row: Sequence[str]) -> tuple[str, int]:
    if len(row) != 2:
        raise ValueError("a month and its minutes are needed")
    month, text = row[0].strip(), row[1].strip()
    try:
        start = datetime.strptime(month, "%Y-%m")  # noqa: DTZ007
    except ValueError:
        raise ValueError(f"{month[:20]!r} is no month such as 2026-10") from None
    if not text.isdecimal() or len(text) > 6:
        raise ValueError(f"{text[:20]!r} is no whole number of minutes")
    month = f"{start:%Y-%m}"
    uptime_minutes = minutes_of(month)
    if int(text) > uptime_minutes:
        raise ValueError(f"{month} has only {uptime_minutes:,} minutes")
    return month, int(text)
