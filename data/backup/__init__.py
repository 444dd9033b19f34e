"""The app's database as one file, and back: while the app runs, of one instant, whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from data import audit
from data.backup import archive, postgres, sqlite
from data.backup.archive import About, BackupError
from data.database import is_prepared, open_engine
from data.migrations import revisions
from data.sync.lock import SyncRunningError, sync_lock
from data.tables.actions import audit_entry

__all__ = ["About", "BackupError", "back_up", "restore"]


def back_up(url: str, file: Path, person: str, now: datetime) -> About:
    """Write a database into a new file, note it in the audit first, and say what the file holds.

    Raises BackupError; then there is no file.
    """
    with _in_words(url, "Nothing was written") as engine:
        if not is_prepared(engine):
            raise BackupError("There is nothing to back up: the database has no tables of the app.")
        with archive.writing(file) as writer:
            _note(engine, person, file, now)
            migration = _written(engine, writer, file.absolute().parent)
            about = About(kind=_kind(engine), migration=migration, made_at=now)
            return writer.finish(about)


def _written(engine: Engine, writer: archive.Writer, beside: Path) -> str:
    if _kind(engine) == "sqlite":
        return sqlite.write(engine, writer, beside)
    return postgres.write(engine, writer)


def restore(url: str, file: Path, person: str, now: datetime, *, replace: bool = False) -> About:
    """Read a file into an empty database, or in place of what is there; then its migrations are all applied.

    Raises BackupError; then nothing has changed.
    """
    with archive.opened(file) as backup, _in_words(url, "Nothing was restored") as engine:
        _fits(backup.about, engine)
        try:
            with sync_lock(engine):
                put_back = sqlite.restore if _kind(engine) == "sqlite" else postgres.restore
                put_back(engine, backup, replace, person, now)
        except SyncRunningError:
            raise BackupError("A sync of this database is under way: stop the app, then try again.") from None
        return backup.about


def _fits(about: About, engine: Engine) -> None:
    """Raises BackupError where this database or this version of the app cannot take the backup."""
    if about.kind != _kind(engine):
        raise BackupError(f"The backup is of {about.kind}, and DATABASE_URL names {engine.dialect.name}.")
    if about.migration not in revisions():
        told = f"The backup is at migration {about.migration}, which this version does not know"
        raise BackupError(f"{told}: install the version of the app that made it.")


def _kind(engine: Engine) -> archive.Kind:
    return "sqlite" if engine.dialect.name == "sqlite" else "postgresql"


def _note(engine: Engine, person: str, file: Path, now: datetime) -> None:
    """A backup holds personal data: it is in the audit, and so in itself, before anything is read."""
    if inspect(engine).has_table(audit_entry.name):  # a database of an early version has none
        entry = audit.Entry(now, person, "command line", "Back up the database", "done", subject=file.name)
        with engine.begin() as connection:
            audit.write(connection, entry)


@contextmanager
def _in_words(url: str, outcome: str) -> Iterator[Engine]:
    """The database's engine; what fails in the block is a BackupError without SQL or secrets."""
    try:
        engine = open_engine(url)
    except OSError as error:
        raise BackupError(f"{outcome}: {error.filename}: {error.strerror}.") from None
    try:
        yield engine
    except (SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()
        told = words[0].rstrip(".") if words else type(error).__name__
        raise BackupError(f"{outcome}: the database failed ({told}).") from error
    except OSError as error:
        raise BackupError(f"{outcome}: {error.filename or 'the file'}: {error.strerror}.") from None
    finally:
        engine.dispose()
