"""Exchange rates from a CSV file: date,from,to,rate. Every mistake is named with its line and column."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from data.fx.rates import ExchangeRate

COLUMNS = ("date", "from", "to", "rate")
SHOWN = 20


class RateFileError(Exception):
    """A file that cannot be taken; `problems` are sentences, each naming its line and column."""

    def __init__(self, problems: list[str]) -> None:
        more = len(problems) - SHOWN
        super().__init__("\n".join([*problems[:SHOWN], *([f"and {more} more"] if more > 0 else [])]))
        self.problems = problems


def parse(text: str) -> list[ExchangeRate]:
    """The rates of a whole file, in its order; raises RateFileError with everything that is wrong with it."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True, strict=True)
    problems: list[str] = []
    found: dict[int, ExchangeRate] = {}
    try:
        _check_heading(reader.fieldnames)
        for row in reader:
            _take(row, reader.line_num, found, problems)
    except csv.Error as error:
        problems.append(f"line {reader.line_num + 1}: {error}")
    problems += _contradictions(found)
    if problems:
        raise RateFileError(problems)
    return [*found.values()]


def _check_heading(names: Any) -> None:
    missing = [name for name in COLUMNS if name not in (names or ())]
    if missing:
        raise RateFileError(
            [f"line 1: there is no column {', '.join(missing)}; the first line must be {','.join(COLUMNS)}"]
        )


def _take(row: Mapping[Any, Any], line: int, found: dict[int, ExchangeRate], problems: list[str]) -> None:
    """Read a row into what was found, or into the problems."""
    values: dict[str, Any] = {}
    wrong = ["more values than columns"] if None in row else []
    for name, read in READERS.items():
        try:
            values[name] = read((row[name] or "").strip())
        except ValueError as error:
            wrong.append(f"column {name}: {error}")
    if not wrong and values["from"] == values["to"]:
        wrong.append(f"column to: {values['to'].upper()} is the currency that it comes from")
    problems += [f"line {line}, {each}" for each in wrong]
    if not wrong:
        found[line] = ExchangeRate(values["date"], values["from"], values["to"], values["rate"])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-01-31") from None


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise ValueError(f"{text!r} is not a currency code such as EUR")
    return text.lower()


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        raise ValueError(f"{text!r} is not a number above 0 such as 1.0842")
    return rate


READERS: Mapping[str, Callable[[str], Any]] = {
    "date": _date,
    "from": _currency,
    "to": _currency,
    "rate": _rate,
}


def _contradictions(found: Mapping[int, ExchangeRate]) -> list[str]:
    """Lines that give another rate for a day and pair that an earlier line has given."""
    first: dict[tuple[date, str, str], tuple[int, Decimal]] = {}
    problems = []
    for line, each in found.items():
        key = (each.date, each.from_currency, each.to_currency)
        earlier, rate = first.setdefault(key, (line, each.rate))
        if rate != each.rate:
            problems.append(
                f"line {line}, column rate: {each.rate} contradicts line {earlier}, which says {rate}"
            )
    return problems
