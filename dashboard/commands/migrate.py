"""python -m dashboard migrate: bring the app's database up to date."""

from dashboard.commands.console import checked_settings, fail, out
from data.sources import DatabaseFailedError, migrate_database


def migrate() -> None:
    """Run the migrations that the app's own database is missing."""
    try:
        done = migrate_database(checked_settings())
    except DatabaseFailedError as error:
        fail(str(error))
    out.print(f"Applied {', '.join(done)}" if done else "Nothing to do: every migration is applied")
