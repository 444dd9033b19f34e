"""Rollups in the database: written whole, or adjusted by what changed."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql

from data.bulk import replace_table
from data.tables import ledger

EVERYBODY = 0
"""The audience of rows that are over all customers."""

MEASURES: Mapping[Table, tuple[str, ...]] = {
    ledger.month_movement: ("delta_arr",),
    ledger.month_movement_customers: ("customers",),
    ledger.month_transition: ("customers",),
    ledger.cohort_change: ("delta_arr",),
    ledger.cohort_subscriber_change: ("subscribers",),
    ledger.retention_change: ("arr_start", "arr_end", "arr_kept", "customers", "lost"),
    ledger.size_change: ("subscribers",),
    ledger.lifetime: ("customers",),
    ledger.ever_subscribed: ("customers",),
    ledger.evidence_change: ("delta_arr",),
}
"""The rollup tables, and the columns of each that add up; the others are its key."""

Rows = Sequence[tuple[Any, ...]]
Rollups = Mapping[Table, pa.Table]
"""The rows of each rollup, with the table's columns in their order."""


def added(parts: Sequence[Rollups]) -> Rollups:
    """The rollups of all customers from those of parts of them."""
    return parts[0] if len(parts) == 1 else {table: _added(table, parts) for table in parts[0]}


def _added(table: Table, parts: Sequence[Rollups]) -> pa.Table:
    measures = MEASURES[table]
    keys = [column.name for column in table.columns if column.name not in measures]
    every = pa.concat_tables([part[table] for part in parts]).group_by(keys, use_threads=False)
    sums = every.aggregate([(name, "sum") for name in measures])
    found = sums.select([*keys, *(f"{name}_sum" for name in measures)]).rename_columns([*keys, *measures])
    return found.filter(reduce(compute.or_, (compute.not_equal(found[name], 0) for name in measures)))


ADD = "insert into {name} select * from {rows} where true on conflict ({keys}) do update set {sums}"
REMOVE = "delete from {name} where {found} and {nothing}"


def replace(connection: Connection, contributed: Rollups) -> None:
    """Write rollups as they are, in place of everything that was there."""
    for table, rows in contributed.items():
        replace_table(connection, table, rows)


def adjust(connection: Connection, change: Rollups) -> None:
    """Add a change to the rollups; rows that come to nothing go."""
    for table, changed in change.items():
        rows = list(zip(*(column.to_pylist() for column in changed.columns), strict=True))
        keys = list(table.primary_key.columns)
        _run(connection, ADD, table, list(table.columns), rows)
        _run(connection, REMOVE, table, keys, [row[: len(keys)] for row in rows])


def _run(
    connection: Connection, words: str, table: Table, columns: Sequence[Column[Any]], rows: Rows
) -> None:
    """Run a statement over rows: one by one on SQLite; on PostgreSQL all at once, by column."""
    if not rows:
        return
    about = {
        "name": table.name,
        "keys": ", ".join(f'"{column.name}"' for column in table.primary_key),
        "sums": ", ".join(f"{each} = {table.name}.{each} + excluded.{each}" for each in MEASURES[table]),
        "nothing": " and ".join(f"{each} = 0" for each in MEASURES[table]),
    }
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        found = " and ".join(f'"{column.name}" = ?' for column in columns)
        connection.exec_driver_sql(words.format(rows=f"(values ({marks}))", found=found, **about), list(rows))
        return
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    arrays = ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in columns)
    values = tuple(map(list, zip(*rows, strict=True)))
    found = f"({about['keys']}) in (select * from unnest({arrays}))"  # noqa: S608
    connection.exec_driver_sql(words.format(rows=f"unnest({arrays})", found=found, **about), values)
