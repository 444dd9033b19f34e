"""Upserts of whole pages, past SQLAlchemy's binding of value by value, which costs more than the database.

SQLite gets tuples; PostgreSQL one JSON text a page, which it unpacks itself. The statements and the stored
form of every value are those of `database.upsert`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import JSON, Boolean, Connection, Integer, Table, delete
from sqlalchemy.dialects import postgresql

from data import staging
from data.tables.types import UTCDateTime

BATCH = 50_000
"""Rows handed over in one go."""
Row = Mapping[str, Any]
Values = Iterable[Any]


class Plan(NamedTuple):
    """How rows of one table are handed over."""

    sql: str
    key: Callable[[Row], Any]
    values: Callable[[Row], tuple[Any, ...]]
    converters: tuple[Callable[[Values], Values] | None, ...]  # by column


def upsert_page(connection: Connection, table: Table, rows: Sequence[Row], newer_by: str) -> None:
    """Insert full rows of a table or overwrite those that are not newer; of one key the newest row counts."""
    if not rows:
        return
    plan = _plan(table, connection.dialect.name, newer_by)
    latest = _latest(rows, plan.key, newer_by)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(plan.sql, _tuples(plan, latest))
    else:
        packed = orjson.dumps(latest)
        connection.exec_driver_sql(plan.sql, (without_nul(packed).decode(),))


def insert_table(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Insert rows given by column; columns that they do not have are left to the database.

    SQLite gets tuples, with instants and days as the texts that SQLAlchemy stores; PostgreSQL a COPY.
    """
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows.column_names))
        sql = f'insert into "{table.name}" ({_quoted(rows.column_names)}) values ({marks})'  # noqa: S608
        for batch in staging.as_stored(rows).to_batches(max_chunksize=BATCH):
            columns = (column.to_pylist() for column in batch.columns)
            cursor.executemany(sql, zip(*columns, strict=True))
        return
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with cursor.copy(f'copy "{table.name}" ({_quoted(rows.column_names)}) from stdin (format csv)') as copy:
        for batch in rows.to_batches(max_chunksize=BATCH):
            packed = BytesIO()
            csv.write_csv(batch, packed, options)
            copy.write(packed.getbuffer())


def schema_of(table: Table) -> pa.Schema:
    """A table's columns: texts where they are no integers, booleans or instants."""
    kinds = {Integer: pa.int64(), Boolean: pa.bool_(), UTCDateTime: pa.timestamp("us", "UTC")}
    found = (
        next((kind for each, kind in kinds.items() if isinstance(column.type, each)), pa.string())
        for column in table.columns
    )
    return pa.schema(list(zip(table.columns.keys(), found, strict=True)))


def replace_table(
    connection: Connection, table: Table, rows: pa.Table, staged: staging.Shelf | None = None
) -> None:
    """Insert rows given by column in place of everything that was there; staged: they are there already."""
    connection.execute(delete(table))
    if staged:
        staging.take_over(connection, staged)
        return
    with indexed_after(connection, table, len(rows)):
        insert_table(connection, table, rows)


def _latest(rows: Sequence[Row], key: Callable[[Row], Any], newer_by: str) -> list[Row]:
    """Each key once, with its newest row: one statement may not touch a row twice."""
    latest: dict[Any, Row] = {}
    for row in rows:
        known = latest.setdefault(key(row), row)
        if known is not row and row[newer_by] >= known[newer_by]:
            latest[key(row)] = row
    return list(latest.values())


def _tuples(plan: Plan, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    columns = zip(*map(plan.values, rows), strict=True)
    stored = [
        values if convert is None else convert(values)
        for convert, values in zip(plan.converters, columns, strict=True)
    ]
    return list(zip(*stored, strict=True))


def _instants(values: Values) -> Values:
    """Instants as SQLAlchemy stores them in SQLite: UTC, microseconds, no zone."""
    return [None if each is None else each.isoformat(" ", "microseconds")[:26] for each in values]


def _json(values: Values) -> Values:
    return [None if each is None else orjson.dumps(each).decode() for each in values]


def without_nul(packed: bytes) -> bytes:
    r"""PostgreSQL keeps no NUL in a text; whoever put one into a name finds U+FFFD there."""
    if rb"\u0000" not in packed:
        return packed
    return re.sub(rb"(?<!\\)((?:\\\\)*)\\u0000", rb"\1\\ufffd", packed)


@contextmanager
def indexed_after(connection: Connection, table: Table, count: int) -> Iterator[None]:
    """Make a table's indexes after the block, where so many rows go into it that this is faster.

    Only on SQLite: PostgreSQL would keep readers waiting until the end of the transaction.
    """
    indexes = table.indexes if connection.dialect.name == "sqlite" and count > BATCH else ()
    for index in indexes:
        index.drop(connection, checkfirst=True)
    yield
    for index in indexes:
        index.create(connection)


@cache
def _plan(table: Table, dialect: str, newer_by: str) -> Plan:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    sql = (
        f'insert into "{table.name}" ({_quoted(names)}) {_SOURCES[dialect](table)}'
        f" on conflict ({_quoted(keys)}) do update set {changes}"
        f' where excluded."{newer_by}" >= "{table.name}"."{newer_by}"'
    )
    converters = (_converter(column.type) for column in table.columns)
    return Plan(sql, itemgetter(*keys), itemgetter(*names), tuple(converters))


def _converter(kind: Any) -> Callable[[Values], Values] | None:
    return _instants if isinstance(kind, UTCDateTime) else _json if isinstance(kind, JSON) else None


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _tuple_source(table: Table) -> str:
    return f"values ({', '.join('?' * len(table.columns))})"


def _json_source(table: Table) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    shape = ", ".join(f'"{column.name}" {column.type.compile(dialect)}' for column in table.columns)
    return f"select * from json_to_recordset(%s::json) as page ({shape})"  # noqa: S608 (names of our own)


_SOURCES: Mapping[str, Callable[[Table], str]] = {"sqlite": _tuple_source, "postgresql": _json_source}
