"""Notes on what is owed, as finance writes them: each a row that is never changed, the newest stands."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from data.clock import now
from data.database import open_engine
from data.tables import mirror, operations
from data.tables.receivables import KINDS, receivable_note


class NotWrittenError(Exception):
    """The database did not take a note; the message is a sentence for a person."""


@dataclass(frozen=True)
class Note:
    """What a person says of an invoice: promise (with its day), dispute, remark, or settled."""

    invoice_id: str
    kind: str
    text: str
    promised_on: date | None = None
    amount: int | None = None  # minor units, promised or disputed; None: all that is open

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no note of the kind {self.kind}")
        if (self.kind == "promise") != (self.promised_on is not None):
            raise ValueError("a promise has a day, and nothing else does")


def write(url: str, note: Note, person: str) -> None:
    """Add a note by a person, as a new version of the data. Raises NotWrittenError."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            invoice, version = mirror.invoice.c, operations.data_version
            query = select(invoice.customer_id).where(invoice.id == note.invoice_id)
            row = {**vars(note), "customer_id": connection.scalar(query)}
            row |= {"written_at": now(), "written_by": person}
            connection.execute(insert(receivable_note).values(**row))
            last = select(version.c.data_at).order_by(version.c.version.desc()).limit(1)
            data_at = connection.scalar(last)
            if data_at is not None:
                values = {"committed_at": now(), "data_at": data_at, "reason": "note on an invoice"}
                connection.execute(insert(version).values(**values))
    except SQLAlchemyError as error:
        raise NotWrittenError(
            "The database did not take the note, so nothing was changed. Try again; "
            "`python -m dashboard doctor` checks the database."
        ) from error
    finally:
        engine.dispose()
