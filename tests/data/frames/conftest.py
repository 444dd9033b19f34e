"""A small company to read frames of: its subscriptions, customers and accounts."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, Table

from data.database import upsert
from data.history import Life
from data.ledger import refresh
from data.tables import application, mirror
from tests.data.lives import day, row, store

NOW = "2026-06-15"

Fill = Callable[..., Engine]


@pytest.fixture
def fill(engine: Engine) -> Fill:
    """Stores lives and rows ({table: [values]}), names customers by their ids, refreshes the ledger."""

    def filled(*lives: Life, rows: dict[Table, list[dict[str, Any]]] | None = None, now: str = NOW) -> Engine:
        with engine.begin() as connection:
            store(connection, *lives)
            for table, given in (rows or {}).items():
                upsert(connection, table, [row(table, **values) for values in given])
            named = [_customer(each.customer_id) for each in lives]
            known = {each["id"] for each in (rows or {}).get(mirror.customer, [])}
            upsert(connection, mirror.customer, [each for each in named if each["id"] not in known])
            refresh(connection, None, day(now))
        return engine

    return filled


def _customer(name: str) -> dict[str, Any]:
    return row(
        mirror.customer,
        id=name,
        name=f"Name of {name}",
        email=f"{name}@example.com",
        created_at=day("2026-01-01"),
    )


def account(name: str, customer: str | None = None, **more: Any) -> dict[str, Any]:
    """An account of the company's own."""
    return {"account_id": name, "stripe_customer_id": customer, "plan": "Professional"} | more


def use(name: str, on: str, used: int) -> dict[str, Any]:
    """What an account used on a day."""
    return {"account_id": name, "day": day(on).date(), "used": used}


ACCOUNTS, USE = application.account, application.account_use
