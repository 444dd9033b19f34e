"""The inbox of webhooks: stored once before Stripe is answered, settled by a sync, kept when nothing helps.

Beside SQLite the inbox is a file of its own, since Stripe is not to wait for a sync that writes; with
PostgreSQL it is a table like the others.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from data.database import open_engine
from data.tables.webhooks import webhook_event

Json = dict[str, Any]
MOST = 1000  # handled together
LONGEST_WAIT = timedelta(hours=1)
TRIES = 10  # then it is dead: kept, shown, and tried again only when a person says so
KEPT = timedelta(days=30)
"""How long a settled event is remembered: Stripe sends none again after so long."""
one = webhook_event.c
MOST_OPEN = 2  # inboxes of one process
_OPEN: dict[str, Engine] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Waiting:
    """An event that waits for a sync."""

    id: str
    payload: Json
    attempts: int


class InboxError(Exception):
    """The inbox cannot be opened, read or written; nothing has changed."""


@contextmanager
def inbox(url: str) -> Iterator[Engine]:
    """The engine of a database's inbox, while it is used. Raises InboxError, also for what fails in it."""
    try:
        yield _opened(url)
    except SQLAlchemyError as error:
        raise InboxError("The inbox of webhooks cannot be used.") from error


def _opened(url: str) -> Engine:
    """The inbox's engine, kept open: Stripe waits for each webhook."""
    with _LOCK:
        if url not in _OPEN:
            while len(_OPEN) >= MOST_OPEN:
                _OPEN.pop(next(iter(_OPEN))).dispose()
            _OPEN[url] = _open(url)
        return _OPEN[url]


def _open(url: str) -> Engine:
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    place = parsed.set(database=f"{parsed.database}-inbox") if is_file else parsed
    engine = open_engine(place.render_as_string(hide_password=False))
    if is_file:
        webhook_event.create(engine, checkfirst=True)
    return engine


@contextmanager
def _writing(url: str) -> Iterator[Connection]:
    with inbox(url) as engine, engine.begin() as connection:
        yield connection


def store(url: str, event: Json, now: datetime) -> bool:
    """Keep an event; False when it is there already. Raises InboxError."""
    row = {
        "id": event["id"],
        "type": str(event.get("type", "")),
        "payload": event,
        "received_at": now,
        "state": "waiting",
        "attempts": 0,
        "next_at": now,
    }
    with _writing(url) as connection:
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(webhook_event)
        kept = insert.values(row).on_conflict_do_nothing().returning(one.id)
        return connection.scalar(kept) is not None


def waiting(url: str, now: datetime) -> list[Waiting]:
    """Events to be handled now, the oldest first, at most MOST."""
    query = (
        select(one.id, one.payload, one.attempts)
        .where(one.state == "waiting", one.next_at <= now)
        .order_by(one.received_at, one.id)
        .limit(MOST)
    )
    with _writing(url) as connection:
        return [Waiting(*row) for row in connection.execute(query)]


def settle(url: str, handled: Iterable[Waiting], failed: Mapping[str, str], now: datetime) -> None:
    """Close events that were handled; those that failed (by id, in words) wait longer each time, then die."""
    rows = [{"key": event.id, **_after(event, failed.get(event.id), now)} for event in handled]
    done = [row for row in rows if row["state"] == "done"]
    with _writing(url) as connection:  # in few statements: on SQLite Stripe waits meanwhile
        for some in (done, [row for row in rows if row["state"] != "done"]):
            if some:
                changed: Json = {name: bindparam(name) for name in some[0] if name != "key"}
                named = update(webhook_event).where(one.id == bindparam("key"))
                connection.execute(named.values(**changed), some)
        old = (one.state == "done") & (one.settled_at < now - KEPT)
        connection.execute(delete(webhook_event).where(old))


def _after(event: Waiting, error: str | None, now: datetime) -> Json:
    if error is None:
        return {"state": "done", "settled_at": now, "error": None}
    attempts = event.attempts + 1
    wait = min(timedelta(seconds=30) * 2**event.attempts, LONGEST_WAIT)
    state = "dead" if attempts >= TRIES else "waiting"
    return {"state": state, "attempts": attempts, "next_at": now + wait, "error": error}


def replay(url: str, ids: Iterable[str], now: datetime) -> int:
    """Let dead events wait again; how many there were."""
    chosen = (one.state == "dead") & one.id.in_(list(ids))
    again = update(webhook_event).where(chosen).values(state="waiting", attempts=0, next_at=now)
    with _writing(url) as connection:
        return connection.execute(again).rowcount


def queue(url: str) -> pd.DataFrame:
    """state -> events, oldest (received), newest (received): a row for each state that there is."""
    query = select(
        one.state,
        func.count().label("events"),
        func.min(one.received_at).label("oldest"),
        func.max(one.received_at).label("newest"),
    ).group_by(one.state)
    with _writing(url) as connection:
        rows = connection.execute(query).mappings().all()
    return pd.DataFrame(rows, columns=["state", "events", "oldest", "newest"])


def dead(url: str, most: int = 200) -> pd.DataFrame:
    """id, type, received_at, attempts, error of dead events, the newest first."""
    query = select(one.id, one.type, one.received_at, one.attempts, one.error).where(one.state == "dead")
    with _writing(url) as connection:
        rows = connection.execute(query.order_by(one.received_at.desc()).limit(most)).mappings().all()
    return pd.DataFrame(rows, columns=["id", "type", "received_at", "attempts", "error"])
