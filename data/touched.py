"""Whose rows a refresh writes anew: the customers of a sync, and those whose time came meanwhile."""

from collections.abc import Collection
from datetime import datetime

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Connection, delete, select

from data.bulk import insert_table, replace_table
from data.tables import ledger

ALL_ABOVE = 5_000
"""More customers than this are done faster by doing all."""
turn = ledger.timeline_turn


def touched(
    connection: Connection, customers: Collection[str] | None, last: datetime | None, now: datetime
) -> list[str] | None:
    """The customers given and those with a segment that begins or ends after `last` until now; None: all."""
    if customers is None or last is None or now < last:
        return None
    turned = select(turn.c.customer_id).where(turn.c.at > last, turn.c.at <= now)
    chosen = {*customers, *connection.scalars(turned)}
    return sorted(chosen) if len(chosen) <= ALL_ABOVE else None


def keep_turns(
    connection: Connection, customers: Collection[str] | None, segments: pa.Table, now: datetime
) -> None:
    """Write down whose segments, of some customers (None: of all), begin or end after now."""
    columns = (("customer_id", "from_at"), ("customer_id", "to_at"))
    turns = [
        segments.select(names).rename_columns(["customer_id", "at"]).filter(compute.field("at") > now)
        for names in columns
    ]
    rows = pa.concat_tables(turns)
    if customers is None:
        replace_table(connection, turn, rows)
    else:
        connection.execute(delete(turn).where(turn.c.customer_id.in_(customers)))
        insert_table(connection, turn, rows)
