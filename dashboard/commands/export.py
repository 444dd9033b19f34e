"""python -m dashboard export NAME: a documented table as CSV, JSON or Parquet."""

import re
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.console import checked_settings, err, fail, instant, operator
from dashboard.exports import EXPORTS, OptionError
from dashboard.exports import export as make_export
from data import clock, handed_out
from data.frames import data_status
from data.handed_out import HandedOut
from data.sources import DatabaseFailedError, open_database
from data.writing import NotChangedError

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
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        parser=instant, metavar="DATE", help="movements, restated: as it was known, or known since."
    ),
]
How = Annotated[Format, typer.Option("--format", help="How it is written.")]


def _month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise typer.BadParameter(f"{text!r} is not a month (2026-11)")
    return text


Month = Annotated[
    str | None, typer.Option(parser=_month, metavar="MONTH", help="bridge: of this month only, as 2026-11.")
]


def export(
    name: Name,
    format_: How = Format.csv,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    month: Month = None,
    output: Output = None,
) -> None:
    """Write one of the documented tables; amounts are whole minor units of the row's currency."""
    try:
        with open_database(checked_settings()) as engine:
            if data_status(engine).version is None:
                fail("Nothing has been read from Stripe yet: run python -m dashboard sync first.")
            _note(name)
            content = make_export(engine, name, format_.value, as_of, known_at=known_at, month=month)
    except (DatabaseFailedError, OptionError, NotChangedError) as error:
        fail(str(error))
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")
    err.print(f"Wrote {output}")


def _note(name: str) -> None:
    """In the audit, where the table says who somebody is. Raises NotChangedError."""
    columns = list(EXPORTS[name].columns)
    if handed_out.is_personal(columns):
        url = checked_settings().database_url.get_secret_value()
        handed_out.note(url, HandedOut(operator(), "command line", name, columns), clock.now())
