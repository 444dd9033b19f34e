"""Many invoices over three years, made inside the database: 20 a customer, a few still open."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from data.tables import ledger, metadata, mirror
from data.tables.search import search_owner, search_term

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SPAN = timedelta(days=3 * 365)
EACH = 20
"""Invoices of a customer."""

SERIES = {
    "sqlite": "(with recursive c(i) as (select 1 union all select i + 1 from c where i < {n}) "
    "select i from c)",
    "postgresql": "(select generate_series(1, {n}) as i)",
}
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')",
    "postgresql": "to_timestamp({seconds})",
}
# One in 50 is sent and due in 30 days; every fortieth card fails at first; one in 5,000 is never paid.
IS_SENT, FAILED, NEVER = "i % 50 = 0", "i % 40 = 7", "i % 10000 in (0, 7)"
LATE = f"case when {IS_SENT} then 20 + i % 97 when {FAILED} then i % 21 else 0 end"


def fill(engine: Engine, invoices: int) -> None:
    """Write customers and invoices to an empty database; the indexes afterwards, as that is faster."""
    tables = (mirror.customer, mirror.invoice, search_owner, search_term)
    with engine.begin() as connection:
        for table in tables:
            for index in table.indexes:
                index.drop(connection)
        _customers(connection, invoices // EACH)
        _invoices(connection, invoices)
        for table in tables:
            for index in table.indexes:
                index.create(connection)
    with engine.begin() as connection:
        connection.execute(text("analyze"))


def _insert(connection: Connection, table: str, rows: int, values: Mapping[str, str]) -> None:
    series = SERIES[connection.dialect.name].format(n=rows)
    columns, expressions = ", ".join(values), ", ".join(values.values())
    sql = f"insert into {table} ({columns}) select {expressions} from {series} as s"  # noqa: S608
    connection.exec_driver_sql(sql if connection.dialect.name == "sqlite" else sql.replace("%", "%%"))


def _customers(connection: Connection, number: int) -> None:
    at = AT[connection.dialect.name].format(seconds=int(NOW.timestamp()))
    name, mail = "'Company ' || i", "'office@company' || i || '.test'"
    key = {"id": "'cus_' || i"}
    _insert(connection, "customer", number, key | {"name": name, "email": mail, "observed_at": at})
    owner = {"kind": "'customer'"} | key
    _insert(connection, "search_owner", number, owner | {"name": name, "email": mail})
    for term in (f"lower({name})", "'' || i", mail):
        _insert(connection, "search_term", number, owner | {"term": term})
    connection.execute(ledger.audience.insert().values(id=1, country="DE"))
    _insert(
        connection, "customer_audience", number // 1000, {"customer_id": "'cus_' || i", "audience_id": "1"}
    )


def _invoices(connection: Connection, number: int) -> None:
    dialect, now = connection.dialect.name, int(NOW.timestamp())
    first, step = (NOW - SPAN).timestamp(), SPAN.total_seconds() / number

    def seconds(days: str = "0") -> str:
        return f"cast({first} + i * {step} + 86400 * ({days}) as bigint)"

    def instant(days: str = "0") -> str:
        return AT[dialect].format(seconds=seconds(days))

    closing, draft = seconds(LATE), "i % 9973 = 9"
    status = (
        f"case when {draft} then 'draft' when {NEVER} or {closing} > {now} then 'open' "
        "when i % 997 = 3 then 'void' when i % 991 = 5 then 'uncollectible' else 'paid' end"
    )
    amount, due = "(i % 300 + 1) * 100", instant(f"case when {IS_SENT} then 30 else 0 end")
    values = {
        "id": "'in_' || i",
        "number": "upper('NB' || (i % 100000) || '-' || i)",
        "customer_id": f"'cus_' || (i % {max(number // EACH, 1)} + 1)",
        "status": status,
        "collection_method": f"case when {IS_SENT} then 'send_invoice' else 'charge_automatically' end",
        "currency": "case when i % 7 = 0 then 'eur' else 'usd' end",
        "total": amount,
        "amount_due": amount,
        "amount_paid": "0",
        "amount_remaining": amount,
        "attempt_count": f"case when {FAILED} then 3 else 1 end",
        "created_at": instant(),
        "finalized_at": f"case when {draft} then null else {instant()} end",
        "falls_due_at": f"case when {draft} then null else {due} end",
        "closed_at": f"case when {draft} or {NEVER} or {closing} > {now} then null else {instant(LATE)} end",
        "po_number": f"case when {IS_SENT} then 'PO-' || i end",
        "observed_at": AT[dialect].format(seconds=now),
    }
    _insert(connection, "invoice", number, values)


def prepared(engine: Engine, invoices: int) -> None:
    """All tables, with their rows."""
    metadata.create_all(engine)
    fill(engine, invoices)
