"""Due dates as a calendar file (iCalendar, RFC 5545): all-day events that a calendar can subscribe to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LINE = 75
"""Octets of a line; a longer one goes on in the next, which begins with a space (RFC 5545, 3.1)."""


@dataclass(frozen=True)
class Event:
    """Something on a day; `key` stays the same, so that a newer file replaces the event."""

    key: str
    day: date
    title: str
    text: str


def calendar(name: str, events: Sequence[Event], made_at: datetime) -> bytes:
    """A calendar of events; made_at is UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Subscription operations//Renewals//EN",
        "CALSCALE:GREGORIAN",
    ]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for event in events:
        lines += _event(event, made_at)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line)).encode()


def _event(event: Event, made_at: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.key)}",
        f"DTSTAMP:{made_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.title)}",
        f"DESCRIPTION:{escaped(event.text)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A text as a value (RFC 5545, 3.3.11); a line break of any kind is one of the calendar's own."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for letter in ("\\", ";", ","):
        plain = plain.replace(letter, f"\\{letter}")
    return "".join(letter for letter in plain.replace("\n", "\\n") if letter.isprintable())


def folded(line: str) -> Iterator[str]:
    """The parts of a line, none longer than LINE octets and no character cut in two."""
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LINE:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part
