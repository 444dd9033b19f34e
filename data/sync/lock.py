"""One sync at a time per database, also between processes; a dead process holds no lock."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Engine, text

LOCK_NUMBER = 7_265_001  # our place among a PostgreSQL database's advisory locks


class SyncRunningError(Exception):
    """Another sync of the same database is under way; the message is a sentence."""

    def __init__(self) -> None:
        super().__init__("Another sync of this database is under way: wait for it to end, then try again.")


@contextmanager
def sync_lock(engine: Engine) -> Iterator[None]:
    """Hold the database's sync lock. Raises SyncRunningError at once when another holds it."""
    held = _postgres if engine.dialect.name == "postgresql" else _sqlite
    with held(engine):
        yield


@contextmanager
def _postgres(engine: Engine) -> Iterator[None]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = connection.execute(text("select pg_try_advisory_lock(:n)"), {"n": LOCK_NUMBER}).scalar()
        if not taken:
            raise SyncRunningError
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:n)"), {"n": LOCK_NUMBER})


@contextmanager
def _sqlite(engine: Engine) -> Iterator[None]:
    """A write lock on a file of its own beside the database, which the system releases with the process."""
    path = engine.url.database
    if not path or path == ":memory:":
        yield
        return
    with closing(sqlite3.connect(f"{path}-sync", timeout=0, isolation_level=None)) as holder:
        try:
            holder.execute("begin exclusive").close()
        except sqlite3.OperationalError:
            raise SyncRunningError from None
        yield
