"""What people do with renewals: write beside them, keep a forecast, take the dates along."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import access, cache, formatting
from dashboard.calendar_file import Event, calendar
from dashboard.metrics.renewals import CATEGORIES, NOTED, with_evidence
from dashboard.metrics.text import known
from data import clock, renewal_notes
from data.renewal_notes import Note

__all__ = ["EDIT", "Note", "changed", "dates", "keep_forecast", "write"]

EDIT, KEEP = "edit renewals", "keep forecasts"
CODES = {name: code for code, name in CATEGORIES.items()}
LOG = logging.getLogger(__name__)


def write(url: str, notes: Sequence[Note]) -> None:
    """Write notes beside renewals, all or none. Raises ForbiddenError or NotChangedError."""
    access.require(EDIT)
    for note in notes:
        cache.require_shown("subscription", note.subscription_id)
    renewal_notes.write(url, notes, access.person())
    LOG.info("%s wrote %d notes beside renewals", access.person(), len(notes))


def keep_forecast(url: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep a forecast as it is now. Raises ForbiddenError or NotChangedError."""
    access.require(KEEP)
    renewal_notes.keep_forecast(url, rows, access.person())
    LOG.info("%s kept a forecast of %d rows", access.person(), len(rows))


def changed(row: "pd.Series[Any]", **edits: str | None) -> Note | None:
    """The note that an edit of a renewal makes; None where it changes nothing. category is a name or code."""
    before = {name: known(row[name]) or None for name in NOTED}
    after = before | {name: known(value) or None for name, value in edits.items()}
    after["category"] = CODES.get(after["category"] or "", after["category"])
    if after == before:
        return None
    return Note(str(row["subscription_id"]), row["due_at"].date(), **after)


def dates(rows: pd.DataFrame) -> bytes:
    """The due dates and notice dates of renewals as a calendar file."""
    return calendar(
        "Renewals", [event for row in rows.to_dict("records") for event in _events(row)], clock.now()
    )


def _events(row: Mapping[Any, Any]) -> Iterator[Event]:
    name = known(row["customer_name"]) or str(row["customer_id"])
    worth = f"{formatting.amount(row['arr'], str(row['currency']))} a year"
    reasons = with_evidence(row["risks"], row["evidence"])
    text = "\n".join(
        [f"{known(row['plan'])}, {worth}", f"Owner: {known(row['owner']) or 'nobody'}", *reasons]
    )
    key = f"{row['subscription_id']}-{row['interval']}-{row['due_at']:%Y%m%d}"
    yield Event(f"{key}-due", row["due_at"].date(), f"Renewal due: {name}, {worth}", text)
    if not formatting.is_missing(row["notice_at"]):
        yield Event(f"{key}-notice", row["notice_at"].date(), f"Notice until today: {name}, {worth}", text)
