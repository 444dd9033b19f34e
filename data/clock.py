"""Time, in one place: every instant is an aware UTC datetime."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

_BEHIND = ContextVar("_BEHIND", default=timedelta(0))


def now() -> datetime:
    """The present instant, UTC, to the microsecond."""
    return datetime.now(UTC) - _BEHIND.get()


@contextmanager
def behind(by: timedelta) -> Iterator[None]:
    """In the block, and only for who runs it, the present is so long ago: examples are made in order."""
    token = _BEHIND.set(by)
    try:
        yield
    finally:
        _BEHIND.reset(token)


def from_epoch(seconds: int | float | None) -> datetime | None:
    """Stripe's epoch seconds as an instant; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def to_epoch(instant: datetime) -> int:
    """An aware instant as whole epoch seconds, rounded down."""
    return int(instant.timestamp() // 1)


def last_day(end: datetime) -> date:
    """The last UTC day of which a part is before an instant."""
    return (end.astimezone(UTC) - timedelta(microseconds=1)).date()


def month_of(instant: datetime) -> str:
    """The UTC calendar month of an instant, as "YYYY-MM"."""
    return f"{instant.astimezone(UTC):%Y-%m}"


def month_start(month: str) -> datetime:
    """The first instant of a "YYYY-MM" month, UTC."""
    return datetime(int(month[:4]), int(month[5:7]), 1, tzinfo=UTC)


def next_month(month: str) -> str:
    """The month after a "YYYY-MM" month."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def months_before(month: str, count: int) -> str:
    """The "YYYY-MM" month so many months earlier."""
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from first to last, both included; empty when first is later."""
    months: list[str] = []
    while first <= last:
        months.append(first)
        first = next_month(first)
    return months


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date or instant as UTC; a date means its first instant, no zone means UTC.

    Raises ValueError with a sentence when the text is neither.
    """
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a date (2026-11-21) or an instant (2026-11-21T23:00:00Z)"
        ) from None
