"""Rollups in the database: written whole, adjusted by what changed, carried into new months."""

from collections.abc import Mapping
from typing import Any, cast

import pandas as pd
from sqlalchemy import Connection, Table, and_, delete, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from data.clock import months_between, next_month
from data.rollups.retention import PARTS
from data.tables import ledger

MEASURES: Mapping[Table, tuple[str, ...]] = {
    ledger.month_movement: ("delta_arr",),
    ledger.month_movement_customers: ("customers",),
    ledger.month_end: ("arr",),
    ledger.month_end_subscribers: ("subscribers",),
    ledger.month_transition: ("customers",),
    ledger.cohort_month_end: ("arr",),
    ledger.cohort_subscribers: ("subscribers",),
    ledger.retention_change: tuple(PARTS),
}
"""The rollup tables, and the columns of each that add up; the others are its key."""

BALANCES = (
    ledger.month_end,
    ledger.month_end_subscribers,
    ledger.cohort_month_end,
    ledger.cohort_subscribers,
)
"""Rollups that hold a row for every month until now, also when nothing moved in it."""

Rollups = Mapping[Table, pd.DataFrame]


def replace(connection: Connection, contributed: Rollups) -> None:
    """Write rollups as they are, in place of everything that was there."""
    for table, rows in contributed.items():
        connection.execute(delete(table))
        if len(rows):
            connection.execute(insert(table), records(rows))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as mappings of plain Python values."""
    return cast(list[dict[str, Any]], frame.to_dict("records"))


def adjust(connection: Connection, change: Rollups) -> None:
    """Add a change to the rollups; rows that come to nothing go."""
    for table, rows in change.items():
        if len(rows):
            _add(connection, table, MEASURES[table], rows)


def _add(connection: Connection, table: Table, measures: tuple[str, ...], change: pd.DataFrame) -> None:
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    added = {name: table.c[name] + statement.excluded[name] for name in measures}
    keys = [column.name for column in table.primary_key]
    upserted = statement.on_conflict_do_update(index_elements=keys, set_=added)
    connection.execute(upserted, records(change))
    connection.execute(delete(table).where(and_(*(table.c[name] == 0 for name in measures))))


def extend(connection: Connection, last: str, month: str) -> None:
    """Carry the balances of the last month that has them to every later one, up to month."""
    for table in BALANCES:
        others = [column for column in table.c if column.name != "month"]
        for new in months_between(next_month(last), month):
            carried = select(literal(new), *others).where(table.c.month == last)
            names = ["month", *(column.name for column in others)]
            connection.execute(insert(table).from_select(names, carried))
