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

from data.rollups.evidence import evidence_changes
from data.rollups.holders import past
from data.rollups.numbers import months, signed
from data.rollups.storing import EVERYBODY, MEASURES, Rollups, added, adjust, replace
from data.rollups.sums import sums

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
    return sums(past(pa.concat_tables([_moving(part, sign) for part, sign in parts])))


def _moving(part: Part, sign: int) -> pa.Table:
    """Movements with their month, a sign and the customer's audience; of customers without one, none."""
    people = part.movements["customer_id"].combine_chunks().dictionary_encode()
    whose = compute.index_in(people.dictionary, value_set=part.belonging["customer_id"])
    audience = part.belonging["audience_id"].combine_chunks().take(whose).take(people.indices)
    moved = part.movements.set_column(0, "customer_id", people)
    moved = moved.append_column("month", months(part.movements["day"])).append_column("audience", audience)
    return signed(moved, sign).filter(compute.is_valid(audience))
