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


def possible(connection: Connection) -> bool:
    """Whether a connection is of a SQLite file."""
    return connection.dialect.name == "sqlite" and connection.engine.url.database not in (
        None,
        "",
        ":memory:",
    )


def fill_table(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Insert rows, whose values are as SQLite stores them, into a table that has none; ids count from 1."""
    file = Path(f"{connection.engine.url.database}-{PREFIX}{table.name}")
    file.unlink(missing_ok=True)
    name, alias = table.name, f"{PREFIX}{next(_numbers)}"
    try:
        _stage(file, _definition(connection, name), name, rows)
        connection.exec_driver_sql(f"attach ? as {alias}", (str(file),))
        connection.exec_driver_sql(f'insert into "{name}" select * from {alias}."{name}"')  # noqa: S608
    finally:
        file.unlink(missing_ok=True)


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
    """Write rows to a file that nobody needs after a crash."""
    with (
        closing(dbapi.connect(str(file), autocommit=True)) as connection,
        closing(connection.cursor()) as cursor,
    ):
        for step in ("pragma journal_mode = off", "pragma synchronous = off", definition):
            cursor.execute(step)
        cursor.adbc_ingest(name, rows, mode="append")
