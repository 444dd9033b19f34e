"""One sync at a time per database, also between processes; a dead process holds no lock."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Engine, text

LOCK_NUMBER = 7_265_001  # our place among a PostgreSQL database's advisory locks
PATIENCE = 60.0
"""Seconds that somebody waits who changes what syncs keep, and is no sync."""
AGAIN = 0.1


class SyncRunningError(Exception):
    """Another sync of the same database is under way; the message is a sentence."""

    def __init__(self) -> None:
        super().__init__("Another sync of this database is under way: wait for it to end, then try again.")


@contextmanager
def sync_lock(engine: Engine, patience: float = 0.0) -> Iterator[None]:
    """Hold the database's sync lock. Raises SyncRunningError when another holds it for so many seconds."""
    held = _postgres if engine.dialect.name == "postgresql" else _sqlite
    with held(engine, time.monotonic() + patience):
        yield


@contextmanager
def _postgres(engine: Engine, until: float) -> Iterator[None]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        attempt = text("select pg_try_advisory_lock(:n)").bindparams(n=LOCK_NUMBER)
        _take(lambda: bool(connection.scalar(attempt)), until)
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:n)"), {"n": LOCK_NUMBER})


@contextmanager
def _sqlite(engine: Engine, until: float) -> Iterator[None]:
    """A write lock on a file of its own beside the database, which the system releases with the process."""
    path = engine.url.database
    if not path or path == ":memory:":
        yield
        return
    with closing(sqlite3.connect(f"{path}-sync", timeout=0, isolation_level=None)) as holder:

        def attempt() -> bool:
            try:
                holder.execute("begin exclusive").close()
            except sqlite3.OperationalError:
                return False
            return True

        _take(attempt, until)
        yield


def _take(attempt: Callable[[], bool], until: float) -> None:
    """Try until it is ours. Raises SyncRunningError."""
    while not attempt():
        if time.monotonic() >= until:
            raise SyncRunningError
        time.sleep(AGAIN)
