"""Tables as people read them and as files: a column says what it holds, and both follow."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any, Literal, get_args

import pandas as pd

from dashboard import formatting
from data import money

Text = Literal["text", "long", "word", "code", "interval", "month", "link"]
Own = Literal["own", "own_monthly"]
Number = Literal["amount", "monthly", "moved", "count", "change", "decimal", "difference", "share", "points"]
Kind = Text | Number | Own | Literal["day"]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How formulas begin, also in the wide letters that some spreadsheets take for them
(owasp.org/www-community/attacks/CSV_Injection)."""


@dataclass(frozen=True)
class Column:
    """A column of a table: where it comes from, its heading, and what it holds.

    long is a text that needs room, word one of Stripe's own words (too_expensive). amount and monthly are
    minor units (monthly: of an ARR, shown as its twelfth), moved is a monthly with its sign; share and points
    are fractions, shown in percent; decimal and difference (with its sign) have one place after the point.
    own and own_monthly are amounts in the currency of their row (its column `currency`); code is such one.
    wide is a long text that the others make room for.
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str | None = None
    wide: bool = False


def shown(
    frame: pd.DataFrame, columns: Sequence[Column], currency: str, partial: str | None = None
) -> pd.DataFrame:
    """The table for the eye: numbers stay numbers, so that it sorts; amounts in the main unit.

    The month that is not over yet says so. Texts are harmless here too, since Streamlit's own toolbar saves
    what is shown as a file.
    """
    table = {
        column.label: [_eye(value, column.kind, code) for value, code in cells(frame, column, currency)]
        for column in columns
    }
    for column in columns if partial else ():
        if column.kind == "month":
            months = zip(frame[column.name], table[column.label], strict=True)
            table[column.label] = [f"{told}, so far" if code == partial else told for code, told in months]
    return pd.DataFrame(table)


def cells(frame: pd.DataFrame, column: Column, currency: str) -> Iterator[tuple[Any, str]]:
    """The values of a column, each with the currency that it is in; without one an amount is not known."""
    if column.kind not in get_args(Own):
        return zip(frame[column.name], repeat(currency, len(frame)), strict=True)
    pairs = zip(frame[column.name], frame["currency"], strict=True)
    return ((None if formatting.is_missing(code) else value, str(code)) for value, code in pairs)


def _eye(value: Any, kind: Kind, currency: str) -> Any:
    if formatting.is_missing(value):
        return None
    return _EYE[kind](value, currency)


def _float(value: Any, currency: str) -> float:
    return float(money.major(int(value), currency))


def _in_percent(value: Any) -> float:
    return round(float(value) * 100, 1) + 0.0  # a rounded -0.0 is 0.0


_EYE: dict[Kind, Callable[[Any, str], Any]] = {
    "text": lambda value, _: harmless(str(value)),
    "long": lambda value, _: harmless(str(value)),
    "word": lambda value, _: harmless(formatting.word(str(value))),
    "link": lambda value, _: harmless(str(value)),
    "code": lambda value, _: str(value).upper(),
    "own": lambda value, currency: formatting.amount(int(value), currency),
    "own_monthly": lambda value, currency: formatting.mrr(int(value), currency),
    "amount": _float,
    "monthly": lambda value, currency: float(_monthly(value, currency)),
    "moved": lambda value, currency: float(_monthly(value, currency)),
    "count": lambda value, _: int(value),
    "change": lambda value, _: int(value),
    "decimal": lambda value, _: round(float(value), 1) + 0.0,
    "difference": lambda value, _: round(float(value), 1) + 0.0,
    "share": lambda value, _: _in_percent(value),
    "points": lambda value, _: _in_percent(value),
    "day": lambda value, _: value,
    "month": lambda value, _: formatting.month(value),
    "interval": lambda value, _: formatting.interval(value),
}


def to_csv(frame: pd.DataFrame, columns: Sequence[Column], currency: str) -> bytes:
    """The table as a file for spreadsheets: exact figures, UTF-8 with a mark that Excel knows.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.label for column in columns])
    written = (
        [_cell(value, each.kind, code) for value, code in cells(frame, each, currency)] for each in columns
    )
    writer.writerows(zip(*written, strict=True))
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: Any, kind: Kind, currency: str) -> str:
    return "" if formatting.is_missing(value) else _FILE[kind](value, currency)


def harmless(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _exact(value: Any, currency: str) -> str:
    return f"{money.major(int(value), currency):f}"


def _monthly(value: Any, currency: str) -> str:
    exact = formatting.monthly(int(value))
    assert exact is not None
    return _exact(money.half_up(exact), currency)


def _percent(value: Any, _: str) -> str:
    return f"{Decimal(repr(float(value))) * 100:.4f}".rstrip("0").rstrip(".")


_FILE: dict[Kind, Callable[[Any, str], str]] = {
    "text": lambda value, _: harmless(str(value)),
    "long": lambda value, _: harmless(str(value)),
    "word": lambda value, _: harmless(formatting.word(str(value))),
    "link": lambda value, _: harmless(str(value)),
    "code": lambda value, _: harmless(str(value).upper()),
    "own": _exact,
    "own_monthly": _monthly,
    "amount": _exact,
    "monthly": _monthly,
    "moved": _monthly,
    "count": lambda value, _: str(int(value)),
    "change": lambda value, _: str(int(value)),
    "decimal": lambda value, _: f"{float(value):.4f}".rstrip("0").rstrip("."),
    "difference": lambda value, _: f"{float(value):.4f}".rstrip("0").rstrip("."),
    "share": _percent,
    "points": _percent,
    "day": lambda value, _: f"{value:%Y-%m-%d}",
    "month": lambda value, _: str(value),
    "interval": lambda value, _: harmless(formatting.interval(value)),
}


def places(currency: str) -> int:
    """Decimals of an amount in a table."""
    return money.decimals(currency)
