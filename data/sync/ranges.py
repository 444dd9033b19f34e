"""Which part of which list a run has read: stretches of `created` time, each with its own place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from data.clock import from_epoch, to_epoch
from data.tables.operations import sync_range


@dataclass(frozen=True)
class Range:
    """A stretch of a list, read newest first; `start` is included, `end` is not (epoch seconds, None: open).

    Within one run and resource the end names the range: cutting a range in two keeps the end of the upper.
    """

    run_id: int
    resource: str
    start: int | None = None
    end: int | None = None
    cursor: str | None = None  # the last object read
    objects: int = 0
    done: bool = False

    def cut(self, at: int) -> tuple["Range", "Range"]:
        """The part from an instant on, which keeps the place reached, and the part before it."""
        lower = Range(self.run_id, self.resource, self.start, at)
        return replace(self, start=at), lower

    @property
    def filter(self) -> dict[str, int]:
        """The `created` parameter that asks for this stretch; empty for the whole list."""
        bounds = {"gte": self.start, "lt": self.end}
        return {name: value for name, value in bounds.items() if value is not None}

    def holds(self, created: int) -> bool:
        """Whether an object created then belongs here."""
        return (self.start is None or created >= self.start) and (self.end is None or created < self.end)


def save(connection: Connection, ranges: Iterable[Range]) -> None:
    """Write down how far these ranges have been read; new ones are added."""
    for each in ranges:
        values = {
            "created_from": from_epoch(each.start),
            "cursor": each.cursor,
            "done": each.done,
            "objects": each.objects,
        }
        changed = connection.execute(update(sync_range).where(_is(each)).values(values))
        if not changed.rowcount:
            own = {"run_id": each.run_id, "resource": each.resource, "created_to": from_epoch(each.end)}
            connection.execute(insert(sync_range).values(own | values))


def _is(each: Range) -> Any:
    end = sync_range.c.created_to
    return and_(
        sync_range.c.run_id == each.run_id,
        sync_range.c.resource == each.resource,
        end.is_(None) if each.end is None else end == from_epoch(each.end),
    )


def load(connection: Connection, run_id: int) -> list[Range]:
    """All ranges of a run, the newest objects first within a resource."""
    rows = connection.execute(select(sync_range).where(sync_range.c.run_id == run_id)).mappings()
    found = [
        Range(
            run_id,
            row["resource"],
            _seconds(row["created_from"]),
            _seconds(row["created_to"]),
            row["cursor"],
            row["objects"],
            row["done"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.resource, -(each.end or 1 << 62)))


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else to_epoch(instant)


def restart(connection: Connection, run_id: int, resource: str) -> Range:
    """Forget how far a resource was read in a run: it is one open range again."""
    gone = and_(sync_range.c.run_id == run_id, sync_range.c.resource == resource)
    connection.execute(delete(sync_range).where(gone))
    whole = Range(run_id, resource)
    save(connection, [whole])
    return whole
