"""How a sandbox begins, goes on where it was, and keeps time."""

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from data.sandbox.account import load
from data.sandbox.company import build
from data.sandbox.engine import advance
from data.sandbox.generate import History
from data.sandbox.store import Store

DAY = 86_400
GENERATED = "generated"
TICK = 60.0
"""Seconds between two looks at the clock: what fell due meanwhile happens then."""


class OtherHistoryError(Exception):
    """The state that is there began differently than what is asked for now; the message is a sentence."""


@dataclass(frozen=True)
class Generated:
    """A history to generate; days before its end it may wait for others, who then move the clock."""

    customers: int = 400
    months: int = 24
    seed: int = 7
    waits: int = 0
    plain_names: bool = False


@dataclass(frozen=True)
class Exported:
    """An account's export; frozen_at in epoch seconds where the export does not say."""

    folder: Path
    frozen_at: int | None = None


Origin = Generated | Exported | None
"""What a sandbox begins with; None: nothing at all."""


def opened(file: Path, *, fresh: bool = False) -> Store:
    """The state in a file, or an empty one: what was left half made is made anew."""
    if not fresh:
        store = Store(file)
        if store.meta("origin") is not None:
            return store
        store.close()
    for part in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        part.unlink(missing_ok=True)
    return Store(file)


def begin(store: Store, origin: Origin, now: int) -> History | None:
    """Give an empty store its history, and a generated one the time that has passed since.

    Gives the history where it waits: until go_on has told all of it the store counts as half made.
    Raises OtherHistoryError, MalformedAccountError.
    """
    known, wanted = store.meta("origin"), _name(origin)
    if known is None:
        if (history := _fill(store, origin, now)) is not None and not history.over:
            return history
        store.set_meta("origin", wanted)
    elif isinstance(origin, Exported) and known != wanted:
        raise OtherHistoryError("That state holds another history: name a new file for it, or start afresh.")
    elif known == GENERATED and now > store.now:
        advance(store, now)
    return None


def go_on(store: Store, history: History | None, to: int) -> None:
    """Move the clock, through what a history that waits still has to tell."""
    if history is not None and not history.over:
        history.tell(to)
        if history.over:
            store.set_meta("origin", GENERATED)
    if to > store.now:
        advance(store, to)


def _name(origin: Origin) -> str:
    if isinstance(origin, Exported):
        return f"account {origin.folder.resolve().name}"
    return GENERATED if origin else "empty"


def _fill(store: Store, origin: Origin, now: int) -> History | None:
    if isinstance(origin, Exported):
        load(store, origin.folder, origin.frozen_at)
    elif origin:
        size = (origin.customers, origin.months, origin.seed)
        history = History(store, *size, now, plain_names=origin.plain_names)
        history.tell(now - origin.waits * DAY)
        return history
    else:
        store.set_now(now)
    return None


def match_application(store: Store, url: str) -> bool:
    """Make the application database anew when it is missing or from an earlier day; whether that was so."""
    today = str(store.now // DAY)
    if store.meta(f"application {url}") == today and not _needs_making(url):
        return False
    build(store, url)
    store.set_meta(f"application {url}", today)
    return True


def _needs_making(url: str) -> bool:
    """Whether the file of a SQLite database is missing, or is none; such a one is removed."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return False
    file = Path(parsed.database or "")
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            database.execute("select count(*) from sqlite_master").close()
    except sqlite3.DatabaseError:
        file.unlink(missing_ok=True)
        return True
    return False


def keep_time(store: Store, stop: threading.Event) -> None:
    """Move a generated sandbox's clock with ours until told to stop; others stand still until moved."""
    while not stop.wait(TICK):
        now = int(time.time())
        if store.meta("origin") == GENERATED and now > store.now:
            advance(store, now)
