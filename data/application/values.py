"""Values as other databases give them, read as ours. Each raises ValueError saying what is expected."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from data.clock import from_epoch, parse_instant


def as_text(value: Any) -> str | None:
    """Any value as text; null stays None."""
    return None if value is None else str(value)


def as_whole(value: Any) -> int | None:
    """A whole number, be it an integer, a decimal without a fraction or its text."""
    if value is None:
        return None
    try:
        exact = Decimal(str(value))
        if exact == exact.to_integral_value():
            return int(exact)
    except (InvalidOperation, OverflowError):
        pass
    raise ValueError("a whole number")


def as_instant(value: Any) -> datetime | None:
    """An instant in UTC from a timestamp, a date, ISO 8601 text or epoch seconds; no zone means UTC."""
    if value is None or isinstance(value, datetime):
        return _in_utc(value) if value else None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        return parse_instant(value) if isinstance(value, str) else from_epoch(float(value))
    except (ValueError, TypeError, OverflowError):
        raise ValueError("an instant such as 2026-11-21T23:00:00Z") from None


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def as_day(value: Any) -> date | None:
    """A day from a date, a timestamp (its UTC day) or ISO 8601 text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        instant = as_instant(value)
    except ValueError:
        raise ValueError("a day such as 2026-11-21") from None
    return instant.date() if instant else None
