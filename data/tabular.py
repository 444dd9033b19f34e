"""Rows of values as columns."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

Row = tuple[Any, ...]


def table_of(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    """Rows, whose values are in the order of a schema, by column."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    typed = zip(columns, schema.types, strict=True)
    return pa.table([pa.array(values, kind) for values, kind in typed], schema=schema)
