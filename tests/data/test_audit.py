"""The audit's chain: whatever is changed, taken out or put in, the check says where it breaks."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from data import audit
from data.clock import now
from data.tables.actions import audit_entry

COLUMN = audit_entry.c
CHANGES: dict[str, Any] = {
    "person": "mallory@example.com",
    "role": "admin",
    "what": "Sign in",
    "outcome": "refused",
    "customer_id": "cus_2",
    "subject": None,
    "reason": "another",
    "before": {"plan": "x"},
    "after": None,
    "request_ids": ["req_2"],
    "action_id": "2",
    "at": now() - timedelta(days=1),
    "previous_hash": "f" * 64,
    "hash": "e" * 64,
}


@pytest.fixture
def ids(engine: Engine) -> list[int]:
    """Four entries."""
    with engine.begin() as connection:
        for number in range(4):
            audit.write(
                connection,
                audit.Entry(
                    now(), "ann@example.com", "finance", f"Do {number}", "done", "cus_1", "sub_1", "why",
                    {"plan": "a"}, {"plan": "b"}, ["req_1"], "1",
                ),
            )  # fmt: skip
        assert audit.first_broken(connection) is None
        return list(connection.scalars(select(COLUMN.id).order_by(COLUMN.id)))


def test_whatever_is_changed_is_found_where_it_is(engine: Engine, ids: list[int]) -> None:
    for name, value in CHANGES.items():
        with engine.connect() as connection:
            connection.execute(update(audit_entry).where(COLUMN.id == ids[1]).values({name: value}))
            assert audit.first_broken(connection) == ids[1], name
            connection.rollback()
            assert audit.first_broken(connection) is None


def test_what_is_taken_out_or_put_in_is_found(engine: Engine, ids: list[int]) -> None:
    with engine.connect() as connection:
        row = dict(connection.execute(select(audit_entry).where(COLUMN.id == ids[2])).mappings().one())
        connection.execute(delete(audit_entry).where(COLUMN.id == ids[1]))
        assert audit.first_broken(connection) == ids[2]
        connection.rollback()
        forged = row | {"id": ids[-1] + 1, "hash": "d" * 64, "previous_hash": row["hash"] + "0"}
        connection.execute(insert(audit_entry).values(**forged))
        assert audit.first_broken(connection) == ids[-1] + 1
