"""The mirror's tables as Parquet files in a folder: one a table, named as it is, instants with their zone."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import orjson
import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import JSON, Column, Connection, Table, create_engine, select

from data.bulk import insert_table, schema_of
from data.tables import ledger, mirror

TABLES = (
    mirror.subscription,
    mirror.subscription_item,
    mirror.subscription_schedule,
    mirror.price,
    mirror.coupon,
    mirror.discount,
    mirror.invoice,
    mirror.invoice_line,
    mirror.invoice_item,
    mirror.invoice_payment,
    mirror.event,
    mirror.charge,
)
"""What the past is told from: a folder has a file for each, with all of its columns."""
AUDIENCES = ledger.customer_audience
"""To whom each customer belongs, which the rollups count by."""
AT_ONCE = 50_000
WHOLE = (mirror.price, mirror.coupon)
"""Few rows that anybody may need."""
_OF_CUSTOMER = "customer_id in (from wanted)"
_OF_SUBSCRIPTION = "subscription_id in (select id from subscription where customer_id in (from wanted))"
_OF_INVOICE = "invoice_id in (select id from invoice where customer_id in (from wanted))"
_OF_EVENT = """
object_id in (select id from subscription where customer_id in (from wanted))
or object_type <> 'subscription' and data ->> '$.object.customer' in (from wanted)
"""


class Folder:
    """Reads a folder of files, by column, and by customer into a mirror in memory."""

    def __init__(self, path: Path) -> None:
        self._open = ExitStack()
        self._files = self._open.enter_context(duckdb.connect())
        self._files.execute("set timezone = 'UTC'")
        for table in TABLES:
            source = str(path / f"{table.name}.parquet").replace("'", "''")
            self._files.execute(f"create view {table.name} as from read_parquet('{source}')")
        engine = create_engine("sqlite://")
        self._open.callback(engine.dispose)
        self._memory = self._open.enter_context(engine.connect())
        for table in TABLES:
            table.create(self._memory)
        for table in WHOLE:
            self._load(table, "true")

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def read(self, sql: str) -> pa.Table:
        """The rows of a query by column."""
        return self._files.sql(sql).to_arrow_table()

    def near(self, customers: Collection[str]) -> Connection:
        """A mirror in memory that has the rows of some customers, and prices and coupons.

        It has the oldest event too, whoever's it is: what happened since has left an event.
        """
        if not customers:
            return self._memory
        self._files.register("wanted", pa.table({"id": pa.array(customers, pa.string())}))
        for table in TABLES:
            if table not in WHOLE:
                self._memory.execute(table.delete())
                self._load(table, _theirs(table))
        self._files.unregister("wanted")
        return self._memory

    def _load(self, table: Table, condition: str) -> None:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        found = self.read(f"select {columns} from {table.name} where {condition}")  # noqa: S608 (our names)
        insert_table(self._memory, table, found)


def _theirs(table: Table) -> str:
    """The condition that keeps a table's rows of wanted customers."""
    if table is mirror.event:
        return f"({_OF_EVENT}) or id = (select arg_min(id, created_at) from event)"  # noqa: S608
    if table is mirror.invoice_payment:
        return _OF_INVOICE
    named = {"customer_id": _OF_CUSTOMER, "subscription_id": _OF_SUBSCRIPTION}
    return " or ".join(condition for name, condition in named.items() if name in table.columns)


def copied(connection: Connection, path: Path) -> None:
    """Write the mirror's tables that tell of the past, and who belongs to whom, to a folder."""
    for table in (*TABLES, AUDIENCES):
        schema = schema_of(table)
        found = connection.execute(select(table)).partitions(AT_ONCE)
        with parquet.ParquetWriter(path / f"{table.name}.parquet", schema) as file:
            for rows in found:
                columns = zip(zip(*rows, strict=True), table.columns, schema.types, strict=True)
                values = [pa.array(_texts(each, column), kind) for each, column, kind in columns]
                file.write_batch(pa.record_batch(values, schema))


def _texts(values: Any, column: Column[Any]) -> Any:
    """A column's values, objects as JSON."""
    if not isinstance(column.type, JSON):
        return values
    return [None if each is None else orjson.dumps(each).decode() for each in values]
