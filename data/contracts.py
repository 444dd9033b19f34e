"""The terms of a contract, as an accepted quote or the subscription's metadata say them.

| metadata | meaning |
|---|---|
| `term_months` | length of the term, a whole number of months |
| `term_start` | its first day, YYYY-MM-DD; without it, the quote's acceptance or the subscription's start |
| `notice_days` | days before the end of the term until which notice may be given |
| `auto_renews` | `true`: another term of the same length follows unless notice is given; `false`: it ends |
| `price_until` | the day from which the price may change, YYYY-MM-DD |
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

YES, NO = ("true", "yes", "1"), ("false", "no", "0")
LONGEST = 1200
"""Months; a longer term is a slip of the pen."""


SHORT = frozenset({"1month", *(f"{n}week" for n in range(1, 5)), *(f"{n}day" for n in range(1, 32))})
"""Billing intervals of a month or less."""


@dataclass(frozen=True)
class Terms:
    """What was agreed; None is what nobody wrote down."""

    months: int | None = None
    start: datetime | None = None
    notice_days: int | None = None
    auto_renews: bool | None = None
    price_until: datetime | None = None

    def end(self, start: datetime | None, now: datetime) -> datetime | None:
        """The end of the term that runs now: of a term that renews itself, the next one from now on.

        None: there is no term, or it is over and did not renew itself.
        """
        begun = self.start or start
        if self.months is None or begun is None:
            return None
        terms = 1
        while (end := add_months(begun, terms * self.months)) < now and self.auto_renews:
            terms += 1
        return end if end >= now else None

    def or_else(self, other: "Terms") -> "Terms":
        """These terms, and another's where these say nothing."""
        mine, theirs = vars(self), vars(other)
        return Terms(**{name: theirs[name] if mine[name] is None else mine[name] for name in mine})


def terms(metadata: Mapping[str, Any] | None) -> Terms:
    """The terms in an object's metadata; what cannot be read is not there."""
    if not metadata:
        return Terms()
    said = {name: str(value).strip().casefold() for name, value in metadata.items()}
    return Terms(
        months=_whole(said.get("term_months"), 1, LONGEST),
        start=_day(said.get("term_start")),
        notice_days=_whole(said.get("notice_days"), 0, 3660),
        auto_renews=_either(said.get("auto_renews")),
        price_until=_day(said.get("price_until")),
    )


def notice_by(end: datetime | None, notice_days: int | None) -> datetime | None:
    """The instant until which notice may be given; None where either is not known."""
    return None if end is None or notice_days is None else end - timedelta(days=notice_days)


def add_months(start: datetime, months: int) -> datetime:
    """So many months later, on the last day of a shorter month, as Stripe counts them."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def _whole(text: str | None, least: int, most: int) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 5:
        return None
    return int(text) if least <= int(text) <= most else None


def _day(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _either(text: str | None) -> bool | None:
    return True if text in YES else False if text in NO else None
