"""Calendar files, by the rules of RFC 5545."""

from datetime import UTC, date, datetime

import pytest

from dashboard.calendar_file import LINE, Event, calendar, escaped, folded

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


def test_an_event_lasts_a_day_and_keeps_its_name() -> None:
    lines = (
        calendar("Renewals", [Event("sub_1-20261231", date(2026, 12, 31), "Due: Ada", "a\nb")], NOW)
        .decode()
        .split("\r\n")
    )
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert {"UID:sub_1-20261231", "DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101"} <= set(lines)
    assert {"DTSTAMP:20261121T230000Z", "SUMMARY:Due: Ada", r"DESCRIPTION:a\nb"} <= set(lines)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a, b; c\\d", r"a\, b\; c\\d"),
        ("one\r\ntwo\rthree", r"one\ntwo\nthree"),
        ("bell\a", "bell"),
        ("END:VEVENT\nBEGIN:VEVENT", r"END:VEVENT\nBEGIN:VEVENT"),
    ],
)
def test_a_text_cannot_leave_its_line(text: str, value: str) -> None:
    assert escaped(text) == value


@pytest.mark.parametrize("line", ["short", "x" * 75, "x" * 200, "ä" * 100, "消費税" * 60])
def test_long_lines_go_on_in_the_next(line: str) -> None:
    parts = list(folded(line))
    assert all(len(part.encode()) <= LINE for part in parts)
    assert parts[0] + "".join(part.removeprefix(" ") for part in parts[1:]) == line
