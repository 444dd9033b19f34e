"""Movements as the small monthly tables that pages read.

Every rollup is a sum over customers, so a refresh adds what the touched customers contribute now and takes
away what they contributed before. `plan` and `interval` together are a cell; a portfolio is the sorted cells
of a customer as "plan:interval|plan:interval", empty for no subscriber. Each row is of one audience, 0 being
everybody; customers are also counted over all currencies together, under an empty currency.
"""

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Table

from data.bulk import schema_of
from data.rollups.evidence import evidence_changes
from data.rollups.holders import HELD, MOVED, MOVERS, PORTFOLIOS, coded
from data.rollups.numbers import months, signed
from data.rollups.storing import EVERYBODY, MEASURES, Rollups, added, adjust, replace
from data.rollups.sums import SUMS
from data.tabular import stepped

__all__ = [
    "EVERYBODY",
    "MEASURES",
    "Part",
    "Rollups",
    "added",
    "adjust",
    "change",
    "evidence_changes",
    "replace",
    "rollups",
]

WORDS = {
    "audience_id": "audience",
    "month": "month_text(month)",
    "cohort": "month_text(cohort)",
    "portfolio": "portfolio.name",
    "held_before": "held_before.name",
    "held_after": "held_after.name",
}
"""How columns are written that the sums have as numbers."""
NUMBERS = {
    "currency": "money",
    "plan": "cell",
    "interval": "cell",
    "held_before": "before",
    "held_after": "after",
}
"""How the sums call columns of the tables."""
JOINS = {
    "currency": "join money using (money)",
    "plan": "join cell using (cell)",
    "portfolio": "join portfolio using (portfolio)",
    "held_before": "join portfolio as held_before on held_before.portfolio = net.before",
    "held_after": "join portfolio as held_after on held_after.portfolio = net.after",
}
"""Where the words are found."""


class Part(NamedTuple):
    """Movements of some customers (data.movements.SCHEMA), and whose they are: customer_id, audience_id."""

    movements: pa.Table
    belonging: pa.Table


def rollups(part: Part) -> Rollups:
    """What movements contribute to every rollup."""
    return _summed([(part, 1)])


def change(before: Part, after: Part) -> Rollups:
    """What some customers contribute with their movements now, less what they did before."""
    moved = pa.array(sorted(_differing(before, after)), pa.string())
    parts = [(_of(part, moved), sign) for part, sign in ((before, -1), (after, 1))]
    return _summed(parts) if len(moved) else {}


def _differing(before: Part, after: Part) -> set[str]:
    """The customers whose movements, or whose audience, are not what they were."""
    found: set[str] = set()
    for tables in zip(before, after, strict=True):
        names = [name for name in tables[0].column_names if name != "evidence"]
        one, other = (set(zip(*(table[name].to_pylist() for name in names), strict=True)) for table in tables)
        found |= {row[names.index("customer_id")] for row in one ^ other}
    return found


def _of(part: Part, customers: pa.Array) -> Part:
    """The part of some customers."""
    return Part(*(table.filter(compute.is_in(table["customer_id"], customers)) for table in part))


def _summed(parts: Iterable[tuple[Part, int]]) -> Rollups:
    moving = pa.concat_tables([_moving(part, sign) for part, sign in parts])
    with stepped(coded(moving), MOVED, MOVERS, HELD, PORTFOLIOS) as database:
        return {
            table: database.table(_named(table, query), schema_of(table)) for table, query in SUMS.items()
        }


def _moving(part: Part, sign: int) -> pa.Table:
    """Movements with their month, a sign and the customer's audience; of customers without one, none."""
    whose = compute.index_in(part.movements["customer_id"], value_set=part.belonging["customer_id"])
    audience = part.belonging["audience_id"].combine_chunks().take(whose)
    moved = part.movements.append_column("month", months(part.movements["day"]))
    return signed(moved.append_column("audience", audience), sign).filter(compute.is_valid(audience))


def _named(table: Table, query: str) -> str:
    """The rows of a rollup from the query of its parts: everybody's too, in words, in the table's order."""
    names, measures = [column.name for column in table.columns], MEASURES[table]
    numbers = dict.fromkeys(NUMBERS.get(name, name) for name in names[1 : -len(measures)])
    sums = [f"cast(sum({name}) as bigint) as {name}" for name in measures]
    something = " or ".join(f"sum({name}) <> 0" for name in measures)
    everybody = [f"{EVERYBODY} as audience", *numbers, *sums]
    words = [f'{WORDS.get(name, name)} as "{name}"' for name in names]
    joins = dict.fromkeys(JOINS[name] for name in names if name in JOINS)
    return f"""
        with part as ({query}), net as (
            select {", ".join(["audience", *numbers, *sums])} from part
            group by {", ".join(["audience", *numbers])} having {something}
            union all
            select {", ".join(everybody)} from part group by {", ".join(numbers)} having {something}
        )
        select {", ".join(words)} from net {" ".join(joins)}
    """  # noqa: S608 (names of our own)
