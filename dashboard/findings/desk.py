"""What people do with findings: assign them, put them off with a reason. Only the data closes one."""

import logging
from datetime import date

from dashboard import access, cache
from data import findings
from data.findings import Note

__all__ = ["EDIT", "Note", "note", "write"]

EDIT = "edit findings"
LOG = logging.getLogger(__name__)


def note(
    finding: str, assignee: str, until: date | None, reason: str, today: date
) -> tuple[Note | None, str]:
    """The note that a form makes, or None and what is wrong with it."""
    if until is not None and until <= today:
        return None, "Put it off to a day that is still to come."
    if until is not None and not reason.strip():
        return None, "Say why it is put off."
    return Note(finding, assignee.strip() or None, until, reason.strip() or None), ""


def write(url: str, written: Note) -> None:
    """Keep a note. Raises ForbiddenError or NotChangedError."""
    access.require(EDIT)
    cache.require_shown("finding", written.finding)
    findings.write(url, [written], access.person())
    LOG.info("%s wrote about %s", access.person(), written.finding)
