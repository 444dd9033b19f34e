"""A SQLite file's rows by column, read beside the connection that asks: Python never sees a row."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from adbc_driver_sqlite import dbapi
from pyarrow import compute
from sqlalchemy import Connection

BATCH = "65536"
AT_ONCE = 2
"""So many queries are read at the same time."""


def possible(connection: Connection) -> bool:
    """Whether another connection sees what this one does: a file, of which this one has changed nothing."""
    given: Any = connection.connection.driver_connection
    file = connection.engine.url.database
    return bool(file) and Path(str(file)).is_file() and not given.in_transaction


def scanned(connection: Connection, queries: Sequence[tuple[str, pa.Schema]]) -> Iterator[pa.Table]:
    """The rows of each query, in their order; texts and whole numbers only."""
    file = f"file:{quote(str(connection.engine.url.database))}?mode=ro"
    with ThreadPoolExecutor(AT_ONCE) as readers:
        yield from readers.map(lambda query: _read(file, *query), queries)


def _read(file: str, sql: str, schema: pa.Schema) -> pa.Table:
    """A column's type is told from its first rows, so a text is never null: an empty one stands for it."""
    columns = ", ".join(_never_null(schema))
    named = f"with found ({', '.join(schema.names)}) as ({sql}) select {columns} from found"  # noqa: S608
    with closing(dbapi.connect(file)) as connection, closing(connection.cursor()) as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH})
        cursor.execute(named)
        found = cursor.fetch_arrow_table()
    filled = zip(found.columns, schema.types, strict=True)
    return pa.table([_nulls(column, kind) for column, kind in filled], schema=schema)


def _never_null(schema: pa.Schema) -> Iterable[str]:
    return (f"ifnull({each.name}, '')" if pa.types.is_string(each.type) else each.name for each in schema)


def _nulls(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """The column with null where its text is empty."""
    if not pa.types.is_string(kind):
        return column.cast(kind)
    texts = column.cast(kind)
    return compute.if_else(compute.equal(texts, ""), None, texts)
