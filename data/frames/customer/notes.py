"""What people wrote about a customer."""

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables.customers import customer_note

note = customer_note.c


def customer_notes(engine: Engine, owner_id: str) -> pd.DataFrame:
    """Every version of every note about a customer or an account, the newest first.

    thread, text (missing: taken away), written_at, written_by.
    """
    query = select(note.thread, note.text, note.written_at, note.written_by)
    return read(engine, query.where(note.owner_id == owner_id).order_by(note.id.desc()))
