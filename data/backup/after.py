"""What a restored database is told, in the transaction that restores it."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, inspect, select, update

from data import audit
from data.backup.archive import About
from data.tables.actions import WAITING, approval
from data.tables.operations import data_version


def last_version(connection: Connection) -> int:
    """The data version that pages may show of what is replaced; 0 where there is none."""
    if not inspect(connection).has_table(data_version.name):
        return 0
    return connection.scalar(select(func.max(data_version.c.version))) or 0


def restored(connection: Connection, about: About, before: int, person: str, now: datetime) -> None:
    """A data version above any that pages have shown, so that none is taken for another; no approval waits
    that may have been given since; and an entry in the audit.
    """
    version = data_version.c
    last = connection.execute(select(data_version).order_by(version.version.desc()).limit(1)).one_or_none()
    if last is not None:
        number = max(before, last.version) + 1
        values = {"committed_at": now, "data_at": last.data_at, "reason": "restore"}
        connection.execute(insert(data_version).values(version=number, **values))
    waits = approval.c.state == WAITING
    connection.execute(update(approval).where(waits).values(state="expired", decided_at=now))
    made = {"backup_made_at": about.made_at.isoformat(), "migration": about.migration}
    audit.write(connection, audit.Entry(now, person, "command line", "Restore a backup", "done", after=made))
