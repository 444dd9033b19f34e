"""What is gone from Stripe: objects that a whole reading of a list did not show, each asked for once more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from data.resources import RESOURCES, Resource, Subject

EVERY = timedelta(hours=24)
DOUBTFUL = 1_000  # missing objects of one list; more, and half of all, says that the list is not whole


def swept_resources() -> list[str]:
    """The resources that can lose objects without an event."""
    return [name for name, resource in RESOURCES.items() if resource.swept is not None]


def part(resource: Resource) -> dict[str, object]:
    """The parameters that list the part of a resource which can lose objects."""
    return dict(resource.swept or {})


def missing(
    engine: Engine, names: Sequence[str], since: datetime, *, whole: bool
) -> tuple[list[Subject], dict[str, str]]:
    """Objects that were not seen since an instant although their list was read: whole, or the swept part.

    Also gives a note on each resource whose list cannot be believed.
    """
    subjects: list[Subject] = []
    doubts: dict[str, str] = {}
    with engine.connect() as connection:
        for name in names:
            found, alive = _unseen(connection, RESOURCES[name], since, whole=whole)
            if len(found) > DOUBTFUL and len(found) > alive / 2:
                doubts[name] = (
                    f"the list lacks {len(found)} of {alive} known objects; none was marked deleted"
                )
            else:
                subjects += [(name, key) for key in found]
    return subjects, doubts


def _unseen(
    connection: Connection, resource: Resource, since: datetime, *, whole: bool
) -> tuple[list[str], int]:
    """Ids of rows last seen before an instant, and how many rows could have been seen."""
    table = resource.table
    conditions: list[ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    if not whole:
        conditions += [table.c[name] == value for name, value in part(resource).items()]
    alive = connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
    unseen = select(table.c.id).where(*conditions, table.c.observed_at < since)
    return list(connection.execute(unseen).scalars()), int(alive)
