"""Accounts and use on their way from the application database into tables of our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update

from data import account_sums, customer_standing, due_dates, ledger, search
from data.application.errors import MappingError
from data.application.mapping import ACCOUNTS, ADDONS, USE, ApplicationMapping, Entity
from data.application.reading import BEGINNING, Row, batches, connected
from data.database import upsert
from data.sync import lock
from data.tables.application import account, account_addon, account_use

Key = tuple[object, ...]

REREAD = timedelta(days=2)
"""How far before the last copied day use is read again, since late figures arrive."""


@dataclass(frozen=True)
class Copied:
    """What a copy brought: accounts read, accounts found gone, days of use, and add-ons that are live."""

    accounts: int
    gone: int
    use: int
    addons: int = 0


def copy(engine: Engine, application_engine: Engine, mapping: ApplicationMapping, now: datetime) -> Copied:
    """Bring accounts and use up to date, all in one transaction; accounts that are gone are marked.

    Customers whose country, segment or account manager changed move to their new audience in the ledger; what
    pages show of the accounts is added up.
    A use SELECT with the parameter :since is asked for the days from two before the last copied one on.
    Raises MappingError, UnreachableError, or SyncRunningError where a sync changes the same rows too long,
    and then nothing has changed.
    """
    with (
        connected(application_engine) as source,
        lock.sync_lock(engine, lock.PATIENCE),
        engine.begin() as connection,
    ):
        present = _copy_accounts(source, connection, mapping.accounts, now)
        copied = Copied(
            accounts=len(present),
            gone=_mark_gone(connection, present, now),
            use=_copy_use(source, connection, mapping.use),
            addons=_copy_addons(source, connection, mapping.addons, now),
        )
        ledger.follow_accounts(connection)
        search.refresh_accounts(connection)
        customer_standing.refresh_accounts(connection)
        due_dates.follow_accounts(connection)
        account_sums.add_up(connection)
        return copied


def _copy_accounts(source: Connection, connection: Connection, sql: str, now: datetime) -> set[Key]:
    """Upsert every account; the keys of those that were there."""
    present: set[Key] = set()
    for rows in batches(source, ACCOUNTS, sql, BEGINNING):
        _refuse_twice(ACCOUNTS, rows, present)
        upsert(connection, account, [row | {"observed_at": now, "deleted_at": None} for row in rows])
    return present


def _mark_gone(connection: Connection, present: set[Key], now: datetime) -> int:
    known = connection.execute(select(account.c.account_id).where(account.c.deleted_at.is_(None)))
    gone = [{"gone": account_id} for (account_id,) in known if (account_id,) not in present]
    if gone:
        mark = update(account).where(account.c.account_id == bindparam("gone"))
        connection.execute(mark.values(deleted_at=now, observed_at=now), gone)
    return len(gone)


def _copy_use(source: Connection, connection: Connection, sql: str) -> int:
    """Upsert the use of each account and day; days without a figure are left out."""
    copied = 0
    for rows in batches(source, USE, sql, _since(connection)):
        _refuse_twice(USE, rows, set())
        known = [row for row in rows if row["used"] is not None]
        upsert(connection, account_use, known)
        copied += len(known)
    return copied


def _copy_addons(source: Connection, connection: Connection, sql: str | None, now: datetime) -> int:
    """The add-ons that are live, in place of those that were; none where no SELECT says it."""
    connection.execute(delete(account_addon))
    seen: set[Key] = set()
    for rows in batches(source, ADDONS, sql, BEGINNING) if sql else ():
        _refuse_twice(ADDONS, rows, seen)
        upsert(connection, account_addon, [row | {"observed_at": now} for row in rows])
    return len(seen)


def _since(connection: Connection) -> date:
    last: date | None = connection.scalar(select(func.max(account_use.c.day)))
    return last - REREAD if last else BEGINNING


def _refuse_twice(entity: Entity, rows: Sequence[Row], seen: set[Key]) -> None:
    """Add the rows' keys to those seen. Raises MappingError at one that is there: a join gives it twice."""
    for row in rows:
        key = tuple(row[name] for name in entity.key)
        if key in seen:
            said = " and ".join(f"{name} {row[name]}" for name in entity.key)
            raise MappingError(f"{entity.setting} gives {said} twice: one row for each is expected.")
        seen.add(key)
