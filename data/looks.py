"""What a person has seen: kept by visit, so that a page opened twice in a row is still one look."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from data.database import open_engine, upsert
from data.tables.looks import last_look

VISIT = timedelta(minutes=30)
"""A visit is over when the person has not looked for so long."""
PATIENCE = 300  # milliseconds: a page does not wait for a sync that writes


class NotKeptError(Exception):
    """The database did not take the look; the page can do without."""


def look(url: str, person: str, data_at: datetime, now: datetime) -> datetime | None:
    """Note that a person looks at data as of an instant; what their visit before this one saw last.

    None on the first visit of all. Raises NotKeptError.
    """
    return _kept(url, person, data_at, now, begins_anew=False)


def seen_all(url: str, person: str, data_at: datetime, now: datetime) -> datetime | None:
    """Take everything until an instant as seen. Raises NotKeptError."""
    return _kept(url, person, data_at, now, begins_anew=True)


def _kept(url: str, person: str, data_at: datetime, now: datetime, *, begins_anew: bool) -> datetime | None:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE}")
            return _note(connection, person, data_at, now, begins_anew)
    except SQLAlchemyError as error:
        raise NotKeptError("The database did not take when you last looked.") from error
    finally:
        engine.dispose()


def _note(
    connection: Connection, person: str, data_at: datetime, now: datetime, begins_anew: bool
) -> datetime | None:
    found = connection.execute(select(last_look).where(last_look.c.person == person)).first()
    before = found.before_at if found else None
    if found and now - found.looked_at > VISIT:
        before = found.seen_at
    if begins_anew:
        before = data_at
    row = {"person": person, "before_at": before, "seen_at": data_at, "looked_at": now}
    upsert(connection, last_look, [row])
    return before
