"""Notes about customers: each version a row that is never changed, the newest of a thread stands."""

from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import insert

from data.clock import now
from data.tables.customers import customer_note
from data.writing import NotChangedError, writing

__all__ = ["LONGEST", "NotChangedError", "Note", "write"]

LONGEST = 5_000
"""Letters of a note."""


@dataclass(frozen=True)
class Note:
    """What a person says of a customer or an account; without text it is taken away."""

    owner_id: str
    text: str | None
    thread: str = field(default_factory=lambda: uuid4().hex)  # that of the note which it changes

    def __post_init__(self) -> None:
        if self.text is not None and not 0 < len(self.text) <= LONGEST:
            raise ValueError(f"a note has 1 to {LONGEST} letters")


def write(url: str, note: Note, person: str) -> None:
    """Add a note, or a version of one, by a person. Raises NotChangedError."""
    with writing(url, "note about a customer") as connection:
        row = {**vars(note), "written_at": now(), "written_by": person}
        connection.execute(insert(customer_note).values(**row))
