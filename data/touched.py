"""Whose rows a refresh writes anew: the customers of a sync, and those whose time came meanwhile."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from data.tables import ledger

ALL_ABOVE = 5_000
"""More customers than this are done faster by doing all."""
line = ledger.timeline.c


def touched(
    connection: Connection, customers: Collection[str] | None, last: datetime | None, now: datetime
) -> list[str] | None:
    """The customers given and those with a segment that begins or ends after `last` until now; None: all."""
    if customers is None or last is None or now < last:
        return None
    turned = or_(*(and_(column > last, column <= now) for column in (line.from_at, line.to_at)))
    chosen = {*customers, *connection.scalars(select(line.customer_id).where(turned))}
    return sorted(chosen) if len(chosen) <= ALL_ABOVE else None
