"""The ledger: subscriptions as timelines, movements and rollups, always to be had from the mirror again.

A refresh rebuilds the customers it is given, and gives what a rebuild of all would.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pyarrow as pa
from sqlalchemy import Connection, Engine, Table, delete, select, text

from data import audiences, restatements, rollups, staging
from data.bulk import insert_table, replace_table
from data.columnar import TOGETHER, parted
from data.database import upsert
from data.evidence.reading import events_from
from data.movements import SCHEMA as MOVEMENTS
from data.movements import movements
from data.rollups import Part
from data.tables import ledger, mirror, operations
from data.tables.history import unknown_history
from data.timeline import SEGMENTS
from data.touched import ALL_ABOVE, keep_turns, touched

EVENTS_FROM = "ledger_events_from"
"""The oldest event that the ledger was built with: another one may date the past of anybody anew."""
RULES, NUMBER = "ledger_rules", "6"
"""Counted up by a change that makes another ledger of the same mirror: what older code left is rebuilt."""
WRITTEN = (ledger.timeline, ledger.movement, unknown_history)
STORED = MOVEMENTS.set(MOVEMENTS.get_field_index("day"), pa.field("day", pa.date32()))

MIRROR = (mirror.subscription, mirror.subscription_item, mirror.price, mirror.customer, mirror.payment_method)
"""What the ledger and the frames read of the mirror."""


def refresh(connection: Connection, customers: set[str] | None, now: datetime) -> set[str] | None:
    """Rebuild timeline, movements and rollups of some customers (None: of all) as of now; gives whose.

    Customers with a change that fell due since the last refresh are rebuilt too.
    """
    last, since = _last_refresh(connection), events_from(connection)
    chosen = None if _noted(connection, EVENTS_FROM) != _text(since) else customers
    whose = touched(connection, chosen, last, now)
    parts, unknowns = parted(connection, whose)
    with restatements.noted(connection, whose, now, _reason(connection, since)):
        if last is None or whose is None:
            _rebuild(connection, parts, unknowns, now)
        else:
            _increment(connection, whose, pa.concat_tables(parts), unknowns, last, now)
    keep_turns(connection, whose, pa.concat_tables(parts), now)
    noted = {ledger.REFRESHED: now.astimezone(UTC).isoformat(), EVENTS_FROM: _text(since), RULES: NUMBER}
    rows = [{"name": name, "value": value} for name, value in noted.items()]
    upsert(connection, operations.sync_state, rows)
    return None if whose is None else set(whose)


def is_outdated(connection: Connection) -> bool:
    """Whether older rules left the ledger that is there."""
    return bool(_noted(connection, ledger.REFRESHED)) and _noted(connection, RULES) != NUMBER


def rebuild_outdated(engine: Engine) -> bool:
    """Build a ledger that older rules left anew, as of when it was last refreshed; whether it was there."""
    with engine.begin() as connection:
        if outdated := is_outdated(connection):
            refresh(connection, None, datetime.fromisoformat(str(_noted(connection, ledger.REFRESHED))))
        return outdated


def follow_accounts(connection: Connection) -> None:
    """Move customers whose attributes changed to their new audience, history and all, in the rollups."""
    customers = sorted(audiences.moved(connection)) if _last_refresh(connection) else []
    if len(customers) > ALL_ABOVE:
        audiences.assign(connection, None)
        rollups.replace(connection, rollups.rollups(_part(connection, None)))
    elif customers:
        before = _part(connection, customers)
        audiences.assign(connection, customers)
        after = Part(before.movements, audiences.belonging(connection, customers))
        rollups.adjust(connection, rollups.change(before, after))


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
    found = _noted(connection, ledger.REFRESHED) if _noted(connection, RULES) == NUMBER else None
    return datetime.fromisoformat(found).astimezone(UTC) if found else None


def _rebuild(connection: Connection, parts: Sequence[pa.Table], unknowns: pa.Table, now: datetime) -> None:
    """Write everything; what is made of a table is computed while it is written."""
    segments = pa.concat_tables(parts)
    with (
        staging.shelves(connection, ledger.timeline, ledger.movement) as (lines, moves),
        ThreadPoolExecutor(TOGETHER) as beside,
    ):
        moving = [beside.submit(movements, each, now) for each in parts]
        lining = beside.submit(staging.fill, lines, segments)
        audiences.assign(connection, None)
        summing = summed(beside, parts, moving, audiences.belonging(connection, None), now)
        by_day = dated(pa.concat_tables([each.result() for each in moving]))
        storing = beside.submit(staging.fill, moves, by_day)
        replace_table(connection, unknown_history, unknowns)
        replace_table(connection, ledger.timeline, segments, lining.result())
        replace_table(connection, ledger.movement, by_day, storing.result())
        rollups.replace(connection, rollups.added([each.result() for each in summing]))
    _analyse(connection)


def summed(
    beside: Executor,
    parts: Sequence[pa.Table],
    moving: Sequence[Future[pa.Table]],
    belonging: pa.Table,
    now: datetime,
) -> list[Future[rollups.Rollups]]:
    """The rollups of parts of the segments and, when they are there, their movements."""

    def sums(segments: pa.Table, moved: Future[pa.Table], theirs: pa.Table) -> rollups.Rollups:
        part = Part(moved.result(), theirs)
        return {**rollups.rollups(part), **rollups.evidence_changes((segments, 1, now))}

    shared = audiences.parted(belonging, [each["customer_id"] for each in parts])
    return [beside.submit(sums, *each) for each in zip(parts, moving, shared, strict=True)]


def _analyse(connection: Connection) -> None:
    """Let PostgreSQL look at tables that were just filled: without statistics it joins them row by row."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(table.name for table in (*MIRROR, ledger.timeline, ledger.movement))
        connection.execute(text(f"analyze {tables}"))


