"""A sandbox that holds the reference account, and what the tests ask of a synced database."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, func, select

from data.gateway import Gateway
from data.limiter import unlimited
from data.records import TABLES
from data.sandbox.account import load
from data.sandbox.store import Store
from data.tables import mirror
from tests.sandbox_server import API_KEY, running

FROZEN_AT = 1_795_302_000  # 2026-11-21T23:00:00Z
MIRROR = (*TABLES.values(), mirror.subscription_item, mirror.discount, mirror.invoice_line)


def account_store(folder: Path) -> Store:
    """A store with the reference account, its clock where the account was frozen."""
    store = Store(None)
    with closing(sqlite3.connect(_loaded(folder))) as loaded:
        loaded.backup(store._database)
    store._read_state()
    return store


@cache
def _loaded(folder: Path) -> Path:
    """The file of a store into which the account was read; gone when the tests end."""
    made = Path(tempfile.mkdtemp(prefix="account-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    store = Store(made / "account.db")
    load(store, folder, FROZEN_AT)
    store.close()
    return made / "account.db"


@contextmanager
def gateway_to(store: Store) -> Iterator[Gateway]:
    """A gateway to a sandbox with this store, as fast as it answers."""
    with running(store) as url, Gateway(API_KEY, url, limiter=unlimited(), first_pause=0.02) as gateway:
        yield gateway


def count(engine: Engine, table: Table) -> int:
    """How many rows a table has that are not marked deleted."""
    alive = select(func.count()).select_from(table)
    if "deleted_at" in table.c:
        alive = alive.where(table.c.deleted_at.is_(None))
    with engine.connect() as connection:
        return int(connection.execute(alive).scalar_one())


def contents(engine: Engine) -> dict[str, dict[str, dict[str, Any]]]:
    """All mirror tables by id, without the instants at which we looked."""
    with engine.connect() as connection:
        return {
            table.name: {
                row["id"]: {
                    name: (value is not None) if name == "deleted_at" else value
                    for name, value in row.items()
                    if name != "observed_at"
                }
                for row in connection.execute(select(table)).mappings()
            }
            for table in MIRROR
        }
