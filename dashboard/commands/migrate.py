"""python -m dashboard migrate: bring the app's database up to date."""

from dashboard.commands.console import checked_settings, fail, out
from data.database import open_engine
from data.migrations import NewerDatabaseError
from data.migrations import migrate as run_migrations


def migrate() -> None:
    """Run the migrations that the app's own database is missing."""
    engine = open_engine(checked_settings().database_url.get_secret_value())
    try:
        done = run_migrations(engine)
    except NewerDatabaseError as error:
        fail(f"{error}: install the version of the app that made it.")
    finally:
        engine.dispose()
    out.print(f"Applied {', '.join(done)}" if done else "Nothing to do: every migration is applied")
