"""Rollups as frames: sums over audiences, and balances as the running sums of what changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, Table, select

from data.clock import month_start, next_month
from data.frames.reading import total
from data.frames.shared import Audiences
from data.rollups.storing import EVERYBODY, MEASURES
from data.tables import ledger, operations

INSTANT = timedelta(microseconds=1)


def rolled_up(
    table: Table, keys: Sequence[ColumnElement[Any]], audiences: Audiences, together: bool | None
) -> Select[Any]:
    """The sums of a rollup over some audiences (None: everybody), by some of its columns, in their order.

    together: only the counts over all currencies, else those of each; None: the table has no such counts.
    """
    column = table.c
    whose = column.audience_id == EVERYBODY if audiences is None else column.audience_id.in_(list(audiences))
    sums = (total(column[name]).label(name) for name in MEASURES[table])
    query = select(*keys, *sums).where(whose).group_by(*keys).order_by(*keys)
    if together is None:
        return query
    return query.where(column.currency == "" if together else column.currency != "")


def last_month(engine: Engine) -> str:
    """The month that the ledger reaches, "YYYY-MM"; empty: it was never built."""
    return _reached(engine)[:7]


def end_of(engine: Engine, month: str) -> datetime:
    """The last instant of a month, or the one that the ledger reaches where that is earlier."""
    last, reached = month_start(next_month(month)) - INSTANT, _reached(engine)
    return min(last, datetime.fromisoformat(reached)) if reached else last


def _reached(engine: Engine) -> str:
    state = operations.sync_state.c
    with engine.connect() as connection:
        return str(connection.scalar(select(state.value).where(state.name == ledger.REFRESHED)) or "")


def balances(changes: pd.DataFrame, change: str, name: str, until: str) -> pd.DataFrame:
    """Running sums of a column by the others, at the end of every month until one; 0 has no row."""
    keys = [column for column in changes.columns if column != change]
    if changes.empty:
        return changes.rename(columns={change: name})
    others = [column for column in keys if column != "month"]
    sums = changes.groupby([*others, "month"])[change].sum().reset_index()
    group = sums.groupby(others).ngroup()
    held = sums[change].groupby(group).cumsum().astype("int64")
    month = _numbers(sums["month"].tolist())
    after = _numbers([until])[0] + 1
    follows = np.append(group.to_numpy()[1:] == group.to_numpy()[:-1], False)
    lasts = np.where(follows, np.append(month[1:], after), after) - month
    lasts = np.where(held != 0, lasts, 0).clip(min=0)
    rows = sums.loc[sums.index.repeat(lasts), others].reset_index(drop=True)
    within = np.arange(len(rows)) - np.repeat(lasts.cumsum() - lasts, lasts)
    rows["month"] = _texts(np.repeat(month, lasts) + within)
    rows[name] = pd.array(np.repeat(held.to_numpy(), lasts), dtype="Int64")
    return rows.sort_values(keys, ignore_index=True)[[*keys, name]]


def _numbers(months: list[str]) -> "np.typing.NDArray[np.int64]":
    """Months as numbers since 1970."""
    return np.array(months, dtype="datetime64[M]").astype("int64")


def _texts(numbers: "np.typing.NDArray[np.int64]") -> pd.Series:
    """Numbers of months as "YYYY-MM"."""
    found, places = np.unique(numbers, return_inverse=True)
    names = pd.array(found.astype("datetime64[M]").astype("str"), dtype="string")
    return pd.Series(names.take(places))
