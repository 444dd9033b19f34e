"""What the set-based timelines say beside what following each subscription says."""

from collections import Counter
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import Connection

from data.columnar import past, plain
from data.history import history
from data.lives import lives
from data.timeline import timeline
from data.unknown import unknown

Rows = Counter[tuple[Any, ...]]


class Taken(NamedTuple):
    """How many subscriptions there are, and why some of them were not taken set-based."""

    subscriptions: int
    refused: Counter[str]

    @property
    def share(self) -> float:
        """The share of subscriptions that the set-based way takes."""
        return 1 - self.refused.total() / self.subscriptions


def rows_of(table: pa.Table) -> Rows:
    """A table's rows, in no order."""
    return Counter(tuple(row.values()) for row in table.to_pylist())


def compare(connection: Connection, customers: list[str] | None = None) -> Taken:
    """Both ways say the same of every subscription; gives what was taken set-based."""
    segments, unknowns, refused = plain(connection, customers)
    every = [(life, history(life)) for life in lives(connection, customers)]
    left_out = set(refused["sub"].to_pylist())
    taken = [(life, found) for life, found in every if life.id not in left_out]
    assert rows_of(segments) == Counter(row for each in taken for row in timeline(*each))
    assert rows_of(unknowns) == Counter(row for each in taken for row in unknown(*each))
    return Taken(len(every), Counter(refused["reason"].to_pylist()))


def compare_whole(connection: Connection, customers: list[str] | None = None) -> None:
    """Both ways together say of all subscriptions what following each says."""
    every = [(life, history(life)) for life in lives(connection, customers)]
    segments, unknowns = past(connection, customers)
    assert rows_of(segments) == Counter(row for each in every for row in timeline(*each))
    assert rows_of(unknowns) == Counter(row for each in every for row in unknown(*each))
