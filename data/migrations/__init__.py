"""Alembic migrations of the app's own database: `migrate` runs them, `pending` says which are missing."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

FOLDER = Path(__file__).resolve().parent


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
    missing = pending(engine)
    if missing:
        with engine.begin() as connection:
            upgrade(connection)
    return missing


def pending(engine: Engine) -> list[str]:
    """The ids of migrations that are missing, oldest first; raises NewerDatabaseError as `migrate` does."""
    known = revisions()
    with engine.connect() as connection:
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
