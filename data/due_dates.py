"""When each period ends that no contract governs: rows kept up by every sync, so that pages need not join.

Contracts are few, and what they say depends on today: data.frames.renewals reads them as they are.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert

from data.database import upsert
from data.frames.due_periods import built, noted, of, periods
from data.tables import ledger, operations
from data.tables.due import BUILT, renewal_due
from data.touched import touched

STORED = [column.name for column in renewal_due.columns if column.name != "id"]


def refresh(connection: Connection, customers: Collection[str] | None, now: datetime) -> None:
    """Write down the periods of some customers (None: all), and of those whose run rate changed by itself."""
    chosen = touched(connection, customers, built(connection), now)
    connection.execute(delete(renewal_due).where(of(renewal_due.c.customer_id, chosen)))
    rows = periods(connection.dialect.name, now, chosen)
    connection.execute(insert(renewal_due).from_select(STORED, rows))
    upsert(connection, operations.sync_state, [{"name": BUILT, "value": now.isoformat()}])


def follow_accounts(connection: Connection) -> None:
    """Write all down anew after the accounts were copied, since their use is among the risks."""
    if at := built(connection):
        refresh(connection, None, at)


def follow_findings(connection: Connection, customers: Collection[str]) -> None:
    """Write down anew the periods of customers of whom something else was found: it may be a risk."""
    if customers and (at := built(connection)):
        refresh(connection, customers, at)


def build_missing(engine: Engine, *, anew: bool = False) -> None:
    """Fill the table in a database that was synced before there was one, or anew, as of its ledger."""
    with engine.begin() as connection:
        at = noted(connection, ledger.REFRESHED)
        if at and (anew or not built(connection)):
            refresh(connection, None, datetime.fromisoformat(at))
