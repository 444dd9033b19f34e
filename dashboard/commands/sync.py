"""python -m dashboard sync: bring the data up to date."""

import threading
from typing import Annotated

import typer

from dashboard.commands.console import checked_settings, err, fail, problems_table, sync_progress
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from dashboard.commands.following import follow
from data import logs
from data.config import Settings
from data.refresh import Refreshed, RefreshError, refresh, watch

Full = Annotated[bool, typer.Option("--full", help="Read everything again.")]
Watch = Annotated[bool, typer.Option("--watch", help="Go on, every SYNC_SECONDS, until Ctrl-C.")]
Child = Annotated[bool, typer.Option("--until-parent-ends", hidden=True)]


def sync(
    *,
    full: Full = False,
    watch_on: Watch = False,
    until_parent_ends: Child = False,
) -> None:
    """Bring the database up to date with Stripe and the application database.

    The first sync reads everything; one that was interrupted goes on where it was. Later ones follow Stripe's
    events. What the key may not read is named and left out. Exit code 1: Stripe could not be read at all.
    """
    if until_parent_ends:
        return follow()
    checked_settings()
    try:
        with stripe_or_sandbox() as settings:
            _once(settings, full)
            if watch_on:
                logs.set_up(settings, serving=True)
                err.print(f"Watching: a sync every {settings.sync_seconds} s, Ctrl-C stops it")
                watch(settings, threading.Event())
    except (SandboxFailedError, RefreshError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        err.print("Stopped; the next sync goes on from here")
        raise typer.Exit(130) from None


def _once(settings: Settings, full: bool) -> None:
    with sync_progress() as progress:
        done = refresh(settings, full=full, progress=progress)
    err.print(_summary(done))
    if done.problems:
        err.print(problems_table(done.problems))


def _summary(done: Refreshed) -> str:
    report = done.synced
    kind = "Full pass" if report.kind == "full" else f"{report.events} new events"
    told = f"{kind}: {report.objects} objects, {report.requests} requests, {report.seconds:.1f} s"
    if report.reason:
        told += f" ({report.reason.rstrip('.')})"
    if done.copied:
        told += f"; {done.copied.accounts} accounts"
    return f"{told}; data version {report.version}, as of {report.data_at:%Y-%m-%d %H:%M:%S} UTC"
