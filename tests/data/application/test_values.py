"""Values of other databases, read as ours or refused in words."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from data.application.values import as_day, as_instant, as_text, as_whole

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (7, 7), ("12", 12), (3.0, 3), (Decimal("4.00"), 4), ("1e2", 100), (-2, -2)],
)
def test_whole_numbers(value: Any, expected: int | None) -> None:
    assert as_whole(value) == expected


@pytest.mark.parametrize("value", ["many", 1.5, "", Decimal("0.1"), float("nan"), float("inf")])
def test_what_is_no_whole_number(value: Any) -> None:
    with pytest.raises(ValueError, match="a whole number"):
        as_whole(value)


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        "2026-11-21T12:00:00Z",
        "2026-11-21 12:00:00",
        "2026-11-21T13:00:00+01:00",
        int(NOON.timestamp()),
        Decimal(int(NOON.timestamp())),
    ],
)
def test_instants(value: Any) -> None:
    assert as_instant(value) == NOON
    assert as_day(value) == NOON.date()


def test_days_and_nulls() -> None:
    assert as_day(date(2026, 11, 21)) == as_day("2026-11-21") == date(2026, 11, 21)
    assert as_instant(date(2026, 11, 21)) == datetime(2026, 11, 21, tzinfo=UTC)
    assert (as_day(None), as_instant(None), as_text(None), as_text(12)) == (None, None, None, "12")


@pytest.mark.parametrize("value", ["yesterday", b"x", 10**15, []])
def test_what_is_no_instant(value: Any) -> None:
    with pytest.raises(ValueError, match="an instant such as"):
        as_instant(value)
    with pytest.raises(ValueError, match="a day such as"):
        as_day(value)
