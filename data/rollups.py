"""Movements as the small monthly tables that pages read.

Every rollup is a sum over customers, so a refresh adds what the touched customers contribute now and takes
away what they contributed before. `plan` and `interval` together are a cell; a portfolio is the sorted cells
of a customer as "plan:interval|plan:interval", empty for no subscriber.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Table, delete, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from data.clock import month_of, months_between, next_month
from data.tables import ledger

HOLDER = ["customer_id", "currency"]
CELL = ["plan", "interval"]

MEASURE: Mapping[Table, str] = {
    ledger.month_movement: "delta_arr",
    ledger.month_movement_customers: "customers",
    ledger.month_end: "arr",
    ledger.month_end_subscribers: "subscribers",
    ledger.month_transition: "customers",
}
"""The rollup tables, and the column of each that adds up; the others are its key."""

Rollups = Mapping[Table, pd.DataFrame]


def rollups(movements: pd.DataFrame, now: datetime) -> Rollups:
    """What some customers' movements contribute to every rollup, up to the month of now."""
    frame = movements.assign(month=_month_numbers(movements["day"]))
    until = _month_number(month_of(now))
    held = _holdings(frame)
    found = {
        ledger.month_movement: _sum(frame, ["month", "currency", "kind", *CELL], "delta_arr"),
        ledger.month_movement_customers: _movement_customers(frame),
        ledger.month_end: _running(frame, ["currency", *CELL], "delta_arr", until, "arr"),
        ledger.month_end_subscribers: _subscribers(held, until),
        ledger.month_transition: _transitions(frame, held),
    }
    return {table: _finished(table, rows) for table, rows in found.items()}


