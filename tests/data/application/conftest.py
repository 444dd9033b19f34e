"""A small company's database with names of its own, SQLite and PostgreSQL in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.application import ApplicationMapping
from data.database import open_engine

SCHEMA = (
    "create table teams (code text primary key, label text, boss text, product text, places integer, "
    "keeper text, size text, land text, since timestamp, payer text)",
    "create table counts (code text, on_day date, heads integer)",
)
ACCOUNTS = (
    "select code as account_id, label as name, boss as owner, product as plan, places as capacity, "
    "keeper as account_manager, size as segment, land as country, since as created_at, "
    "payer as stripe_customer_id from teams"
)
USE = "select code as account_id, on_day as day, heads as used from counts where on_day >= :since"


@pytest.fixture
def mapping() -> ApplicationMapping:
    """The SELECTs for this company."""
    return ApplicationMapping(accounts=ACCOUNTS, use=USE)


@pytest.fixture
def application_url(database_url: str, tmp_path: Path) -> str:
    """Another SQLite file, or the same PostgreSQL database, where the company's tables stand beside ours."""
    return f"sqlite:///{tmp_path / 'company.db'}" if database_url.startswith("sqlite") else database_url


@pytest.fixture
def company(application_url: str) -> Iterator[Engine]:
    """The company's own way into its database, with two teams and their use."""
    engine = open_engine(application_url)
    run(
        engine,
        *SCHEMA,
        "insert into teams values "
        "('t1', 'Team one', 'it@one.example', 'Business', 30, 'North desk', 'Mid', 'DE', "
        "'2026-01-02 03:04:05', 'cus_1'), "
        "('t2', 'Zoë & Söhne', null, 'Free', null, null, null, null, null, null)",
        "insert into counts values ('t1', '2026-11-18', 10), ('t1', '2026-11-19', 11), "
        "('t1', '2026-11-20', 12), ('t2', '2026-11-20', null)",
    )
    yield engine
    engine.dispose()


@pytest.fixture
def application_engine(company: Engine, application_url: str) -> Iterator[Engine]:
    """Our read-only way into it."""
    engine = open_engine(application_url, read_only=True)
    yield engine
    engine.dispose()


def run(engine: Engine, *statements: str) -> None:
    """Run statements in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
