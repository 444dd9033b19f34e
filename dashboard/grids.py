"""A table on a page: typed columns, a download, and rows that can be selected."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard import access, columns, downloads, formatting
from dashboard.columns import Column
from dashboard.store import finished
from dashboard.workbook import MIME as EXCEL
from dashboard.workbook import to_excel
from data.hidden_fields import NAMES

MOST_ROWS = 12
MOST_SHOWN = 1000
NAMING = ("text", "interval", "month")
OWN = 110  # pixels, of an amount with its sign: by itself the table measures its dashes
TALL = 447  # pixels: twelve rows, and half of the next to show that there are more


class Whole(NamedTuple):
    """A table of which only the first rows are at hand: how many it has, and how all are read."""

    rows: int
    build: Callable[[], pd.DataFrame]


def grid(
    table: pd.DataFrame,
    shape: Sequence[Column],
    currency: str,
    key: str,
    *,
    select: bool = False,
    partial: str | None = None,
    files: bool = True,
    whole: Whole | None = None,
) -> int | None:
    """A table with its files, if wanted; the place of the selected row where rows can be selected.

    whole: what the files have, where the table is the beginning of it.

    A selection lasts as long as the rows have the same names: a filter that changes them drops it.
    """
    selecting: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if select else {}
    hidden = {name for kind in access.hidden() for name in NAMES[kind]}
    shape = tuple(column for column in shape if column.name not in hidden)
    state: Any = st.dataframe(
        finished(table, ("shown", shape, currency, partial), lambda: _shown(table, shape, currency, partial)),
        hide_index=True,
        placeholder=formatting.DASH,
        column_config=_configs(shape, currency),
        key=f"{key}_table_{names_of(table, shape)}" if select else f"{key}_table",
        height="content" if len(table) <= MOST_ROWS else TALL,
        **selecting,
    )
    if files:
        _file(whole or Whole(len(table), lambda: table), shape, currency, key)
    if not select:
        return None
    rows = state["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(table) else None


def _shown(table: pd.DataFrame, shape: Sequence[Column], currency: str, partial: str | None) -> pa.Table:
    """The table for the eye, as the browser gets it."""
    return pa.Table.from_pandas(columns.shown(table.head(MOST_SHOWN), shape, currency, partial))


def _file(whole: Whole, shape: Sequence[Column], currency: str, key: str) -> None:
    """The whole table as files, made when they are asked for."""
    rows, build = whole
    if rows > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN:,} of {rows:,} rows; the file has them all.")
    if not access.permitted("download"):
        return
    taken = [column.name for column in shape]
    with st.container(horizontal=True, gap="medium"):
        for what, made, mime, name in (
            ("Download CSV", lambda: columns.to_csv(build(), shape, currency), "text/csv", f"{key}.csv"),
            ("Excel", lambda: to_excel(build(), shape, currency, key), EXCEL, f"{key}.xlsx"),
        ):
            downloads.button(what, made, mime, name, taken, rows=rows)


def names_of(table: pd.DataFrame, shape: Sequence[Column]) -> str:
    """A short mark of what the rows are called: their first two columns."""
    named = tuple(column.name for column in shape[:2] if column.kind in NAMING)

    def mark() -> str:
        texts = [table[name].astype(str).str.cat(sep="|") for name in named]
        return f"{crc32('||'.join(texts).encode()):08x}"

    return finished(table, ("names", named), mark)


@lru_cache(maxsize=256)
def _configs(shape: Sequence[Column], currency: str) -> dict[str, Any]:
    return {column.label: _config(column, currency) for column in shape}


def _config(column: Column, currency: str) -> Any:
    if column.kind in ("amount", "monthly"):
        places = columns.places(currency)
        return st.column_config.NumberColumn(
            column.label, help=column.help, format=f"{formatting.sign(currency)}%,.{places}f"
        )
    if column.kind == "moved":
        signed = f"%+,.{columns.places(currency)}f"
        label = f"{column.label}, {formatting.sign(currency).strip()}"
        return st.column_config.NumberColumn(label, help=column.help, format=signed)
    if column.kind in _FORMATS:
        return st.column_config.NumberColumn(column.label, help=column.help, format=_FORMATS[column.kind])
    if column.kind == "day":
        return st.column_config.DateColumn(column.label, help=column.help, format="D MMM YYYY")
    if column.kind == "link":
        return st.column_config.LinkColumn(column.label, help=column.help, display_text="Open", width="small")
    is_amount = column.kind in ("own", "own_monthly")
    width: Any = OWN if is_amount else None
    if column.kind == "long":
        width = "large" if column.wide else "medium"
    alignment: Any = "right" if is_amount else None
    return st.column_config.TextColumn(column.label, help=column.help, width=width, alignment=alignment)


_FORMATS = {
    "count": "%,d",
    "change": "%+,d",
    "decimal": "%,.1f",
    "difference": "%+,.1f",
    "share": "%.1f%%",
    "points": "%+.1f pp",
}
