"""Restatements: each refresh writes down which movements it changed, in its own transaction.

What the ledger held at an earlier refresh is what it holds now, less what was written down since.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.schema import DropTable

from data.database import upsert
from data.tables import ledger, operations
from data.tables.restatements import movement_change
from data.tables.types import Amount

KEY = ("customer_id", "day", "currency", "plan", "interval", "kind")
SINCE, LAST = "movements_known_since", "movements_known_at"
Reason = Literal["evidence", "events", "rules"]
REASONS = {
    "evidence": "Stripe showed something new, or late.",
    "events": "Other events are kept than before, so that more or less of the past is dated.",
    "rules": "The rules of the ledger changed with a new version of the app.",
}
"""Why a refresh changed what was known, in words."""

moved = ledger.movement.c
_before = Table(
    "movement_before",
    MetaData(),
    *(Column(name, moved[name].type) for name in KEY),
    Column("delta_arr", Amount),
    Column("evidence", Text),
    prefixes=["temporary"],
)


@contextmanager
def noted(
    connection: Connection, customers: Collection[str] | None, now: datetime, reason: Reason
) -> Iterator[None]:
    """Write down which movements of some customers (None: of all) the block changes, as known at now.

    The first time nothing is written but when that was: the first build of a ledger restates nothing.
    """
    last = _instant(connection, LAST)
    if last is None:
        yield
        _remember(connection, {SINCE: now, LAST: now})
        return
    # SQLite does not roll back that it was made, with what failed after it.
    connection.execute(DropTable(_before, if_exists=True))
    _before.create(connection, checkfirst=False)
    connection.execute(insert(_before).from_select(list(_before.c.keys()), _stored(customers)))
    yield
    known_at = max(now, last)
    connection.execute(
        insert(movement_change).from_select(
            ["known_at", *KEY, "delta_arr", "evidence", "late", "reason"],
            _changes(customers, known_at, last, reason),
        )
    )
    _before.drop(connection, checkfirst=False)
    _remember(connection, {LAST: known_at})


def _stored(customers: Collection[str] | None) -> Select[Any]:
    query = select(*(moved[name] for name in (*KEY, "delta_arr", "evidence")))
    return query if customers is None else query.where(moved.customer_id.in_(list(customers)))


def _changes(
    customers: Collection[str] | None, known_at: datetime, last: datetime, reason: Reason
) -> Select[Any]:
    """By how much the movements that are stored differ from those before, and what either rests on."""
    after, was = _stored(customers).add_columns(null().label("was")), _before.c
    before = select(*(was[name] for name in KEY), -was.delta_arr, null(), was.evidence)
    both = union_all(after, before).subquery().c
    key = [both[name] for name in KEY]
    sums = (func.sum(both.delta_arr), func.coalesce(func.max(both.evidence), func.max(both.was)))
    late = (both.day < last.date()).label("late")
    at = literal(known_at, movement_change.c.known_at.type)
    query = select(at, *key, *sums, late, literal(reason)).group_by(*key)
    return query.having(func.sum(both.delta_arr) != 0).order_by(*key)


def _remember(connection: Connection, instants: dict[str, datetime]) -> None:
    rows = [{"name": name, "value": at.isoformat()} for name, at in instants.items()]
    upsert(connection, operations.sync_state, rows)


def _instant(connection: Connection, name: str) -> datetime | None:
    state = operations.sync_state.c
    found = connection.execute(select(state.value).where(state.name == name)).scalar()
    return datetime.fromisoformat(found).astimezone(UTC) if found else None


def known_since(connection: Connection) -> datetime | None:
    """Since when it is kept what was known; None: the ledger was never built."""
    return _instant(connection, SINCE)
