"""Notes on what is owed as people write them: the permission, the note, a line in the log."""

import logging
from collections.abc import Iterator
from datetime import date

from dashboard import access, cache
from data import receivable_notes
from data.config import settings
from data.receivable_notes import Note, NotWrittenError

__all__ = ["EDIT", "KINDS", "NotWrittenError", "Note", "drafted", "write"]

EDIT = "write notes on receivables"
KINDS = {
    "promise": "Promise to pay",
    "dispute": "Dispute",
    "remark": "Remark",
    "settled": "Settled: the note before no longer stands",
}
LONGEST = 2_000
LOG = logging.getLogger(__name__)


def drafted(
    invoice_id: str, kind: str, text: str, promised_on: date | None, amount: int | None
) -> tuple[Note | None, list[str]]:
    """A note from a form's fields, or what is still missing, a sentence each."""
    missing = list(_missing(kind, text.strip(), promised_on, amount))
    if missing:
        return None, missing
    day = promised_on if kind == "promise" else None
    said = amount if kind in ("promise", "dispute") else None
    return Note(invoice_id, kind, text.strip(), day, said), []


def _missing(kind: str, text: str, promised_on: date | None, amount: int | None) -> Iterator[str]:
    if kind == "promise" and promised_on is None:
        yield "Say by which day it is promised."
    if kind != "promise" and not text:
        yield "Say in a few words what it is about."
    if len(text) > LONGEST:
        yield f"A note has at most {LONGEST:,} letters; this one has {len(text):,}."
    if amount is not None and amount <= 0:
        yield "The amount is above 0, or left empty for all that is open."


def write(note: Note) -> None:
    """Add a note. Raises ForbiddenError or NotWrittenError."""
    access.require(EDIT)
    cache.require_shown("invoice", note.invoice_id)
    receivable_notes.write(settings().database_url.get_secret_value(), note, access.person())
    LOG.info("%s noted a %s on %s", access.person(), note.kind, note.invoice_id)