def _finished(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that say something, months as text, columns in the table's order."""
    rows = rows[rows[MEASURE[table]] != 0]
    return rows.assign(month=rows["month"].map(_month_text).astype("str"))[[*table.columns.keys()]]


def _month_numbers(days: pd.Series) -> pd.Series:
    """Days since 1970 as months since 1970."""
    dates = days.to_numpy("int64").astype("datetime64[D]")
    return pd.Series(dates.astype("datetime64[M]").astype("int64"), index=days.index)


def _month_number(month: str) -> int:
    return int(np.datetime64(month, "M").astype("int64"))


def _month_text(number: int) -> str:
    return str(np.datetime64(int(number), "M"))


def _sum(frame: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    return frame.groupby(by)[column].sum().reset_index()


def _portfolios(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The portfolio of each group of distinct cells."""
    named = cells[by].assign(portfolio=cells["plan"] + ":" + cells["interval"])
    named = named.sort_values([*by, "portfolio"], ignore_index=True)
    several = named.duplicated(by, keep=False)
    joined = named[several].groupby(by)["portfolio"].agg("|".join).reset_index()
    return pd.concat([named[~several], joined], ignore_index=True)


def _movement_customers(frame: pd.DataFrame) -> pd.DataFrame:
    """Customers by month, currency, kind and the portfolio of the cells that moved."""
    by = [*HOLDER, "month", "kind"]
    moved = _portfolios(frame[[*by, *CELL]].drop_duplicates(), by)
    return _count(moved, ["month", "currency", "kind", "portfolio"], "customers")


def _count(frame: pd.DataFrame, by: list[str], name: str) -> pd.DataFrame:
    return frame.groupby(by).size().rename(name).reset_index()


def _running(changes: pd.DataFrame, by: list[str], column: str, until: int, name: str) -> pd.DataFrame:
    """Running sums of changes at the end of every month until the last, by some columns."""
    if changes.empty:
        return changes[["month", *by, column]].rename(columns={column: name})
    wide = changes.groupby(["month", *by])[column].sum().unstack(by, fill_value=0)
    months = pd.RangeIndex(int(changes["month"].min()), until + 1, name="month")
    balances = wide.reindex(months, fill_value=0).cumsum()
    return pd.Series(balances.stack(by, future_stack=True), name=name).reset_index()


def _holdings(frame: pd.DataFrame) -> pd.DataFrame:
    """Each customer's portfolio before and after every month in which anything moved, by currency."""
    cells = _sum(frame, [*HOLDER, *CELL, "month"], "delta_arr")
    months = cells[[*HOLDER, "month"]].drop_duplicates()
    grid = cells[[*HOLDER, *CELL]].drop_duplicates().merge(months, on=HOLDER)
    grid = grid.merge(cells, how="left", on=[*HOLDER, *CELL, "month"]).sort_values([*HOLDER, *CELL, "month"])
    change = grid["delta_arr"].fillna(0).astype("int64")
    grid["arr"] = change.groupby([grid[name] for name in (*HOLDER, *CELL)]).cumsum()
    portfolios = _portfolios(grid[grid["arr"] > 0], [*HOLDER, "month"])
    held = months.merge(portfolios, how="left", on=[*HOLDER, "month"]).sort_values([*HOLDER, "month"])
    held["held_after"] = held["portfolio"].fillna("")
    held["held_before"] = held.groupby(HOLDER)["held_after"].shift(fill_value="")
    return held[[*HOLDER, "month", "held_before", "held_after"]]


def _subscribers(held: pd.DataFrame, until: int) -> pd.DataFrame:
    """Customers with each portfolio at the end of every month."""
    sides = [
        held[["month", "currency"]].assign(portfolio=held[side], change=change)
        for side, change in (("held_after", 1), ("held_before", -1))
    ]
    changes = pd.concat(sides, ignore_index=True)
    changes = changes[changes["portfolio"] != ""]
    return _running(changes, ["currency", "portfolio"], "change", until, "subscribers")


def _transitions(frame: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Customers by what they held before and after a month that changed it, or that they spent inside it."""
    unchanged = (held["held_before"] == held["held_after"]) & (held["held_after"] != "")
    firsts = frame[frame["kind"] == "new"][["customer_id", "month"]].drop_duplicates().assign(first=True)
    moved = held[~unchanged].merge(firsts, how="left", on=["customer_id", "month"])
    moved["first"] = moved["first"].notna()
    return _count(moved, ["month", "currency", "held_before", "held_after", "first"], "customers")


def replace(connection: Connection, contributed: Rollups) -> None:
    """Write rollups as they are, in place of everything that was there."""
    for table, rows in contributed.items():
        connection.execute(delete(table))
        if len(rows):
            connection.execute(insert(table), records(rows))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as mappings of plain Python values."""
    return cast(list[dict[str, Any]], frame.to_dict("records"))


def adjust(connection: Connection, before: Rollups, after: Rollups) -> None:
    """Add what some customers contribute now and take away what they contributed before."""
    for table, measure in MEASURE.items():
        keys = [column.name for column in table.columns if column.name != measure]
        parts = [after[table], before[table].assign(**{measure: -before[table][measure]})]
        change = _sum(pd.concat(parts, ignore_index=True), keys, measure)
        change = change[change[measure] != 0]
        if len(change):
            _add(connection, table, measure, change)


def _add(connection: Connection, table: Table, measure: str, change: pd.DataFrame) -> None:
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    added = {measure: table.c[measure] + statement.excluded[measure]}
    keys = [column.name for column in table.primary_key]
    upserted = statement.on_conflict_do_update(index_elements=keys, set_=added)
    connection.execute(upserted, records(change))
    connection.execute(delete(table).where(table.c[measure] == 0))


def extend(connection: Connection, last: str, month: str) -> None:
    """Carry the balances of the last month that has them to every later one, up to month."""
    for table in (ledger.month_end, ledger.month_end_subscribers):
        others = [column for column in table.c if column.name != "month"]
        for new in months_between(next_month(last), month):
            carried = select(literal(new), *others).where(table.c.month == last)
            names = ["month", *(column.name for column in others)]
            connection.execute(insert(table).from_select(names, carried))
