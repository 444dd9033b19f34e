"""The ledger: subscriptions as timelines, movements and rollups, always to be had from the mirror again.

A refresh rebuilds the customers it is given, and gives what a rebuild of all would.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, text

from data import rollups
from data.clock import month_of
from data.database import upsert
from data.lives import lives
from data.movements import COLUMNS, movements
from data.tables import ledger, mirror, operations
from data.timeline import Segment, timeline

EPOCH = date(1970, 1, 1).toordinal()
REFRESHED = "ledger_refreshed_at"
ALL_ABOVE = 5_000
"""More customers than this are rebuilt faster by rebuilding all."""

MIRROR = (mirror.subscription, mirror.subscription_item, mirror.price, mirror.customer, mirror.payment_method)
"""What the ledger and the frames read of the mirror."""


def refresh(connection: Connection, customers: set[str] | None, now: datetime) -> None:
    """Rebuild timeline, movements and rollups of some customers (None: of all) as of now.

    Customers with a change that fell due since the last refresh are rebuilt too.
    """
    last = _last_refresh(connection)
    chosen = _chosen(connection, customers, last, now)
    if last is None or chosen is None:
        _rebuild(connection, now)
    else:
        rollups.extend(connection, month_of(last), month_of(now))
        _increment(connection, sorted(chosen), now)
    row = {"name": REFRESHED, "value": now.isoformat()}
    upsert(connection, operations.sync_state, [row])


def _last_refresh(connection: Connection) -> datetime | None:
    state = operations.sync_state
    found = connection.execute(select(state.c.value).where(state.c.name == REFRESHED)).scalar()
    return datetime.fromisoformat(found).astimezone(UTC) if found else None


def _chosen(
    connection: Connection, customers: set[str] | None, last: datetime | None, now: datetime
) -> set[str] | None:
    """The customers given, and those whose timeline changes between the last refresh and now; None: all."""
    if customers is None or last is None or now < last:
        return None
    table = ledger.timeline
    due = or_(*(((column > last) & (column <= now)) for column in (table.c.from_at, table.c.to_at)))
    chosen = customers | set(connection.execute(select(table.c.customer_id).where(due)).scalars())
    return chosen if len(chosen) <= ALL_ABOVE else None


def _rebuild(connection: Connection, now: datetime) -> None:
    segments = _segments(connection, None)
    moved = movements(segments, now)
    for table in (ledger.timeline, ledger.movement):
        connection.execute(delete(table))
    _write(connection, segments, moved)
    rollups.replace(connection, rollups.rollups(moved, now))
    _analyse(connection)


def _analyse(connection: Connection) -> None:
    """Let PostgreSQL look at tables that were just filled: without statistics it joins them row by row."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(table.name for table in (*MIRROR, ledger.timeline, ledger.movement))
        connection.execute(text(f"analyze {tables}"))


def _increment(connection: Connection, customers: Sequence[str], now: datetime) -> None:
    if not customers:
        return
    before = stored_movements(connection, ledger.movement.c.customer_id.in_(customers))
    segments = _segments(connection, customers)
    moved = movements(segments, now)
    for table in (ledger.timeline, ledger.movement):
        connection.execute(delete(table).where(table.c.customer_id.in_(customers)))
    _write(connection, segments, moved)
    rollups.adjust(connection, rollups.rollups(before, now), rollups.rollups(moved, now))


def _segments(connection: Connection, customers: Sequence[str] | None) -> list[Segment]:
    return [segment for life in lives(connection, customers) for segment in timeline(life)]


def _write(connection: Connection, segments: Sequence[Segment], moved: pd.DataFrame) -> None:
    _insert(connection, ledger.timeline, [segment._asdict() for segment in segments])
    days = [date.fromordinal(EPOCH + day) for day in moved["day"].tolist()]
    dated = moved.assign(day=pd.Series(days, dtype="object"))
    _insert(connection, ledger.movement, rollups.records(dated))


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[Any, Any]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def stored_movements(connection: Connection, condition: ColumnElement[bool]) -> pd.DataFrame:
    """Movements as they are stored, shaped as `movements` gives them."""
    query = select(*(ledger.movement.c[name] for name in COLUMNS)).where(condition)
    frame = pd.DataFrame(connection.execute(query).all(), columns=COLUMNS)
    days = [day.toordinal() - EPOCH for day in frame["day"].tolist()]
    return frame.assign(day=pd.Series(days, dtype="int64"))
