"""python -m data.migrations "What changes": writes the migration from the last one to the present tables."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from data.database import open_engine
from data.migrations import FOLDER, alembic_config, migrate


def write(message: str) -> None:
    """Compare a freshly migrated SQLite database with the tables and write the difference as a migration.

    A migration that has been released is never edited: databases that ran it would miss the change.
    """
    number = len(list((FOLDER / "versions").glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'migrated.db'}")
        migrate(engine)
        with engine.begin() as connection:
            command.revision(
                alembic_config(connection), message=message, autogenerate=True, rev_id=f"{number:04d}"
            )
        engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m data.migrations "What changes"')
    write(sys.argv[1])
