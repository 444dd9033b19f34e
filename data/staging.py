"""Many rows into an empty SQLite table: written by column to a file beside it, and taken over from there.

Python never sees a row, and the caller's transaction alone decides whether they are there.
"""

import itertools
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
from adbc_driver_sqlite import dbapi
from sqlalchemy import Connection, Engine, Table, event

PREFIX = "staged_"
_numbers = itertools.count()


def filled(connection: Connection, table: Table, rows: pa.Table) -> bool:
    """Insert rows given by column into a table that has none; ids count from 1.

    False, and nothing done, where there is no SQLite file, or no file can be written beside it.
    """
    database = connection.engine.url.database
    if connection.dialect.name != "sqlite" or database in (None, "", ":memory:"):
        return False
    file = Path(f"{database}-{PREFIX}{table.name}")
    file.unlink(missing_ok=True)
    try:
        _stage(file, _definition(connection, table.name), table.name, as_stored(rows))
        _take_over(connection, file, table.name)
    except (OSError, dbapi.Error):
        return False
    finally:
        file.unlink(missing_ok=True)
    return True


def _take_over(connection: Connection, file: Path, name: str) -> None:
    alias = f"{PREFIX}{next(_numbers)}"
    connection.exec_driver_sql(f"attach ? as {alias}", (str(file),))
    connection.exec_driver_sql(f'insert into "{name}" select * from {alias}."{name}"')  # noqa: S608


def as_stored(rows: pa.Table) -> pa.Table:
    """Instants and days as the texts that SQLAlchemy stores in SQLite."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(place, field.name, rows[place].cast(pa.timestamp("us")).cast(pa.string()))
        elif pa.types.is_date(field.type):
            rows = rows.set_column(place, field.name, rows[place].cast(pa.string()))
    return rows


def detach_on_return(engine: Engine) -> None:
    """Let go of what was taken over when a connection goes back to its pool: no transaction holds it then."""

    @event.listens_for(engine, "checkin")
    def _detach(connection: Any, _record: Any) -> None:
        for _, name, _ in connection.execute("pragma database_list").fetchall() if connection else ():
            if name.startswith(PREFIX):
                connection.execute(f'detach "{name}"')


def _definition(connection: Connection, name: str) -> str:
    """The very words in which the table was made: SQLite then copies rows without looking into them."""
    words = "select sql from sqlite_master where type = 'table' and name = ?"
    return str(connection.exec_driver_sql(words, (name,)).scalar_one())


def _stage(file: Path, definition: str, name: str, rows: pa.Table) -> None:
    """Write rows to a file that nobody needs after a crash.

    It is closed before the database's own library opens it, and the database is never opened here:
    two copies of SQLite in one process do not see each other's locks (sqlite.org/howtocorrupt.html, 2.2.1).
    """
    beside = dbapi.connect(str(file), autocommit=True)
    with closing(beside), closing(beside.cursor()) as cursor:
        for step in ("pragma journal_mode = off", "pragma synchronous = off", definition):
            cursor.execute(step)
        cursor.adbc_ingest(name, rows, mode="append")
