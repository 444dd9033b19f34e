"""PostgreSQL: every table by COPY within one transaction, so all of it is of one instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from data.backup import after
from data.backup.archive import Archive, BackupError, Writer
from data.migrations import revision, upgrade
from data.tables import metadata

FORMER = frozenset({"cohort_subscribers", "cohort_month_end", "month_end", "month_end_subscribers"})
"""Tables that earlier migrations made and later ones dropped."""
NUMBERS = "alembic_version"
SAME_WORDS = ("set local timezone to 'UTC'", "set local datestyle to 'ISO, YMD'")
PATIENCE = "set local lock_timeout to '15s'"


def write(engine: Engine, writer: Writer) -> str:
    """Write every table of ours; gives the migration they are at. Raises SQLAlchemyError, psycopg.Error."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        _prepare(connection)
        inspector = inspect(connection)
        for name in _ours(connection):
            columns = [column["name"] for column in inspector.get_columns(name)]
            with writer.part(name, columns) as sink, _copy(connection, name, columns, "to stdout") as copied:
                for block in copied:
                    sink.write(block)
        return revision(connection) or ""


def restore(engine: Engine, archive: Archive, replace: bool, person: str, now: datetime) -> None:
    """Make the tables as they were, fill them and bring them up to date: all of it or nothing.

    Raises BackupError, SQLAlchemyError, psycopg.Error.
    """
    with engine.begin() as connection:
        there = _ours(connection)
        if there and not replace:
            raise BackupError("The database has tables of the app: say --replace to lose what is in them.")
        connection.execute(text(PATIENCE))
        before = after.last_version(connection)
        _drop(connection, [*there, *([NUMBERS] if revision(connection) else [])])
        upgrade(connection, archive.about.migration)
        _fill(connection, archive)
        upgrade(connection)
        _continue_numbers(connection)
        after.restored(connection, archive.about, before, person, now)


def _ours(connection: Connection) -> list[str]:
    """The app's tables that are there; others in the same schema are left alone."""
    return sorted(set(inspect(connection).get_table_names()) & (metadata.tables.keys() | FORMER))


def _drop(connection: Connection, names: list[str]) -> None:
    if names:
        quoted = ", ".join(_quoted(connection, name) for name in names)
        connection.execute(text(f"drop table {quoted} cascade"))


def _fill(connection: Connection, archive: Archive) -> None:
    """Rows of every part, those that others point at first."""
    _prepare(connection)
    tables = MetaData()
    tables.reflect(connection, only=_ours(connection))
    for table in tables.sorted_tables:
        part = archive.about.part(table.name)
        if part is not None:
            with _copy(connection, part.name, part.columns, "from stdin") as copied:
                for block in archive.blocks(part):
                    copied.write(block)


def _continue_numbers(connection: Connection) -> None:
    """Numbers of new rows follow the greatest that is there.

    Tables are named with their schema: PostgreSQL may ask for the sequence before it has chosen the schema.
    """
    query = text(
        "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
        " and pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name) is not null"
    )
    for table, column in connection.execute(query).all():
        if table in metadata.tables:
            where, what = _quoted(connection, table), _quoted(connection, column)
            most = f"select max({what}) from {where}"  # noqa: S608 - names from the catalogue, quoted
            set_ = text(
                f"select setval(pg_get_serial_sequence(:table, :column), coalesce(({most}), 1),"
                f" ({most}) is not null)"
            )
            connection.execute(set_, {"table": where, "column": column})


def _prepare(connection: Connection) -> None:
    for statement in SAME_WORDS:
        connection.execute(text(statement))


@contextmanager
def _copy(connection: Connection, name: str, columns: list[str], way: str) -> Iterator[Any]:
    """COPY of a table's columns as text, within the connection's transaction."""
    driver: Any = connection.connection.driver_connection
    listed = ", ".join(_quoted(connection, column) for column in columns)
    statement = f"copy {_quoted(connection, name)} ({listed}) {way} (format text, encoding 'UTF8')"
    with driver.cursor() as cursor, cursor.copy(statement) as copied:
        yield copied


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
