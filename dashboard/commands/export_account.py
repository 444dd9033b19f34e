"""python -m dashboard export-account DIR: a whole account as files."""

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.console import (
    checked_settings,
    err,
    fail,
    operator,
    problems_table,
    sync_progress,
)
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from data import clock, handed_out
from data.account_export import Exported
from data.account_export import export_account as write_account
from data.config import Settings
from data.handed_out import HandedOut
from data.refresh import RefreshError, stripe_in_words
from data.sources import DatabaseFailedError, migrate_database, open_gateway
from data.writing import NotChangedError

Folder = Annotated[Path, typer.Argument(help="A new folder; the sandbox can start from it (--account).")]


def export_account(folder: Folder) -> None:
    """Write everything that the key can read as JSON lines, a file a resource.

    What the key may not read is named and left out. The files hold customers' personal data.
    """
    checked_settings()
    try:
        with stripe_or_sandbox() as settings:
            _note(settings, folder)
            written = _written(settings, folder)
    except (SandboxFailedError, RefreshError, DatabaseFailedError, NotChangedError) as error:
        fail(f"{str(error).rstrip('.')}.")
    except FileExistsError:
        fail(f"{folder} holds an account already: name a new folder.")
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}.")
    err.print(f"Wrote {sum(each.objects for each in written)} objects to {folder}")
    problems = {each.resource: each.problem for each in written if each.problem}
    if problems:
        err.print(problems_table(problems))


def _written(settings: Settings, folder: Path) -> list[Exported]:
    with stripe_in_words(), open_gateway(settings) as gateway, sync_progress() as progress:
        return write_account(gateway, folder, progress)


def _note(settings: Settings, folder: Path) -> None:
    """In the audit before anything is read. Raises DatabaseFailedError, NotChangedError."""
    migrate_database(settings)
    given = HandedOut(operator(), "command line", folder.name, ["the whole account at Stripe"])
    handed_out.note(settings.database_url.get_secret_value(), given, clock.now())
