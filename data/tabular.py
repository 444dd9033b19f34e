"""Whole tables at once: steps of SQL over tables in memory, gone when they are done.

The steps are plain SQL, so that more than one engine can run them: SQLite where there is little to do, since
it begins at once, DuckDB where there is much. One with many machines could, given _MACROS in its own words.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa

MUCH = 20_000
"""So many rows take DuckDB less time than SQLite."""

Row = tuple[Any, ...]

_MACROS = """
set timezone = 'UTC';
create macro share_of(amount, weight, whole) as cast(cast(amount as hugeint) * weight // whole as bigint);
create macro rest_of(amount, weight, whole) as cast(cast(amount as hugeint) * weight % whole as bigint);
create macro listed(name, mark) as string_agg(distinct name, mark order by name);
create macro month_text(number) as strftime(date '1970-01-01' + to_months(cast(number as int)), '%Y-%m');
"""


class Database(Protocol):
    """Tables in memory that answer queries."""

    def run(self, sql: str) -> None:
        """Run a step."""

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query."""

    def table(self, sql: str, schema: pa.Schema) -> pa.Table:
        """The rows of a query by column."""


@contextmanager
def stepped(given: Mapping[str, pa.Table], *steps: str) -> Iterator[Database]:
    """The database after some steps over tables given by name."""
    much = sum(map(len, given.values())) >= MUCH
    with closing(_Duck(given) if much else _Lite(given)) as database:
        for step in steps:
            database.run(step)
        yield database


def table_of(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    """Rows, whose values are in the order of a schema, by column."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    typed = zip(columns, schema.types, strict=True)
    return pa.table([pa.array(values, kind) for values, kind in typed], schema=schema)


class _Duck:
    """DuckDB, in the thread that asks: where there is more to do, others have other parts."""

    def __init__(self, given: Mapping[str, pa.Table]) -> None:
        self._connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
        self.run(_MACROS)
        for name, table in given.items():
            self._connection.register(name, table)
        self.close = self._connection.close

    def run(self, sql: str) -> None:
        self._connection.execute(sql)

    def rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql).fetchall()

    def table(self, sql: str, schema: pa.Schema) -> pa.Table:
        return self._connection.sql(sql).to_arrow_table().cast(schema)


class _Lite:
    """SQLite, with what DuckDB has more."""

    def __init__(self, given: Mapping[str, pa.Table]) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        for function in (_share_of, _rest_of, _month_text):
            count = function.__code__.co_argcount
            self._connection.create_function(function.__name__[1:], count, function, deterministic=True)
        self._connection.create_aggregate("listed", 2, _Listed)  # type: ignore[arg-type]
        self._connection.create_aggregate("bit_or", 1, _BitOr)
        for name, table in given.items():
            self._fill(name, table)
        self.close = self._connection.close

    def _fill(self, name: str, table: pa.Table) -> None:
        columns = ", ".join(f'"{each}"' for each in table.column_names)
        self._connection.execute(f"create table {name} ({columns})")
        values = zip(*(column.to_pylist() for column in table.columns), strict=True)
        marks = ", ".join("?" * table.num_columns)
        self._connection.executemany(f"insert into {name} values ({marks})", values)  # noqa: S608

    def run(self, sql: str) -> None:
        self._connection.executescript(sql)

    def rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql).fetchall()

    def table(self, sql: str, schema: pa.Schema) -> pa.Table:
        rows = self.rows(sql)
        truths = [place for place, kind in enumerate(schema.types) if pa.types.is_boolean(kind)]
        plain = schema
        for place in truths:
            plain = plain.set(place, plain.field(place).with_type(pa.int64()))
        return table_of(rows, plain).cast(schema)


def _share_of(amount: int, weight: int, whole: int) -> int:
    return amount * weight // whole


def _rest_of(amount: int, weight: int, whole: int) -> int:
    return amount * weight % whole


def _month_text(number: int) -> str:
    return str(np.datetime64(number, "M"))


class _Listed:
    """Different texts in order, joined by a mark."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._mark = ""

    def step(self, name: str | None, mark: str) -> None:
        self._names |= {name} if name is not None else set()
        self._mark = mark

    def finalize(self) -> str | None:
        return self._mark.join(sorted(self._names)) if self._names else None


class _BitOr:
    """The bits that any number has."""

    def __init__(self) -> None:
        self._bits = 0

    def step(self, number: int) -> None:
        self._bits |= number

    def finalize(self) -> int:
        return self._bits
