"""SQL results as typed DataFrames: integers stay integers where a value is missing, instants are UTC."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    Engine,
    Integer,
    Numeric,
    Select,
    String,
    cast,
    func,
)
from sqlalchemy.types import TypeEngine

from data.tables.types import UTCDateTime

INSTANT = pd.DatetimeTZDtype("us", "UTC")
DTYPES: tuple[tuple[type[TypeEngine[Any]], Any], ...] = (
    (UTCDateTime, INSTANT),
    (Date, "datetime64[us]"),
    (Boolean, "boolean"),
    (Integer, "Int64"),
    (Numeric, "Float64"),
    (JSON, "object"),
)

PLAIN = (UTCDateTime, Boolean, Integer, String)


def read(source: Engine | Connection, query: Select[Any] | CompoundSelect[Any]) -> pd.DataFrame:
    """The rows of a query, each column typed by its SQL type, also when there are none; text is "string"."""
    with source.connect() if isinstance(source, Engine) else nullcontext(source) as connection:
        rows = _rows(connection, query)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(query.selected_columns)
    typed = {
        column.name: _series(values, _dtype(column.type))
        for column, values in zip(query.selected_columns, columns, strict=True)
    }
    return pd.DataFrame(typed)


def _rows(connection: Connection, query: Select[Any] | CompoundSelect[Any]) -> Sequence[Sequence[Any]]:
    """Rows as the driver gives them where `_series` reads these, else as SQLAlchemy's types make them."""
    result = connection.execute(query)
    plain = all(isinstance(column.type, PLAIN) for column in query.selected_columns)
    return result.cursor.fetchall() if plain and result.cursor is not None else result.all()


def _series(values: Sequence[Any], dtype: Any) -> "pd.Series[Any]":
    """Values of a column; SQLite's driver gives instants as texts in UTC."""
    if dtype == INSTANT and any(isinstance(value, str) for value in values):
        naive = pa.array(values, pa.string()).cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
        instants: pd.Series[Any] = pd.Series(naive, dtype="datetime64[us]").dt.tz_localize("UTC")
        return instants
    typed: pd.Series[Any] = pd.Series(list(values), dtype=dtype)
    return typed


def _dtype(sql: TypeEngine[Any]) -> Any:
    kind = type(sql)
    return next((dtype for known, dtype in DTYPES if issubclass(kind, known)), "string")


def total(column: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum that stays an integer; PostgreSQL would make it a decimal number."""
    return cast(func.sum(column), BigInteger)


def narrowed(query: Select[Any], *conditions: tuple[ColumnElement[Any], Iterable[str] | None]) -> Select[Any]:
    """A query where each column has one of its values; None leaves a column alone."""
    for column, values in conditions:
        if values is not None:
            query = query.where(column.in_(list(values)))
    return query


def made(rows: Sequence[Any], dtypes: dict[str, Any]) -> pd.DataFrame:
    """Rows of our own as a frame with these columns and types, also when there are none."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(dtypes)
    pairs = zip(dtypes.items(), columns, strict=True)
    return pd.DataFrame({name: pd.Series(list(values), dtype=dtype) for (name, dtype), values in pairs})
