"""A mirror of many subscriptions, each with evidence of three movements, for both databases and Parquet.

python -m bench._ledger_data URL SUBSCRIPTIONS fills a database that is there to be looked at.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Column, Connection, Date, Engine, Table

from bench._ledger_tables import CREATED, TABLES
from data.bulk import schema_of
from data.columnar.folder import AUDIENCES
from data.columnar.folder import TABLES as TABLES_OF_THE_PAST
from data.database import open_engine
from data.tables import metadata
from data.tables.types import UTCDateTime

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHUNK = 50_000
Rows = list[tuple[Any, ...]]


def made(subscriptions: int) -> duckdb.DuckDBPyConnection:
    """The mirror's rows as tables of an in-memory DuckDB, named as the mirror's are."""
    business = duckdb.connect()
    business.execute("set timezone = 'UTC'")
    business.execute(f"create macro now_at() as {int(NOW.timestamp())}")
    business.execute(f"create macro amount() as {subscriptions}")
    for name, query in TABLES.items():
        business.execute(f"create table {name} as {query}")
    return business


def parquet(business: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The tables as files, for what is written by hand over them."""
    for name in CREATED:
        business.execute(f"copy {name} to '{folder / name}.parquet'")


def mirrored(business: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The mirror's tables as `columnar.folder` reads them, with all of their columns."""
    for table in TABLES_OF_THE_PAST:
        found = f"from {table.name}" if table.name in CREATED else "where false"
        described = business.execute(f"describe {table.name}").fetchall() if table.name in CREATED else []
        columns = ", ".join(_typed(column, {row[0] for row in described}) for column in table.columns)
        business.execute(f"copy (select {columns} {found}) to '{folder / table.name}.parquet'")
    belonging = "select id as customer_id, 1 as audience_id from customer"
    business.execute(f"copy ({belonging}) to '{folder / AUDIENCES.name}.parquet'")


def _typed(column: Column[Any], known: set[str]) -> str:
    """A column as a Parquet file of the mirror has it; what the business has not is null."""
    kind = schema_of(column.table).field(column.name).type
    name = f'"{column.name}"' if column.name in known else "null"
    if column.name == "observed_at":
        name = "now_at()"
    if pa.types.is_timestamp(kind):
        return f'to_timestamp({name}) as "{column.name}"'
    words = {pa.int64(): "bigint", pa.bool_(): "boolean"}
    return f'{name}::{words.get(kind, "varchar")} as "{column.name}"'


def fill(business: duckdb.DuckDBPyConnection, engine: Engine, names: tuple[str, ...] = CREATED) -> None:
    """Write the rows to an empty database; its indexes are made afterwards, as that is faster."""
    with engine.begin() as connection:
        for name in names:
            table = metadata.tables[name]
            for index in table.indexes:
                index.drop(connection)
            for rows in _chunks(business, name, connection.dialect.name):
                _write(connection, table, rows)
            for index in table.indexes:
                index.create(connection)
    with engine.begin() as connection:
        connection.exec_driver_sql("analyze")


def _chunks(business: duckdb.DuckDBPyConnection, name: str, dialect: str) -> Iterator[Rows]:
    """Rows of a table with all columns of the mirror's; instants are texts that the database takes."""
    kinds = {row[0]: row[1] for row in business.execute(f"describe {name}").fetchall()}
    columns = [_column(each, kinds, dialect) for each in metadata.tables[name].columns]
    found = business.execute(f"select {', '.join(columns)} from {name}")  # noqa: S608
    while rows := found.fetchmany(CHUNK):
        yield rows


def _column(column: Column[Any], kinds: dict[str, str], dialect: str) -> str:
    name, zone = column.name, "" if dialect == "sqlite" else "+00"
    if name == "observed_at" and name not in kinds:
        return f"'{NOW:%Y-%m-%d %H:%M:%S}.000000{zone}'"
    if name not in kinds:
        return "null"
    if isinstance(column.type, UTCDateTime):
        return f"strftime(to_timestamp({name}), '%Y-%m-%d %H:%M:%S.%f{zone}')"
    return f"{name}::text" if isinstance(column.type, Date) else name


def _write(connection: Connection, table: Table, rows: Rows) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        insert = f'insert into "{table.name}" ({names}) values ({marks})'  # noqa: S608
        connection.exec_driver_sql(insert, rows)
        return
    with TemporaryFile("w+", newline="") as file:
        csv.writer(file).writerows(rows)
        file.seek(0)
        cursor = connection.connection.cursor()
        with cursor.copy(f'copy "{table.name}" ({names}) from stdin (format csv)') as copy:  # type: ignore[attr-defined]
            while part := file.read(1 << 20):
                copy.write(part)


def main() -> None:
    """Fill the database of a URL."""
    engine = open_engine(sys.argv[1])
    metadata.create_all(engine)
    fill(made(int(sys.argv[2])), engine)
    engine.dispose()


if __name__ == "__main__":
    main()
