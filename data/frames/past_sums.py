"""What fell due, added up by day and by when it was settled: a year is read in a few thousand rows."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from data.frames.due_periods import day, noted, of
from data.frames.reading import total
from data.tables.due import SUMMED, renewal_past, renewal_past_sum

LOST, LOWER, RENEWED = "Lost", "Renewed lower", "Renewed"
MEASURES = ("renewals", "before", "after", "kept")
COLUMNS = [column.name for column in renewal_past_sum.columns]
KEY = [name for name in COLUMNS if name not in MEASURES]
each = renewal_past.c
Sums = Mapping[tuple[Any, ...], tuple[int, ...]]
"""The measures of each key."""

settled = case((each.after == 0, LOST), (each.after < each.before, LOWER), else_=RENEWED)
"""What became of a renewal, once it is settled."""
kept = case((each.before < each.after, each.before), else_=each.after)


def is_summed(connection: Connection) -> bool:
    """Whether the sums were ever written down."""
    return noted(connection, SUMMED) is not None


def summed(dialect: str, customers: Collection[str] | None = None) -> Select[Any]:
    """The columns of the sums from the rows of some customers; None: of all."""
    texts = (func.coalesce(each[name], "") for name in ("interval", "governs", "currency", "product_ids"))
    key = (day(dialect, each.due_at), *texts, day(dialect, each.settled_at), settled)
    measures = (func.count(), *map(total, (each.before, each.after, kept)))
    named = (column.label(name) for name, column in zip(COLUMNS, (*key, *measures), strict=True))
    mine = of(each.customer_id, customers)
    return select(*named).where(each.before > 0, each.settled_at.is_not(None), mine).group_by(*key)


def sums_of(connection: Connection, customers: Collection[str]) -> Sums:
    """What some customers contribute now."""
    rows = connection.execute(summed(connection.dialect.name, customers))
    return {tuple(row[: len(KEY)]): tuple(row[len(KEY) :]) for row in rows}


def write_all(connection: Connection) -> None:
    """Write the sums down anew."""
    connection.execute(delete(renewal_past_sum))
    connection.execute(insert(renewal_past_sum).from_select(COLUMNS, summed(connection.dialect.name)))


def adjust(connection: Connection, before: Sums, after: Sums) -> None:
    """Add what some customers contribute now and take away what they did before; what is empty goes."""
    nothing = (0,) * len(MEASURES)
    rows = []
    for key in before.keys() | after.keys():
        pairs = zip(after.get(key, nothing), before.get(key, nothing), strict=True)
        change = tuple(new - old for new, old in pairs)
        if any(change):
            rows.append(dict(zip(COLUMNS, (*key, *change), strict=True)))
    if not rows:
        return
    table = renewal_past_sum
    given = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    added = {name: table.c[name] + given.excluded[name] for name in MEASURES}
    connection.execute(given.on_conflict_do_update(index_elements=KEY, set_=added), rows)
    connection.execute(delete(table).where(table.c.renewals == 0))
