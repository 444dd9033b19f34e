"""A table as an Excel file: numbers and days stay what they are, and no text is ever run."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any

import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from dashboard import columns, formatting
from dashboard.columns import Column, Kind
from data import clock, money

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDTHS: dict[Kind, int] = {"long": 60, "text": 26, "word": 20, "link": 14}
USUAL_WIDTH = 14
FORBIDDEN = str.maketrans("[]:*?/\\'", "        ")
Write = Callable[[Any, str], Any]


def to_excel(frame: pd.DataFrame, shape: Sequence[Column], currency: str, title: str = "") -> bytes:
    """The table as an Excel file: a heading that stays in sight, amounts in the main unit, days as days.

    A text that a spreadsheet would take for a formula is kept as text, also after it is edited there.
    """
    buffer = io.BytesIO()
    book = Workbook(buffer, OPTIONS)
    sheet = book.add_worksheet(title.translate(FORBIDDEN).strip()[:31] or "Table")
    sheet.freeze_panes(1, 0)
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, column in enumerate(shape):
        sheet.write_string(0, place, column.label, heading)
        sheet.set_column(place, place, WIDTHS.get(column.kind, USUAL_WIDTH))
        _column(book, sheet, place, column.kind, columns.cells(frame, column, currency))
    if len(frame) and shape:
        sheet.autofilter(0, 0, len(frame), len(shape) - 1)
    book.close()
    return buffer.getvalue()


def _column(
    book: Workbook, sheet: Worksheet, place: int, kind: Kind, values: Iterator[tuple[Any, str]]
) -> None:
    """One column, each cell by its kind; what is missing stays empty."""
    number = cache(lambda code: book.add_format({"num_format": _number_format(kind, code)}))
    quoted = book.add_format({"quote_prefix": True})
    for row, (value, code) in enumerate(values, start=1):
        if formatting.is_missing(value):
            continue
        cell = _CELLS[kind](value, code)
        if isinstance(cell, date):
            sheet.write_datetime(row, place, cell, number(code))
        elif not isinstance(cell, str):
            sheet.write_number(row, place, cell, number(code))
        elif kind == "link" and cell.startswith("https://"):
            sheet.write_url(row, place, cell, string="Open")
        else:
            sheet.write_string(row, place, cell, quoted if cell.startswith(columns.FORMULA_STARTS) else None)


def _number_format(kind: Kind, currency: str) -> str:
    if kind in ("amount", "monthly", "moved", "own", "own_monthly"):
        places = money.decimals(currency)
        figure = "#,##0" + ("." + "0" * places if places else "")
        sign = formatting.sign(currency).replace('"', "")
        plain = f'"{sign}"{figure}'
        return f"+{plain};-{plain};{plain}" if kind == "moved" else f"{plain};-{plain}"
    return _FORMATS.get(kind, "General")


_FORMATS: dict[Kind, str] = {
    "count": "#,##0",
    "change": "+#,##0;-#,##0;0",
    "decimal": "#,##0.0",
    "difference": "+#,##0.0;-#,##0.0;0.0",
    "share": "0.0%",
    "points": '+0.0" pp";-0.0" pp";0.0" pp"',
    "day": "d mmm yyyy",
    "month": "mmm yyyy",
}


def _major(value: Any, currency: str) -> float:
    return float(money.major(int(value), currency))


def _monthly(value: Any, currency: str) -> float:
    return _major(money.half_up(Fraction(int(value), 12)), currency)


def _day(value: Any, _: str) -> datetime:
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - Excel knows no zones


def _month(value: Any, currency: str) -> datetime:
    return _day(clock.month_start(str(value)), currency)


def _text(value: Any, _: str) -> str:
    return str(value)


_CELLS: dict[Kind, Write] = {
    "text": _text,
    "long": _text,
    "link": _text,
    "word": lambda value, _: formatting.word(str(value)),
    "interval": lambda value, _: formatting.interval(str(value)),
    "code": lambda value, _: str(value).upper(),
    "own": _major,
    "own_monthly": _monthly,
    "amount": _major,
    "monthly": _monthly,
    "moved": _monthly,
    "count": lambda value, _: int(value),
    "change": lambda value, _: int(value),
    "decimal": lambda value, _: float(value),
    "difference": lambda value, _: float(value),
    "share": lambda value, _: float(value),
    "points": lambda value, _: float(value) * 100,
    "day": _day,
    "month": _month,
}
