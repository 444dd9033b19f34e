"""Files with personal data that left the app: each is noted in the audit before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data import audit
from data.writing import transaction

PERSONAL = frozenset(
    {"customer", "customer_name", "name", "email", "customer_email", "person", "account_manager"}
)
"""Columns that say who somebody is."""


@dataclass(frozen=True)
class HandedOut:
    """A file that somebody asked for: its name, how many rows, which columns; rows None where not counted."""

    person: str
    role: str
    file: str
    columns: Sequence[str]
    rows: int | None = None


def is_personal(columns: Sequence[str]) -> bool:
    """Whether a file with these columns says who somebody is."""
    return not PERSONAL.isdisjoint(columns)


def note(url: str, given: HandedOut, now: datetime) -> None:
    """Write down who takes what. Raises NotChangedError, and then nothing may be handed out."""
    after = {"columns": list(given.columns)} | ({} if given.rows is None else {"rows": given.rows})
    entry = audit.Entry(
        now, given.person, given.role, "Export personal data", "done", subject=given.file, after=after
    )
    with transaction(
        url, "The export could not be written into the audit, so there is no file."
    ) as connection:
        audit.write(connection, entry)
