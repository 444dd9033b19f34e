"""What the set-based timelines need of the mirror: few columns, read in the transaction that asks.

Where that transaction has changed nothing yet, other processes read a SQLite file as last committed. A folder
of Parquet files is read as it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Connection

from data.columnar.apart import NotReadError, answers
from data.columnar.folder import Folder

Source = Connection | Folder
Customers = Sequence[str] | None
CHUNK = 20_000
MANY = 20_000
"""So many subscriptions are worth the start of other processes."""
MARK = "\x1f"
"""Stands between columns: JSON escapes it, and no id has it."""

_SUBSCRIPTION = """
select id, customer_id, status, currency, {at coalesce(start_at, created_at, observed_at)}, {at created_at},
    {at trial_start_at}, {at trial_end_at}, {at coalesce(ended_at, deleted_at)}, {at observed_at}
from subscription where id {theirs} and customer_id is not null
"""
_ITEM = """
select subscription_id, id, price_id, quantity, {at created_at}
from subscription_item where subscription_id {theirs} and deleted_at is null
"""
_LINE = """
select subscription_id, subscription_item_id, invoice_item_id, price_id, quantity,
    case when not coalesce(proration, false) then 0
        when amount < 0 or {filled credited_lines} then 2 else 1 end,
    case when amount = 0 then 1 else 0 end, {epoch period_start}, {epoch period_end},
    case when {filled discount_amounts} then cast(discount_amounts as text) end,
    case when {filled discount_amounts} then invoice_id end
from invoice_line where subscription_id {theirs} and deleted_at is null
    and (subscription_item_id is not null or discount_amounts is not null)
"""
_PENDING = """
select subscription_id, subscription_item_id, id, price_id, quantity,
    case when amount < 0 or {filled credited_lines} then 2 else 1 end,
    case when amount = 0 then 1 else 0 end, {epoch period_start}, {epoch period_end}, null, null
from invoice_item where subscription_id {theirs} and deleted_at is null and proration
    and subscription_item_id is not null
"""
_BILL = """
select subscription_id, id, billing_reason,
    case when collection_method = 'charge_automatically' and amount_due > 0 then 1 else 0 end,
    case when collection_method = 'charge_automatically' then coalesce(attempt_count, 0) else 0 end,
    {at created_at}, {at paid_at}, {at finalized_at}, {at marked_uncollectible_at}, cast(discounts as text)
from invoice where subscription_id {theirs} and deleted_at is null and (billing_reason = 'subscription_create'
    or subscription_id in (select subscription_id from invoice
        where subscription_id {theirs}
            and (marked_uncollectible_at is not null or discount > 0 or discounts is not null
                or attempt_count > 1)))
"""
_EVENT = """
select object_id, id, type, {at created_at}, cast(data as text)
from event where object_id {theirs} and object_type = 'subscription'
    and type like 'customer.subscription.%%' and created_at is not null
"""
_SCHEDULE = """
select subscription_id, released_subscription_id, {at created_at}, {at canceled_at}, {at released_at},
    {at completed_at}, cast(phases as text)
from subscription_schedule where subscription_id {theirs} or released_subscription_id {theirs}
"""
_DISCOUNT = """
select id, subscription_id, customer_id, case when subscription_item_id is null then 0 else 1 end,
    {at start_at}, {at end_at}, coupon_id
from discount where deleted_at is null and (subscription_id {theirs} or customer_id {named})
"""
_COUPON = """
select id, duration, percent_off,
    case when cast(applies_to_products as text) <> 'null' then 1 else 0 end from coupon
