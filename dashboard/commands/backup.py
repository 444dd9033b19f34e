"""python -m dashboard backup FILE: the app's database as one file."""

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.console import checked_settings, err, fail, operator
from data import clock
from data.backup import BackupError, back_up

File = Annotated[Path, typer.Argument(help="A new file; it holds personal data, and only you may read it.")]


def backup(file: File) -> None:
    """Write the app's own database into one file, all of it of one instant, while the app runs.

    It holds what Stripe does not: notes, approvals, actions and the audit; also the copy of Stripe's data and
    the webhooks that wait. Settings and secrets are not in it. Exit code 1: no file was written.
    """
    settings = checked_settings()
    try:
        about = back_up(settings.database_url.get_secret_value(), file, operator(), clock.now())
    except BackupError as error:
        fail(str(error))
    size = f"{file.stat().st_size / 2**20:,.1f} MB"
    err.print(f"Wrote {file}: {about.kind}, {size}, migration {about.migration}")
