"""Rows of invoices and what belongs to them, with usual values, for tests that read their frames."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table

from data.database import upsert
from data.search import refresh_customers
from data.tables import mirror
from tests.data.lives import day, row

Row = dict[str, Any]


def invoice(name: str, final: str = "2026-05-01", **more: Any) -> Row:
    """An invoice of 100.00 USD of customer cus_1, final at noon of a day and open unless told otherwise."""
    at = noon(final)
    amount = more.get("total", 10_000)
    usual = {
        "id": f"in_{name}",
        "number": name.upper(),
        "customer_id": "cus_1",
        "status": "open",
        "currency": "usd",
        "collection_method": "send_invoice",
        "total": amount,
        "amount_due": amount,
        "amount_paid": 0,
        "amount_remaining": amount - more.get("amount_paid", 0),
        "attempt_count": 0,
        "finalized_at": at,
        "falls_due_at": more.get("due_at") or at,
        "created_at": at,
    }
    return row(mirror.invoice, **usual | more)


def closed(name: str, final: str, status: str, on: str, **more: Any) -> Row:
    """An invoice that was paid, voided or written off at noon of a day."""
    moments = {"paid": "paid_at", "void": "voided_at", "uncollectible": "marked_uncollectible_at"}
    paid = {"amount_paid": more.get("total", 10_000), "amount_remaining": 0} if status == "paid" else {}
    return invoice(
        name, final, **{"status": status, moments[status]: noon(on), "closed_at": noon(on)} | paid | more
    )


def noon(text: str) -> datetime:
    """Noon of a day, UTC."""
    return day(text) + timedelta(hours=12)


def customer(key: str, **more: Any) -> Row:
    """A customer called by its id unless told otherwise."""
    return row(mirror.customer, **{"id": key, "name": f"Name of {key}"} | more)


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Store rows, and index the customers' names."""
    upsert(connection, table, [row(table, **values) for values in rows])
    if table is mirror.customer:
        refresh_customers(connection, {values["id"] for values in rows})
