"""Findings over time: since when each is there, when it was gone, and what people say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from data import due_dates, frames
from data.clock import now
from data.database import upsert
from data.sync import lock
from data.sync.runs import publish
from data.sync.state import read_state, write_state
from data.tables.findings import COMPARED, NOT_LIVE, finding, finding_note
from data.tables.operations import data_version
from data.writing import writing

COLUMNS = [column.name for column in finding.columns if not column.name.endswith("_at")]
REST = 9
"""After a comparison so many times as long without one, so that it takes a tenth of the time at most."""


@dataclass(frozen=True)
class Note:
    """Who looks after a finding, or until when it is put off and why; None is nothing."""

    finding: str
    assignee: str | None = None
    snoozed_until: date | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.snoozed_until is not None and not self.reason:
            raise ValueError("a finding is put off for a reason")


def write(url: str, notes: Sequence[Note], person: str) -> None:
    """Add notes by a person, all or none. Raises NotChangedError."""
    at = now()
    with writing(url, "findings") as connection:
        rows = [{**vars(note), "written_at": at, "written_by": person} for note in notes]
        connection.execute(insert(finding_note), rows)


def record(engine: Engine, at: datetime) -> tuple[int, int]:
    """Write down what is found now and what is gone since; how many are new or back, and how many closed.

    A data version says it where anything is found otherwise than before. Raises SyncRunningError where a sync
    changes the same rows for too long.
    """
    began = now()
    found = frames.findings(engine, at)
    rows = found.astype("object").where(found.notna(), None)[list(COLUMNS)].to_dict("records")
    with lock.sync_lock(engine, lock.PATIENCE), engine.begin() as connection:
        known = {row.finding: row for row in connection.execute(select(finding))}
        there = {row["finding"] for row in rows}
        before = _not_live(connection)
        fresh = [row for row in rows if _is_fresh(row, known.get(row["finding"]))]
        changed = _opened(connection, fresh, known, at), _closed(connection, there, known, at)
        due_dates.follow_findings(connection, before ^ _not_live(connection))
        _publish(connection, at, changed=bool(fresh or changed[1]))
        ended = now()
        state = {"at": at, "version": _version(connection), "next": ended + (ended - began) * REST}
        write_state(connection, COMPARED, {name: f"{value}" for name, value in state.items()})
    return changed


def _not_live(connection: Connection) -> set[str]:
    """Customers who pay for an add-on that is not live, as it is written down."""
    mine = (finding.c.kind == NOT_LIVE, finding.c.closed_at.is_(None), finding.c.customer_id.is_not(None))
    return set(connection.scalars(select(finding.c.customer_id).where(*mine)))


def is_due(engine: Engine) -> bool:
    """Whether the data is newer than the findings, and they are not only just written down."""
    with engine.connect() as connection:
        state = read_state(connection, COMPARED)
        if state is None or int(state["version"]) == _version(connection):
            return state is None
    return now() >= datetime.fromisoformat(state["next"])


def _version(connection: Connection) -> int:
    return connection.scalar(select(func.max(data_version.c.version))) or 0


def _publish(connection: Connection, at: datetime, *, changed: bool) -> None:
    """Another data version, where there is one; a sync may have been quicker."""
    last = connection.scalar(select(func.max(data_version.c.data_at)))
    if changed and last is not None:
        publish(connection, max(last, at), "findings", changed=True)


def _is_fresh(row: Mapping[Any, Any], stored: Any | None) -> bool:
    """Whether a finding is new, back, or says something else than before."""
    if stored is None or stored.closed_at is not None:
        return True
    return any(value != getattr(stored, name) for name, value in row.items())


def _opened(connection: Connection, rows: Sequence[Any], known: dict[str, Any], at: datetime) -> int:
    """Write down what is fresh; what is back is open again, as of now. How many are new or back."""
    since = {name: row.first_seen_at for name, row in known.items() if row.closed_at is None}
    current = [{**row, "first_seen_at": since.get(row["finding"], at), "closed_at": None} for row in rows]
    upsert(connection, finding, current)
    return sum(row["finding"] not in since for row in current)


def _closed(connection: Connection, there: set[str], known: dict[str, Any], at: datetime) -> int:
    gone = [name for name, row in known.items() if row.closed_at is None and name not in there]
    if gone:
        closed = update(finding).where(finding.c.finding == bindparam("gone")).values(closed_at=at)
        connection.execute(closed, [{"gone": name} for name in gone])
    return len(gone)
