"""python -m dashboard catalog: what the catalogue lists, shown beside Stripe, and pushed there."""

from typing import Annotated, Literal

import typer
from rich.table import Table

from dashboard.actions import opening, pushing, running
from dashboard.actions.base import ActionError, Actor
from dashboard.actions.pushing import PushCatalog
from dashboard.commands.console import checked_settings, err, fail, operator, out
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from data import catalog as sold
from data.config import Settings
from data.sources import DatabaseFailedError, migrate_database

MARKS = {
    "create": "[green]create[/green]",
    "change": "[green]change[/green]",
    "archive": "[yellow]archive[/yellow]",
    "leave": "leave",
    "cannot": "[red]cannot[/red]",
}


def catalog(
    do: Annotated[Literal["push"], typer.Argument(help="push: make Stripe's list prices those listed.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it is done.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit.")] = "catalog push",
) -> None:
    """Push plans, add-ons and list prices of the catalogue to Stripe as products and prices.

    Shows first what it will create, change, archive and leave, then asks. No amount is ever edited: a new
    price is made and the one before archived. Cut short, it is finished by `resume`, and nothing is made
    twice. Exit code 1: something was not done, or Stripe or the database did not answer.
    """
    checked_settings()
    try:
        with stripe_or_sandbox() as settings:
            migrate_database(settings)
            _push(settings, yes, reason)
    except (SandboxFailedError, ActionError, DatabaseFailedError) as error:
        fail(str(error))


def _push(settings: Settings, yes: bool, reason: str) -> None:
    command = PushCatalog(pushing.listed(sold.current()))
    with opening.gateway(settings) as gateway:
        found = pushing.changes(command, pushing.read(gateway, command))
        _show(found)
        if not any(change.steps for change in found):
            err.print("There is nothing to do.")
        elif yes or typer.confirm("Do this in Stripe?", err=True):
            actor = Actor(operator(), "command line", lambda _: True)
            shown = running.preview(gateway, actor, command)
            running.execute(_url(settings), gateway, actor, command, shown, reason)
            err.print("Done; the next sync brings it.")
        else:
            err.print("Nothing was done.")
    if any(change.verb == "cannot" for change in found):
        raise typer.Exit(1)


def _show(found: list[pushing.Change]) -> None:
    """The plan, and how many there are of each kind."""
    out.print(_table(found))
    counted = {verb: sum(change.verb == verb for change in found) for verb in MARKS}
    out.print(", ".join(f"{number} to {verb}" for verb, number in counted.items() if number))


def _url(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


def _table(found: list[pushing.Change]) -> Table:
    table = Table("", "What", "Why", box=None, pad_edge=False)
    for change in (each for each in found if each.why != pushing.THERE):
        table.add_row(MARKS[change.verb], change.what, change.why)
    return table