"""

_CHARGED = "sub item source price quantity:int kind:int free:int start:int stop:int taken bill"
QUERIES = {
    "read_subscription": (
        _SUBSCRIPTION,
        "sub customer_id status currency start created trial_start trial_end ended observed",
    ),
    "read_item": (_ITEM, "sub item price quantity:int created"),
    "read_line": (_LINE, _CHARGED),
    "read_pending": (_PENDING, _CHARGED),
    "read_bill": (_BILL, "sub id reason owed:int tried:int created paid finalized lost discounts"),
    "read_event": (_EVENT, "sub id type moment data"),
    "read_since": ("select {at min(created_at)} from event", "since"),
    "read_schedule": (_SCHEDULE, "sub released created canceled freed completed phases"),
    "read_discount": (_DISCOUNT, "id sub customer_id of_item:int start stop coupon"),
    "read_coupon": (_COUPON, "id duration percent products:int"),
}
"""Each table's query and its columns: texts where no type is named; instants are texts in UTC, those of
lines seconds since 1970."""
LARGEST = "read_line"
Queries = Mapping[str, tuple[str, pa.Schema]]
_WORDS = {
    "sqlite": (r"\1", r"unixepoch(\1)"),
    "postgresql": (r"cast(\1 at time zone 'UTC' as text)", r"cast(extract(epoch from \1) as bigint)"),
    "duckdb": (r"\1", r"epoch_us(\1) // 1000000"),
}
"""How each engine writes an instant as it is handed over, and its seconds since 1970."""


def tables(source: Source, customers: Customers, many: int = MANY) -> Iterator[tuple[str, pa.Table]]:
    """The rows of some customers (None: of all), by the name under which the statements know them.

    A folder is read for all. Its instants are instants already.
    """
    engine = "duckdb" if isinstance(source, Folder) else source.dialect.name
    wanted = {
        name: (_worded(query, engine, customers is None), _schema(columns))
        for name, (query, columns) in QUERIES.items()
    }
    if isinstance(source, Folder):
        for name, (sql, schema) in wanted.items():
            yield name, source.read(sql).rename_columns(schema.names)
        return
    file = _file(source, many) if customers is None and engine == "sqlite" else None
    yield from (file and _apart(file, wanted)) or _here(source, customers, wanted)


def _here(connection: Connection, customers: Customers, wanted: Queries) -> Iterator[tuple[str, pa.Table]]:
    postgres = connection.dialect.name == "postgresql"
    read = _fetched if customers is not None else _copied if postgres else _lines
    for name, (sql, schema) in wanted.items():
        yield name, read(connection, sql, customers, schema)


def _file(connection: Connection, many: int) -> str | None:
    """The SQLite file that holds what a connection sees, where there is much in it; None: read here."""
    file = connection.engine.url.database
    driver: Any = connection.connection.driver_connection
    if file in (None, "", ":memory:") or str(file).startswith("file:") or driver.in_transaction:
        return None
    count = connection.exec_driver_sql("select count(*) from subscription").scalar_one()
    return file if count >= many else None


def _apart(file: str, wanted: Queries) -> list[tuple[str, pa.Table]] | None:
    """What two other processes read at the same time, one of them the lines; None: they could not."""
    groups = [[LARGEST], [name for name in wanted if name != LARGEST]]
    with ThreadPoolExecutor(len(groups)) as workers:
        asked = [workers.submit(answers, file, [wanted[name] for name in group]) for group in groups]
        try:
            found = {
                name: table
                for group, each in zip(groups, asked, strict=True)
                for name, table in zip(group, each.result(), strict=True)
            }
        except NotReadError:
            return None
    return [(name, found[name]) for name in wanted]


def _schema(columns: str) -> pa.Schema:
    named = [column.partition(":")[::2] for column in columns.split()]
    return pa.schema([(each, pa.int64() if kind else pa.string()) for each, kind in named])


def _worded(query: str, engine: str, everybody: bool) -> str:
    """A query in an engine's own words."""
    instant, epoch = _WORDS[engine]
    named = "= any(%s)" if engine == "postgresql" else "in (select value from json_each(?))"
    theirs = f"in (select id from subscription where customer_id {named})"  # noqa: S608 (words of our own)
    sql = re.sub(r"\{epoch (.+?)\}", epoch, re.sub(r"\{at (.+?)\}", instant, query))
    sql = re.sub(r"\{filled (.+?)\}", r"length(cast(\1 as text)) > 4", sql)  # more than [] or null
    for word, meaning in (("{theirs}", theirs), ("{named}", named)):
        sql = sql.replace(word, "is not null" if everybody else meaning)
    return sql


def _fetched(connection: Connection, sql: str, customers: Customers, schema: pa.Schema) -> pa.Table:
    """Rows through the driver's cursor, without SQLAlchemy's binding and result types."""
    postgres = connection.dialect.name == "postgresql"
    given: Any = list(customers or ()) if postgres else orjson.dumps(list(customers or ())).decode()
    cursor = connection.connection.cursor()
    cursor.execute(sql, [given] * len(re.findall(r"%s|\?", sql)))
    batches = []
    while rows := cursor.fetchmany(CHUNK):
        columns = zip(zip(*rows, strict=True), schema.types, strict=True)
        batches.append(pa.record_batch([pa.array(values, kind) for values, kind in columns], schema))
    cursor.close()
    return pa.Table.from_batches(batches, schema)


def _copied(connection: Connection, sql: str, _customers: Customers, schema: pa.Schema) -> pa.Table:
    """Rows as PostgreSQL writes them to a file, unpacked in one go."""
    held = BytesIO()
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"copy ({sql.replace('%%', '%')}) to stdout (format csv, force_quote *)") as copy:
        for part in copy:
            held.write(part)
    return _unpacked(held, schema, csv.ParseOptions(newlines_in_values=True))


def _lines(connection: Connection, sql: str, customers: Customers, schema: pa.Schema) -> pa.Table:
    """Rows as lines that SQLite writes, unpacked in one go: Python sees one text a row.

    An empty text is null. Where a text holds a mark or the end of a line, columns are not as many as named.
    """
    marks, names = MARK.join(["%s"] * len(schema)), ", ".join(schema.names)
    line = f"with found ({names}) as ({sql}) select format('{marks}', {names}) from found"  # noqa: S608
    held = BytesIO()
    cursor = connection.connection.cursor()
    cursor.execute(line)
    while rows := cursor.fetchmany(CHUNK):
        held.write("\n".join([row[0] for row in rows] + [""]).encode())
    cursor.close()
    try:
        return _unpacked(held, schema, csv.ParseOptions(delimiter=MARK, quote_char=False))
    except pa.ArrowInvalid:
        return _fetched(connection, sql, customers, schema)


def _unpacked(held: BytesIO, schema: pa.Schema, options: csv.ParseOptions) -> pa.Table:
    held.seek(0)
    if not held.getbuffer().nbytes:
        return schema.empty_table()
    options.ignore_empty_lines = False
    return csv.read_csv(
        held,
        csv.ReadOptions(column_names=schema.names),
        options,
        csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
