"""Databases that a first sync of the reference account has filled: made once, and copied for each test."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine
from sqlalchemy.engine import make_url

from data import webhooks
from data.database import open_engine
from data.sync import sync
from tests.conftest import COPY, administer
from tests.data.sync.account_server import account_store, gateway_to

_numbers = itertools.count()


@pytest.fixture(scope="session")
def _synced_file(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, stripe_account: Path
) -> Path:
    file = tmp_path_factory.mktemp("synced") / "dashboard.db"
    shutil.copy(sqlite_template, file)
    _fill(f"sqlite:///{file}", stripe_account)
    return file


@pytest.fixture(scope="session")
def _synced_database(postgres_server: str, postgres_template: str, stripe_account: Path) -> URL:
    base = make_url(postgres_server).set(drivername="postgresql+psycopg")
    url = base.set(database=f"synced_{os.getpid()}")
    administer(base, f"create database {url.database} template {postgres_template} {COPY}")
    _fill(url.render_as_string(hide_password=False), stripe_account)
    return url


def _fill(url: str, account: Path) -> None:
    engine, store = open_engine(url), account_store(account)
    with gateway_to(store) as gateway:
        sync(engine, gateway)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    with webhooks.inbox(engine.url.render_as_string(hide_password=False)) as inbox:
        inbox.dispose()  # whose connection stays open else
    store.close()


@pytest.fixture
def synced_sqlite(_synced_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a SQLite database that was synced once."""
    shutil.copy(_synced_file, tmp_path / "dashboard.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'dashboard.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def synced_postgres(postgres_server: str, _synced_database: URL) -> Iterator[Engine]:
    """An engine on a PostgreSQL database that was synced once."""
    url = _synced_database.set(database=f"{_synced_database.database}_{next(_numbers)}")
    base = make_url(postgres_server).set(drivername="postgresql+psycopg")
    administer(base, f"create database {url.database} template {_synced_database.database} {COPY}")
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    administer(base, f"drop database {url.database} with (force)")


@pytest.fixture(params=["synced_sqlite", "synced_postgres"], ids=["sqlite", "postgresql"])
def synced(request: pytest.FixtureRequest) -> Engine:
    """An engine on a database that was synced once, of each kind in turn."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine
