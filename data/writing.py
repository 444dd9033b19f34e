"""What people write into the app's own tables: each change a transaction and a new version of the data."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from data.clock import now
from data.database import open_engine
from data.tables import operations

UNCHANGED = "The database did not take the change, so nothing was changed."
AGAIN = "Try again; `python -m dashboard doctor` checks the database."


class NotChangedError(Exception):
    """The database did not take a change; the message is a sentence for a person."""


@contextmanager
def transaction(url: str, failed: str = UNCHANGED) -> Iterator[Connection]:
    """A transaction of its own; failed says what it means that the database refused it.

    Raises NotChangedError, and then nothing has changed.
    """
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":  # its driver takes the end of a first savepoint for ours
                connection.exec_driver_sql("BEGIN")
            yield connection
    except SQLAlchemyError as error:
        raise NotChangedError(f"{failed} {AGAIN}") from error
    finally:
        engine.dispose()


@contextmanager
def reading(source: str | Engine, failed: str) -> Iterator[Connection]:
    """What is stored now, to be read: over an engine that is kept, or over one opened for a URL alone.

    failed says what it means that the database did not answer. Raises NotChangedError.
    """
    if isinstance(source, str):
        with transaction(source, failed) as connection:
            yield connection
        return
    try:
        with source.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise NotChangedError(f"{failed} {AGAIN}") from error


@contextmanager
def writing(url: str, reason: str) -> Iterator[Connection]:
    """A transaction that ends in a new version of the data, of the same instant; before the first sync there
    is none to follow. Raises NotChangedError, and then nothing has changed.
    """
    with transaction(url) as connection:
        yield connection
        publish(connection, reason)


def publish(connection: Connection, reason: str) -> None:
    """A new version of the data, of the same instant as the last one."""
    version = operations.data_version
    last = select(version.c.data_at).order_by(version.c.version.desc()).limit(1)
    data_at = connection.scalar(last)
    if data_at is not None:
        values = {"committed_at": now(), "data_at": data_at, "reason": reason}
        connection.execute(insert(version).values(**values))
