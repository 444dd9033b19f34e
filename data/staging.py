"""Many rows into an empty SQLite table: written by column to a file beside it, and taken over from there.

Python never sees a row, and the caller's transaction alone decides whether they are there. The file has the
table's indexes too, so that all of the work but copying can be done by another thread.
"""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from adbc_driver_sqlite import dbapi
from sqlalchemy import Connection, Engine, Table, event

PREFIX = "staged_"
PRAGMAS = ("journal_mode = off", "synchronous = off", "locking_mode = exclusive", "cache_size = -131072")
MANY = 50_000
"""So many rows are worth a file."""
_numbers = itertools.count()


class Shelf(NamedTuple):
    """A file for the rows of a table, and the very words in which the table and its indexes were made.

    By those words SQLite knows that it may copy rows and indexes without looking into them.
    """

    file: Path
    table: str
    definitions: tuple[str, ...]


@contextmanager
def shelves(connection: Connection, *tables: Table) -> Iterator[list[Shelf | None]]:
    """A shelf for each table, gone after the block; None where there is no SQLite file."""
    database = connection.engine.url.database
    if connection.dialect.name != "sqlite" or database in (None, "", ":memory:"):
        yield [None] * len(tables)
        return
    made = [_shelf(connection, str(database), table.name) for table in tables]
    try:
        yield [*made]
    finally:
        for shelf in made:
            shelf.file.unlink(missing_ok=True)


def _shelf(connection: Connection, database: str, name: str) -> Shelf:
    words = "select sql from sqlite_master where tbl_name = ? and sql is not null order by type = 'index'"
    definitions = connection.exec_driver_sql(words, (name,)).scalars()
    return Shelf(Path(f"{database}-{PREFIX}{name}"), name, tuple(definitions))


def fill(shelf: Shelf | None, rows: pa.Table) -> Shelf | None:
    """Write many rows, given by column, to a shelf, whose ids count from 1; None: there is no file with them.

    The file is closed before the database's own library opens it, and the database is never opened here:
    two copies of SQLite in one process do not see each other's locks (sqlite.org/howtocorrupt.html, 2.2.1).
    """
    if shelf is None or len(rows) <= MANY:
        return None
    shelf.file.unlink(missing_ok=True)
    try:
        beside = dbapi.connect(str(shelf.file), autocommit=True)
        with closing(beside), closing(beside.cursor()) as cursor:
            definition, *indexes = shelf.definitions
            for step in (*(f"pragma {pragma}" for pragma in PRAGMAS), definition):
                cursor.execute(step)
            cursor.adbc_ingest(shelf.table, as_stored(rows), mode="append")
            for index in indexes:
                cursor.execute(index)
    except (OSError, dbapi.Error):
        return None
    return shelf


def take_over(connection: Connection, shelf: Shelf) -> None:
    """Copy a filled shelf into its table, which must be empty."""
    alias = f"{PREFIX}{next(_numbers)}"
    connection.exec_driver_sql(f"attach ? as {alias}", (str(shelf.file),))
    connection.exec_driver_sql(f'insert into main."{shelf.table}" select * from {alias}."{shelf.table}"')  # noqa: S608


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
