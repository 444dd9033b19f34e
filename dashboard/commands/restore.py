"""python -m dashboard restore FILE: a backup in the app's database again."""

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.console import checked_settings, err, fail, operator
from data import backup, clock
from data.sources import DatabaseFailedError, migrate_database

File = Annotated[Path, typer.Argument(help="What backup wrote.")]
Replace = Annotated[bool, typer.Option("--replace", help="Lose what the database holds now.")]


def restore(file: File, *, replace: Replace = False) -> None:
    """Put a backup into the database that the settings name, and bring it up to date.

    Every checksum is compared first, and the database changes in one step or not at all. Stop the app before.
    Requests for approval that waited have expired, since they may have been decided after the backup.
    Exit code 1: nothing was changed.
    """
    settings = checked_settings()
    url = settings.database_url.get_secret_value()
    try:
        about = backup.restore(url, file, operator(), clock.now(), replace=replace)
        migrate_database(settings)
    except (backup.BackupError, DatabaseFailedError) as error:
        fail(str(error))
    err.print(
        f"The database is as it was at {about.made_at:%Y-%m-%d %H:%M:%S} UTC; the next sync brings the rest."
    )
    if settings.has_sign_in:
        err.print("Sign-ins that were ended since are forgotten: give OIDC_COOKIE_SECRET a new value.")
