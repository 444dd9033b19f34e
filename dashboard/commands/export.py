"""python -m dashboard export NAME: a documented table as CSV, JSON or Parquet."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.console import checked_settings, err, fail, instant
from dashboard.exports import EXPORTS
from dashboard.exports import export as make_export
from data.frames import data_status
from data.sources import DatabaseFailedError, open_database

Format = StrEnum("Format", ["csv", "json", "parquet"])


def _known(name: str) -> str:
    if name not in EXPORTS:
        raise typer.BadParameter(f"there is no export {name!r}: choose one of {', '.join(EXPORTS)}")
    return name


Name = Annotated[str, typer.Argument(callback=_known, help=f"One of: {', '.join(EXPORTS)}.")]
AsOf = Annotated[
    datetime | None, typer.Option(parser=instant, metavar="DATE", help="As of this instant, UTC.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output without it.")]
How = Annotated[Format, typer.Option("--format", help="How it is written.")]


def export(name: Name, format_: How = Format.csv, as_of: AsOf = None, output: Output = None) -> None:
    """Write one of the documented tables; amounts are whole minor units of the row's currency."""
    try:
        with open_database(checked_settings()) as engine:
            if data_status(engine).version is None:
                fail("Nothing has been read from Stripe yet: run python -m dashboard sync first.")
            content = make_export(engine, name, format_.value, as_of)
    except DatabaseFailedError as error:
        fail(str(error))
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")
    err.print(f"Wrote {output}")
