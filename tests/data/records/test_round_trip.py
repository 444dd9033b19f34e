"""Rows written to each database come back equal, and older information never wins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table, select

from data.database import upsert
from data.records import CHILDREN, rows_of
from data.tables import mirror
from tests.data.records.accounts import RESOURCES, objects_of

AT = datetime(2026, 11, 21, 23, tzinfo=UTC)


def stored(engine: Engine, table: Table) -> dict[str, dict[str, Any]]:
    """All rows of a table by id."""
    with engine.connect() as connection:
        return {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}


def write(engine: Engine, resource: str, objects: list[dict[str, Any]], at: datetime) -> None:
    """Convert and upsert; newer information wins."""
    with engine.begin() as connection:
        for table, rows in rows_of(resource, objects, at).items():
            upsert(connection, table, rows, newer_by="observed_at")


def test_the_reference_account_reads_back_equal(engine: Engine, stripe_account: Path) -> None:
    expected: dict[Table, dict[str, dict[str, Any]]] = {}
    for resource in RESOURCES:
        objects = objects_of(stripe_account, resource)
        write(engine, resource, objects, AT)
        for table, rows in rows_of(resource, objects, AT).items():
            for row in rows:
                kept = expected.setdefault(table, {}).get(row["id"])
                if kept is None or kept["observed_at"] <= row["observed_at"]:
                    expected[table][row["id"]] = row
    for table, rows_by_id in expected.items():
        assert stored(engine, table) == rows_by_id, table.name
    moments = [row["created_at"] for row in stored(engine, mirror.subscription).values()]
    assert {moment.tzinfo for moment in moments} == {UTC}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_embedded_price_never_hides_listed_tiers(engine: Engine, order: tuple[int, int]) -> None:
    tiers = [{"up_to": None, "unit_amount": 400}]
    price = {"id": "price_1", "created": 1767225600, "billing_scheme": "tiered", "tiers_mode": "volume"}
    item = {"id": "si_1", "price": price}
    arrivals: list[tuple[str, dict[str, Any]]] = [
        ("prices", price | {"tiers": tiers}),
        ("subscriptions", {"id": "sub_1", "items": {"data": [item]}}),
    ]
    for position in order:
        resource, obj = arrivals[position]
        write(engine, resource, [obj], AT + timedelta(minutes=position))
    assert stored(engine, mirror.price)["price_1"]["tiers"] == tiers


def test_absent_json_is_null_in_the_database(engine: Engine) -> None:
    write(engine, "prices", [{"id": "price_1"}], AT)
    with engine.connect() as connection:
        found = connection.execute(select(mirror.price.c.id).where(mirror.price.c.tiers.is_(None)))
        assert found.scalars().all() == ["price_1"]


def test_children_name_columns_of_their_tables() -> None:
    for children in CHILDREN.values():
        assert all(column in table.c for table, column in children)