def _increment(
    connection: Connection,
    customers: Sequence[str],
    segments: pa.Table,
    unknowns: pa.Table,
    last: datetime,
    now: datetime,
) -> None:
    """Write some customers anew."""
    if not customers:
        return
    before, stood = _part(connection, customers), _stored(connection, ledger.timeline, SEGMENTS, customers)
    moved = movements(segments, now)
    for table, rows in zip(WRITTEN, (segments, dated(moved), unknowns), strict=True):
        connection.execute(delete(table).where(table.c.customer_id.in_(customers)))
        insert_table(connection, table, rows)
    audiences.assign(connection, customers)
    after = Part(moved, audiences.belonging(connection, customers))
    rollups.adjust(connection, rollups.change(before, after))
    rollups.adjust(connection, rollups.evidence_changes((stood, -1, last), (segments, 1, now)))


def dated(moved: pa.Table) -> pa.Table:
    """Movements with their day as it is stored."""
    day = moved["day"].cast(pa.int32()).cast(pa.date32())
    return moved.set_column(moved.column_names.index("day"), "day", day)


def _part(connection: Connection, customers: Sequence[str] | None) -> Part:
    """The movements of some customers (None: of all), as they are stored, and their audiences."""
    stored = _stored(connection, ledger.movement, STORED, customers)
    place = STORED.get_field_index("day")
    moved = stored.set_column(place, "day", stored["day"].cast(pa.int32()).cast(pa.int64()))
    return Part(moved, audiences.belonging(connection, customers))


def _stored(
    connection: Connection, table: Table, schema: pa.Schema, customers: Sequence[str] | None
) -> pa.Table:
    """The stored rows of some customers (None: of all), by column."""
    query = select(*(table.c[name] for name in schema.names))
    query = query if customers is None else query.where(table.c.customer_id.in_(customers))
    batches = []
    for rows in connection.execute(query).partitions(50_000):
        columns = zip(zip(*rows, strict=True), schema.types, strict=True)
        batches.append(pa.record_batch([pa.array(values, kind) for values, kind in columns], schema))
    return pa.Table.from_batches(batches, schema)
