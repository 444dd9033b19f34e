"""The ledger: subscriptions as timelines, movements and rollups, always to be had from the mirror again.

A refresh rebuilds the customers it is given, and gives what a rebuild of all would.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, text, true

from data import audiences, restatements, rollups
from data.clock import month_of
from data.database import upsert
from data.evidence.reading import events_from
from data.history import history
from data.lives import lives
from data.movements import COLUMNS, movements
from data.tables import ledger, mirror, operations
from data.tables.history import unknown_history
from data.timeline import Segment, timeline
from data.unknown import Unknown, unknown

EPOCH = date(1970, 1, 1).toordinal()
REFRESHED = "ledger_refreshed_at"
EVENTS_FROM = "ledger_events_from"
"""The oldest event that the ledger was built with: another one may date the past of anybody anew."""
RULES, NUMBER = "ledger_rules", "2"
"""Counted up by a change that makes another ledger of the same mirror: what older code left is rebuilt."""
WRITTEN = (ledger.timeline, ledger.movement, unknown_history)
ALL_ABOVE = 5_000
"""More customers than this are rebuilt faster by rebuilding all."""

MIRROR = (mirror.subscription, mirror.subscription_item, mirror.price, mirror.customer, mirror.payment_method)
"""What the ledger and the frames read of the mirror."""


def refresh(connection: Connection, customers: set[str] | None, now: datetime) -> None:
    """Rebuild timeline, movements and rollups of some customers (None: of all) as of now.

    Customers with a change that fell due since the last refresh are rebuilt too.
    """
    last, since = _last_refresh(connection), events_from(connection)
    chosen = None if _noted(connection, EVENTS_FROM) != _text(since) else customers
    chosen = _chosen(connection, chosen, last, now)
    with restatements.noted(connection, chosen, now, _reason(connection, since)):
        if last is None or chosen is None:
            _rebuild(connection, now)
        else:
            rollups.extend(connection, month_of(last), month_of(now))
            _increment(connection, sorted(chosen), now)
    noted = {REFRESHED: now.isoformat(), EVENTS_FROM: _text(since), RULES: NUMBER}
    rows = [{"name": name, "value": value} for name, value in noted.items()]
    upsert(connection, operations.sync_state, rows)


def follow_accounts(connection: Connection) -> None:
    """Move customers whose attributes changed to their new audience, history and all, in the rollups."""
    last = _last_refresh(connection)
    customers = sorted(audiences.moved(connection)) if last else []
    if last is None or not customers:
        return
    if len(customers) > ALL_ABOVE:
        audiences.assign(connection, None)
        moved = stored_movements(connection, true())
        rollups.replace(connection, rollups.rollups(_of_audiences(connection, moved, None), last))
        return
    moved = stored_movements(connection, ledger.movement.c.customer_id.in_(customers))
    before = _of_audiences(connection, moved, customers)
    audiences.assign(connection, customers)
    rollups.adjust(connection, rollups.change(before, _of_audiences(connection, moved, customers), last))


def _reason(connection: Connection, since: datetime | None) -> restatements.Reason:
    """Why a refresh may change what was known of the past."""
    if _noted(connection, RULES) != NUMBER:
        return "rules"
    return "evidence" if _noted(connection, EVENTS_FROM) == _text(since) else "events"


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _noted(connection: Connection, name: str) -> str | None:
    state = operations.sync_state
    found: str | None = connection.execute(select(state.c.value).where(state.c.name == name)).scalar()
    return found


def _last_refresh(connection: Connection) -> datetime | None:
    found = _noted(connection, REFRESHED) if _noted(connection, RULES) == NUMBER else None
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
    segments, unknowns = _past(connection, None)
    moved = movements(segments, now)
    for table in WRITTEN:
        connection.execute(delete(table))
    _write(connection, segments, unknowns, moved)
    audiences.assign(connection, None)
    rollups.replace(connection, rollups.rollups(_of_audiences(connection, moved, None), now))
    _analyse(connection)


def _of_audiences(
    connection: Connection, moved: pd.DataFrame, customers: Sequence[str] | None
) -> pd.DataFrame:
    """Movements with the audience_id that is written down for their customer."""
    known = audiences.audience_of(connection, customers)
    return moved.assign(audience_id=moved["customer_id"].map(known).astype("int64"))


def _analyse(connection: Connection) -> None:
    """Let PostgreSQL look at tables that were just filled: without statistics it joins them row by row."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(table.name for table in (*MIRROR, ledger.timeline, ledger.movement))
        connection.execute(text(f"analyze {tables}"))


def _increment(connection: Connection, customers: Sequence[str], now: datetime) -> None:
    if not customers:
        return
    stored = stored_movements(connection, ledger.movement.c.customer_id.in_(customers))
    before = _of_audiences(connection, stored, customers)
    segments, unknowns = _past(connection, customers)
    moved = movements(segments, now)
    for table in WRITTEN:
        connection.execute(delete(table).where(table.c.customer_id.in_(customers)))
    _write(connection, segments, unknowns, moved)
    audiences.assign(connection, customers)
    after = _of_audiences(connection, moved, customers)
    rollups.adjust(connection, rollups.change(before, after, now))


def _past(connection: Connection, customers: Sequence[str] | None) -> tuple[list[Segment], list[Unknown]]:
    """The timelines of some customers' subscriptions, and what of their past no evidence dates."""
    segments: list[Segment] = []
    unknowns: list[Unknown] = []
    for life in lives(connection, customers):
        past = history(life)
        segments += timeline(life, past)
        unknowns += unknown(life, past)
    return segments, unknowns


def _write(
    connection: Connection, segments: Sequence[Segment], unknowns: Sequence[Unknown], moved: pd.DataFrame
) -> None:
    _insert(connection, ledger.timeline, [segment._asdict() for segment in segments])
    _insert(connection, unknown_history, [each._asdict() for each in unknowns])
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
