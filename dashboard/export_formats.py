"""Frames as files: CSV that spreadsheets may open, JSON, Parquet."""

import io
from collections.abc import Callable, Mapping
from typing import cast

import orjson
import pandas as pd

from dashboard.columns import harmless


def _csv(frame: pd.DataFrame) -> bytes:
    columns = {name: _safe(column) for name, column in _columns(frame).items()}
    return pd.DataFrame(columns).to_csv(index=False, lineterminator="\n").encode()


def _json(frame: pd.DataFrame) -> bytes:
    rows = pd.DataFrame({name: _written(column) for name, column in _columns(frame).items()}).astype("object")
    records = rows.where(rows.notna(), None).to_dict("records")
    return orjson.dumps(records, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2)


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


FORMATS: Mapping[str, Callable[[pd.DataFrame], bytes]] = {"csv": _csv, "json": _json, "parquet": _parquet}
"""How a frame is written."""


def _columns(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return cast(dict[str, pd.Series], dict(frame.items()))


def _written(column: pd.Series) -> pd.Series:
    """A column whose instants and days are text: 2026-11-21T23:00:00Z, 2026-11-21."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return pd.Series(column.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return pd.Series(column.dt.strftime("%Y-%m-%d"))
    return column


def _safe(column: pd.Series) -> pd.Series:
    """A column as CSV has it: true and false, and text that no spreadsheet runs as a formula."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.map({True: "true", False: "false"})
    if pd.api.types.is_string_dtype(column.dtype):
        return column.map(harmless, na_action="ignore")
    return _written(column)
