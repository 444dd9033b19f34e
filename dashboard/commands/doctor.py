"""python -m dashboard doctor: what is in order, what is not, and what to do about it."""

import typer
from rich.table import Table

from dashboard.commands.console import EXIT_FAILED, checked_settings, fail, out
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from data.doctor import Finding, findings

MARKS = {"ok": "[green]ok[/green]", "warning": "[yellow]look[/yellow]", "failed": "[red]failed[/red]"}


def doctor() -> None:
    """Check settings, key permissions, databases, migrations, webhook secret and clock; say what to do.

    Exit code 0: nothing failed. 1: something did. 3: the settings are wrong.
    """
    checked_settings()
    try:
        with stripe_or_sandbox() as settings:
            found = list(findings(settings))
    except SandboxFailedError as error:
        fail(f"{error}.")
    out.print(_table(found))
    failed = sum(finding.state == "failed" for finding in found)
    warned = sum(finding.state == "warning" for finding in found)
    out.print(f"{len(found) - failed - warned} in order, {warned} to look at, {failed} failed")
    if failed:
        raise typer.Exit(EXIT_FAILED)


def _table(found: list[Finding]) -> Table:
    table = Table("", "Check", "Found", "What to do", box=None, pad_edge=False)
    for finding in found:
        table.add_row(MARKS[finding.state], finding.check, finding.found, finding.remedy)
    return table
