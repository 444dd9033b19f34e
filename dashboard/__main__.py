"""python -m dashboard: everything that is done from the command line."""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

COMMANDS = (
    "run",
    "sync",
    "migrate",
    "doctor",
    "resume",
    "end-sign-ins",
    "backup",
    "restore",
    "catalog",
    "export",
    "export-account",
    "sandbox",
)
"""Each is the function of that name in the module of that name in dashboard.commands."""


def application(wanted: Sequence[str] = COMMANDS) -> typer.Typer:
    """The command line with the wanted commands: each brings imports that the others need not wait for."""
    app = typer.Typer(
        name="python -m dashboard",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_about)
    for name in wanted:
        function = name.replace("-", "_")
        app.command(name)(getattr(import_module(f"dashboard.commands.{function}"), function))
    return app


def _about() -> None:
    """Subscription operations: Stripe and the company's database as plan mix, renewals and churn.

    Settings come from the environment and .streamlit/secrets.toml: see settings.example.toml.
    """


def main(arguments: Sequence[str]) -> None:
    """Run one command; ends the process with its exit code."""
    named = [name for name in COMMANDS if name in arguments[:1]]
    application(named or COMMANDS)(list(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
