"""When periods and contracts end, and what became of all that fell due: rows kept up by every sync, so that
pages need not join.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

import pyarrow as pa
from sqlalchemy import Connection, Engine, delete, insert, select

from data.bulk import insert_table
from data.database import upsert
from data.frames import contracts_due, past_sums
from data.frames.due_periods import built, noted, of, periods
from data.frames.fell_due import Whose, worked_out
from data.tables import ledger, mirror, operations
from data.tables.due import BUILT, CONTRACTS, PAST, SUMMED, contract_due, renewal_due, renewal_past
from data.touched import touched

STORED = [column.name for column in renewal_due.columns if column.name != "id"]
KEPT = [column.name for column in renewal_past.columns if column.name != "id"]
AT_ONCE = 20_000
"""Customers whose past is worked out together: what is in memory does not grow with all of them."""


def refresh(connection: Connection, customers: Collection[str] | None, now: datetime) -> None:
    """Write down what falls due and what fell due of some customers (None: all), and of those whose run rate
    changed by itself.
    """
    _refresh_periods(connection, customers, now)
    _refresh_contracts(connection, customers, now)
    _refresh_past(connection, customers, now)


def _refresh_periods(connection: Connection, customers: Collection[str] | None, now: datetime) -> None:
    chosen = touched(connection, customers, built(connection), now)
    connection.execute(delete(renewal_due).where(of(renewal_due.c.customer_id, chosen)))
    rows = periods(connection.dialect.name, now, chosen)
    connection.execute(insert(renewal_due).from_select(STORED, rows))
    upsert(connection, operations.sync_state, [{"name": BUILT, "value": now.isoformat()}])


def _refresh_contracts(connection: Connection, customers: Collection[str] | None, now: datetime) -> None:
    """Write down what falls due under contracts, of the same customers and of those whose term ended."""
    row, at = contract_due.c, noted(connection, CONTRACTS)
    if at and customers is not None:
        customers = {*customers, *connection.scalars(select(row.customer_id).where(row.due_at < now))}
    chosen = touched(connection, customers, datetime.fromisoformat(at) if at else None, now)
    connection.execute(delete(contract_due).where(of(row.customer_id, chosen)))
    if rows := contracts_due.kept_rows(connection, now, chosen):
        connection.execute(insert(contract_due), rows)
    upsert(connection, operations.sync_state, [{"name": CONTRACTS, "value": now.isoformat()}])


def _refresh_past(connection: Connection, customers: Collection[str] | None, now: datetime) -> None:
    """Write down what fell due, of the same customers and of those of whom something fell due meanwhile."""
    at = noted(connection, PAST)
    last, past = datetime.fromisoformat(at) if at else None, renewal_past.c
    if last and customers is not None:
        came = select(past.customer_id).where(past.due_at >= last, past.due_at < now, past.before.is_(None))
        customers = {*customers, *connection.scalars(came)}
    chosen = touched(connection, customers, last, now)
    some = chosen if past_sums.is_summed(connection) else None
    before = {} if some is None else past_sums.sums_of(connection, some)
    connection.execute(delete(renewal_past).where(of(past.customer_id, chosen)))
    for whose in _parts(connection, chosen):
        rows = worked_out(connection, now, whose)[KEPT]
        insert_table(connection, renewal_past, pa.Table.from_pandas(rows, preserve_index=False))
    upsert(connection, operations.sync_state, [{"name": PAST, "value": now.isoformat()}])
    if some is None:
        _sum_up(connection, now)
    else:
        past_sums.adjust(connection, before, past_sums.sums_of(connection, some))


def _sum_up(connection: Connection, now: datetime) -> None:
    """Write the sums of what fell due down anew."""
    past_sums.write_all(connection)
    upsert(connection, operations.sync_state, [{"name": SUMMED, "value": now.isoformat()}])


def _parts(connection: Connection, chosen: Collection[str] | None) -> Iterator[Whose]:
    """Some customers, or all in parts, in the database's own order."""
    if chosen is not None:
        yield lambda customer_id: customer_id.in_(chosen)
        return
    whose = mirror.subscription.c.customer_id
    every = connection.scalars(select(whose).where(whose.is_not(None)).distinct().order_by(whose)).all()
    for start in range(0, len(every), AT_ONCE):
        first, last = every[start], every[min(start + AT_ONCE, len(every)) - 1]
        yield lambda customer_id, first=first, last=last: customer_id.between(first, last)  # type: ignore[misc]


def follow_accounts(connection: Connection) -> None:
    """Write all that falls due down anew after accounts were copied: their use is among the risks."""
    if at := built(connection):
        _refresh_periods(connection, None, at)
        _refresh_contracts(connection, None, at)


def follow_findings(connection: Connection, customers: Collection[str]) -> None:
    """Write down anew the periods of customers of whom something else was found: it may be a risk."""
    if customers and (at := built(connection)):
        refresh(connection, customers, at)


def is_missing(connection: Connection) -> bool:
    """Whether the database was synced before there were these tables."""
    whole = built(connection) and noted(connection, PAST) and past_sums.is_summed(connection)
    return bool(noted(connection, ledger.REFRESHED)) and not whole


def build_missing(engine: Engine, *, anew: bool = False) -> None:
    """Fill the table in a database that was synced before there was one, or anew, as of its ledger."""
    with engine.begin() as connection:
        at = noted(connection, ledger.REFRESHED)
        if at and (anew or not built(connection) or not noted(connection, PAST)):
            refresh(connection, None, datetime.fromisoformat(at))
        elif at and not noted(connection, CONTRACTS):
            _refresh_contracts(connection, None, datetime.fromisoformat(at))
        if at and not past_sums.is_summed(connection):
            _sum_up(connection, datetime.fromisoformat(at))
