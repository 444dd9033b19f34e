"""SQLite: the database and the inbox of webhooks beside it, copied by SQLite itself while both are used."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from data.backup import after
from data.backup.archive import BLOCK, Archive, BackupError, Writer
from data.database import PROJECT, is_prepared, open_engine
from data.migrations import migrate

DATABASE, INBOX = "database", "inbox"
PREFIX = ".backup-"
PATIENCE = 30  # seconds that others may keep the database from being written


def write(engine: Engine, writer: Writer, beside: Path) -> str:
    """Write both files; gives the migration that the database is at. Raises BackupError, sqlite3.Error.

    The inbox comes first: an event that was read between the two is then read again, never lost.
    """
    with _folder(beside) as folder:
        for name, source in ((INBOX, _inbox(engine)), (DATABASE, _file(engine))):
            if source.exists():
                snapshot = folder / name
                _copy(source, snapshot)
                _made_one(snapshot, source)
                with writer.part(name) as sink, snapshot.open("rb") as stream:
                    while block := stream.read(BLOCK):
                        sink.write(block)
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            found = connection.execute("select version_num from alembic_version").fetchone()
    return str(found[0])


def restore(engine: Engine, archive: Archive, replace: bool, person: str, now: datetime) -> None:
    """Bring a copy up to date beside the database, then let it take the database's place in one transaction.

    Raises BackupError, SQLAlchemyError, sqlite3.Error.
    """
    before = 0
    if is_prepared(engine):
        if not replace:
            raise BackupError("The database has tables of the app: say --replace to lose what is in them.")
        with engine.connect() as connection:
            before = after.last_version(connection)
    with _folder(_file(engine).parent) as folder:
        for part in archive.about.parts:
            if part.name in (DATABASE, INBOX):
                with (folder / part.name).open("wb") as stream:
                    stream.writelines(archive.blocks(part))
        if not (folder / DATABASE).exists():
            raise BackupError("The backup holds no database: use another one.")
        _bring_up_to_date(folder / DATABASE, archive, before, person, now)
        if (folder / INBOX).exists():
            _copy(folder / INBOX, _inbox(engine))
        _copy(folder / DATABASE, _file(engine))


def _bring_up_to_date(file: Path, archive: Archive, before: int, person: str, now: datetime) -> None:
    engine = open_engine(f"sqlite:///{file}")
    try:
        migrate(engine)
        with engine.begin() as connection:
            after.restored(connection, archive.about, before, person, now)
    finally:
        engine.dispose()


def _copy(source: Path, target: Path) -> None:
    """A database's pages of one instant into another file, which has all of them or what it had."""
    ends = time.monotonic() + PATIENCE

    def give_up(_status: int, remaining: int, _total: int) -> None:
        if remaining and time.monotonic() > ends:
            raise BackupError(f"{target.name} is being written by others: stop the app, then try again.")

    of, into = sqlite3.connect(source, timeout=PATIENCE), sqlite3.connect(target, timeout=PATIENCE)
    with closing(of), closing(into):
        of.backup(into, progress=give_up)


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    """A folder for copies, where there is room for them, that nobody else may read."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside) as folder:
        yield Path(folder)


def _made_one(snapshot: Path, source: Path) -> None:
    """All of a copy in its one file; a damaged database is found now, not when its backup is needed."""
    with closing(sqlite3.connect(snapshot)) as connection:
        connection.execute("pragma journal_mode = delete").close()
        told = connection.execute("pragma quick_check(1)").fetchone()[0]
    if told != "ok":
        raise BackupError(f"{source} is damaged ({told}): restore an earlier backup.")


def _file(engine: Engine) -> Path:
    return PROJECT / str(engine.url.database)


def _inbox(engine: Engine) -> Path:
    return PROJECT / f"{engine.url.database}-inbox"
