"""The book of syncs: each run's kind and state, and what a resource's last reading came to."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from data import limiter
from data.clock import from_epoch, now
from data.database import upsert
from data.gateway import Gateway, GatewayError
from data.resources import RESOURCES
from data.sync.account import OtherAccountError
from data.sync.ranges import Range, load, save
from data.sync.state import EventCursor, write_state
from data.tables.operations import data_version, resource_state, sync_run

KEPT_RUNS = 1_000
NAMED = 5  # objects that were left out are named, so many of them


@dataclass(frozen=True)
class Run:
    """One run; `began_at` is the server's time then, and what was seen before it was seen by another run."""

    id: int
    kind: str  # full, events, sweep
    state: str  # running, done, failed
    began_at: datetime


def begin(
    connection: Connection,
    kind: str,
    began_at: datetime,
    resources: Iterable[str] = (),
    cursor: EventCursor | None = None,
) -> Run:
    """A new run, with the whole of each resource's list still to read."""
    values = {"kind": kind, "state": "running", "started_at": now(), "server_time": began_at, "objects": 0}
    if cursor is not None:
        values |= {"event_cursor": cursor.newest, "event_cursor_at": from_epoch(cursor.created)}
    statement = insert(sync_run).values(requests=0, **values).returning(sync_run.c.id)
    run = Run(connection.execute(statement).scalar_one(), kind, "running", began_at)
    save(connection, [Range(run.id, name) for name in resources])
    return run


def latest(connection: Connection, kind: str) -> Run | None:
    """The latest run of a kind."""
    chosen = select(sync_run).where(sync_run.c.kind == kind).order_by(sync_run.c.id.desc()).limit(1)
    row = connection.execute(chosen).mappings().first()
    if row is None:
        return None
    return Run(row["id"], kind, row["state"], row["server_time"])


def unread(connection: Connection, run: Run) -> list[Range]:
    """The ranges of a run that are not read to their end, with those of the same resources that are."""
    ranges = load(connection, run.id)
    wanted = {each.resource for each in ranges if not each.done}
    return [each for each in ranges if each.resource in wanted]


def end(
    connection: Connection, run: Run, state: str, *, objects: int, requests: int, error: str | None = None
) -> None:
    """Close a run: done, or failed with the error in words."""
    changed = update(sync_run).where(sync_run.c.id == run.id)
    values: dict[str, Any] = {"state": state, "finished_at": now(), "error": error}
    values |= {"objects": sync_run.c.objects + objects, "requests": sync_run.c.requests + requests}
    connection.execute(changed.values(**values))


def save_resource(
    connection: Connection, name: str, state: str, error: str | None, read_at: datetime | None
) -> None:
    """Say how reading a resource went: ok, forbidden, unknown or failed, and why in words."""
    row: dict[str, Any] = {"resource": name, "state": state, "error": error}
    if read_at is not None:
        row["read_at"] = read_at
    upsert(connection, resource_state, [row])


def note_odd(connection: Connection, odd: Mapping[str, Mapping[str, str]]) -> None:
    """Say which objects were left out, beside what is known of each list; a full pass forgets it."""
    for name, reasons in odd.items():
        if not reasons:
            continue
        listed = [f"{key[:60]} ({why})" for key, why in sorted(reasons.items())]
        more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
        told = f"left out, as they cannot be what Stripe means: {', '.join(listed[:NAMED])}{more}"
        row = resource_state.c.resource == name
        known = connection.scalar(select(resource_state.c.error).where(row)) or ""
        if told not in known:
            words = "; ".join(part for part in (known, told) if part)
            connection.execute(update(resource_state).where(row).values(error=words))


def readable(connection: Connection) -> set[str]:
    """The resources whose last reading went well."""
    return set(
        connection.execute(select(resource_state.c.resource).where(resource_state.c.state == "ok")).scalars()
    )


def was_cut_short(connection: Connection) -> bool:
    """Whether the latest run did not come to computing what follows from what it had written."""
    state = connection.execute(select(sync_run.c.state).order_by(sync_run.c.id.desc()).limit(1)).scalar()
    return state is not None and state != "done"


def confirm_resources(connection: Connection, read_at: datetime) -> None:
    """All lists that can be read are as they were at this instant: events told of all changes."""
    fine = (resource_state.c.state == "ok", resource_state.c.resource.in_(list(RESOURCES)))
    connection.execute(update(resource_state).where(*fine).values(read_at=read_at))


def publish(connection: Connection, data_at: datetime, reason: str, *, changed: bool) -> int:
    """The data version of what is committed with this: a new one, or when nothing changed the last, redated.

    A new UTC day is a change too: figures depend on the day.
    """
    last = connection.execute(select(data_version).order_by(data_version.c.version.desc()).limit(1))
    row = last.mappings().first()
    if row and not changed and row["data_at"].date() == data_at.date():
        same = update(data_version).where(data_version.c.version == row["version"])
        connection.execute(same.values(data_at=data_at))
        return int(row["version"])
    values = {"committed_at": now(), "data_at": data_at, "reason": reason}
    statement = insert(data_version).values(**values).returning(data_version.c.version)
    return int(connection.execute(statement).scalar_one())


class Book:
    """The runs that one sync keeps open, and what it has cost so far."""

    def __init__(self, engine: Engine, gateway: Gateway) -> None:
        self._engine = engine
        self._gateway = gateway
        self._runs: list[Run] = []
        self._began = (time.monotonic(), gateway.requests)

    @property
    def requests(self) -> int:
        """Requests made since the sync began."""
        return self._gateway.requests - self._began[1]

    @property
    def seconds(self) -> float:
        """Seconds since the sync began."""
        return time.monotonic() - self._began[0]

    def open(self, kind: str) -> None:
        """Begin a run that has no lists to read."""
        with self._engine.begin() as connection:
            self.add(begin(connection, kind, self._gateway.clock.now()))

    def add(self, run: Run) -> None:
        """Keep this run open until the sync ends."""
        self._runs.append(run)

    def close(self, connection: Connection, objects: int) -> None:
        """All runs are done."""
        self._end(connection, self._runs, "done", objects)
        write_state(connection, limiter.STATE, self._gateway.limiter.use())
        _prune(connection)

    def fail(self, error: BaseException, objects: int) -> None:
        """The runs ended early, for this reason; a sync that had not begun one gets one to say so."""
        with self._engine.begin() as connection:
            ran = self._runs or [begin(connection, "events", self._gateway.clock.now())]
            self._end(connection, ran, "failed", objects, _words(error))
            write_state(connection, limiter.STATE, self._gateway.limiter.use())

    def _end(
        self, connection: Connection, ran: Iterable[Run], state: str, objects: int, error: str | None = None
    ) -> None:
        for place, run in enumerate(ran):
            first = place == 0  # what the sync cost is written once
            cost = {"objects": objects * first, "requests": self.requests * first}
            end(connection, run, state, **cost, error=error)


def _words(error: BaseException) -> str:
    """What went wrong, for a person; of errors that may quote rows or addresses only their kind."""
    if isinstance(error, KeyboardInterrupt):
        return "It was stopped."
    if isinstance(error, (GatewayError, OtherAccountError)):
        return str(error)
    return f"It failed with {type(error).__name__}: see the log."


def _prune(connection: Connection) -> None:
    """Forget old runs, but no full pass: its ranges say what could not be read."""
    newest = select(sync_run.c.id).order_by(sync_run.c.id.desc()).offset(KEPT_RUNS).limit(1).scalar_subquery()
    connection.execute(delete(sync_run).where(sync_run.c.kind != "full", sync_run.c.id < newest))
