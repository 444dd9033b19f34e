"""Billing periods from an anchor: days at the end of a month are kept, the time of day too."""

import calendar
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

_SECONDS = {"day": 86_400, "week": 7 * 86_400}
_MONTHS = {"month": 1, "year": 12}


def shifted(anchor: int, interval: str, count: int) -> int:
    """The anchor (epoch) moved by so many days, weeks, months or years; 31 January + 1 month: 28 February."""
    if interval in _SECONDS:
        return anchor + _SECONDS[interval] * count
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.year * 12 + start.month - 1 + _MONTHS[interval] * count
    year, month = divmod(months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period_at(anchor: int, recurring: Json, instant: int) -> tuple[int, int]:
    """The period (start, end) counted from the anchor that contains the instant; the end is exclusive."""
    interval, count = recurring["interval"], recurring["interval_count"]
    index = _estimate(anchor, interval, count, instant)
    while shifted(anchor, interval, index * count) > instant:
        index -= 1
    while shifted(anchor, interval, (index + 1) * count) <= instant:
        index += 1
    return shifted(anchor, interval, index * count), shifted(anchor, interval, (index + 1) * count)


def same_interval(one: Json, other: Json) -> bool:
    """Whether two recurrings have equally long periods."""
    return (
        bool(one["interval"] == other["interval"] and one["interval_count"] == other["interval_count"])
        or _in_months(one) == _in_months(other) != 0
    )


def _in_months(recurring: Json) -> int:
    months: int = _MONTHS.get(recurring["interval"], 0) * recurring["interval_count"]
    return months


def _estimate(anchor: int, interval: str, count: int, instant: int) -> int:
    days = {"day": 1.0, "week": 7.0, "month": 30.436875, "year": 365.2425}[interval]
    return int((instant - anchor) // (days * 86_400 * count))
