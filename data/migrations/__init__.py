"""Alembic migrations of the app's own database: `migrate` runs them, `pending` says which are missing."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

FOLDER = Path(__file__).resolve().parent
LOCK_NUMBER = 7_265_002  # our place among a PostgreSQL database's advisory locks, beside the sync's


class NewerDatabaseError(Exception):
    """The database was migrated by a newer version of the app."""


def alembic_config(connection: Connection | None = None) -> Config:
    """How Alembic finds our migrations, over this connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> list[str]:
    """Run the migrations that are missing, in one transaction; gives their ids, oldest first.

    Raises NewerDatabaseError when the database knows a migration that this version does not.
    """
    if not pending(engine):
        return []
    with _alone(engine) as connection:
        missing = pending(engine, connection)  # another process may have run them while this one waited
        upgrade(connection)
    return missing


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction around everything, which two processes do not enter at once."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            usual, driver.isolation_level = driver.isolation_level, None  # else each CREATE commits by itself
            try:
                connection.exec_driver_sql("begin immediate")
                yield connection
                connection.commit()
            finally:
                connection.rollback()
                driver.isolation_level = usual
        else:
            connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
            yield connection
            connection.commit()


def pending(engine: Engine, within: Connection | None = None) -> list[str]:
    """The ids of migrations that are missing, oldest first; raises NewerDatabaseError as `migrate` does."""
    known = revisions()
    with nullcontext(within) if within else engine.connect() as connection:
        current = revision(connection)
    if current is None:
        return known
    if current not in known:
        raise NewerDatabaseError(f"the database is at migration {current}, which this version does not know")
    return known[known.index(current) + 1 :]


def revisions() -> list[str]:
    """The ids of every migration that this version knows, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def revision(connection: Connection) -> str | None:
    """The id of the migration that the database is at; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run migrations up to an id within the connection's transaction."""
    command.upgrade(alembic_config(connection), to)
