"""How commands speak: results on standard output, everything else on standard error."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from data import catalog, config, logs
from data.catalog import CatalogError
from data.clock import parse_instant
from data.config import Settings, SettingsError

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

EXIT_FAILED = 1
"""The command could not do its work, or found something that is not in order."""
EXIT_SETTINGS = 3
"""The settings are wrong; 2 is Typer's own for a wrong command line."""


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say why and stop with an exit code."""
    err.print(f"[red]{message}[/red]" if "[" not in message else message, markup="[" not in message)
    raise typer.Exit(code)


def checked_settings() -> Settings:
    """The settings of this process, or the sentences that say what is wrong with them and exit code 3."""
    try:
        settings = config.settings()
        logs.set_up(settings)
        if settings.catalog_file:
            catalog.load(settings.catalog_file)
        return settings
    except (SettingsError, CatalogError) as error:
        fail(str(error), EXIT_SETTINGS)


def operator() -> str:
    """Who runs the command, by the name of the account on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "command line"


def instant(text: str) -> datetime:
    """An option's date or instant, UTC; a sentence and exit code 2 where it is neither."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


class SyncProgress:
    """A line a resource while a sync runs, where a person watches; nothing in a pipe."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, object] = {}

    def __call__(self, resource: str, objects: int, done: bool) -> None:
        """So many objects of a resource have been stored so far."""
        task = self._tasks.get(resource)
        if task is None:
            task = self._tasks[resource] = self._bars.add_task(resource.replace("_", " "), total=None)
        self._bars.update(task, completed=objects, total=objects if done else None)  # type: ignore[arg-type]


@contextmanager
def sync_progress() -> Iterator[SyncProgress]:
    """Progress bars on standard error for as long as the block lasts."""
    with Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=False,
    ) as bars:
        yield SyncProgress(bars)


def problems_table(problems: Mapping[str, str]) -> Table:
    """What could not be read, by resource, and why."""
    table = Table("Not complete", "Why", box=None, pad_edge=False)
    for name, words in sorted(problems.items()):
        table.add_row(name, words)
    return table
