"""Instants and months are UTC."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from data import clock


def test_month_of_is_utc() -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert clock.month_of(late) == "2026-11"


def test_months_between() -> None:
    assert clock.months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert clock.months_between("2026-02", "2026-01") == []


@pytest.mark.parametrize(
    "text", ["2026-11-21", "2026-11-21T00:00:00Z", "2026-11-21T01:00:00+01:00", "2026-11-21 00:00"]
)
def test_parse_instant(text: str) -> None:
    assert clock.parse_instant(text) == datetime(2026, 11, 21, tzinfo=UTC)


def test_parse_nonsense_says_what_to_write() -> None:
    with pytest.raises(ValueError, match="2026-11-21T23:00:00Z"):
        clock.parse_instant("last week")


def test_epoch_round_trip() -> None:
    assert clock.from_epoch(None) is None
    instant = clock.from_epoch(1795302000)
    assert instant is not None
    assert instant.isoformat() == "2026-11-21T23:00:00+00:00"
    assert clock.to_epoch(instant) == 1795302000


def test_an_instant_beyond_the_calendar_is_nonsense_too() -> None:
    with pytest.raises(ValueError, match="is not a date"):
        clock.parse_instant("0001-01-01T00:00:00+14:00")


def test_the_present_is_earlier_for_who_is_behind_and_for_nobody_else() -> None:
    seen: list[datetime] = []
    with clock.behind(timedelta(days=3)):
        assert abs(datetime.now(UTC) - clock.now() - timedelta(days=3)) < timedelta(minutes=1)
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert datetime.now(UTC) - seen[0] < timedelta(minutes=1)
    assert datetime.now(UTC) - clock.now() < timedelta(minutes=1)
