"""Set-based or one by one: the timelines are the same, whatever happened."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, Engine, delete, select

from data.clock import from_epoch
from data.database import open_engine, upsert
from data.records import TABLES, rows_of
from data.sandbox.generate import generate
from data.sandbox.store import Store
from data.tables import metadata, mirror
from tests.data.columnar.same import compare, compare_whole
from tests.data.history.living import Company
from tests.data.history.test_random_lives import Step, _wait, steps

Json = dict[str, Any]
NOW = 1_795_302_000
cleared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def fill(connection: Connection, objects: dict[str, list[Json]], now: int = NOW) -> None:
    """Write objects to an empty mirror."""
    seen = from_epoch(now)
    assert seen is not None
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))
    for resource, found in objects.items():
        for table, rows in rows_of(resource, found, seen).items():
            upsert(connection, table, rows, newer_by="observed_at")


def test_the_reference_account(engine: Engine, stripe_account: Path) -> None:
    files = {resource: stripe_account / f"{resource}.jsonl" for resource in TABLES}
    objects = {
        resource: [json.loads(line) for line in file.read_text().splitlines()]
        for resource, file in files.items()
        if file.exists()
    }
    with engine.begin() as connection:
        fill(connection, objects)
        assert compare(connection).share > 0.7
        compare_whole(connection)
        some = list(connection.execute(select(mirror.customer.c.id).limit(30)).scalars())
        assert compare(connection, some).subscriptions < 40
        compare_whole(connection, some)
        assert compare(connection, []).subscriptions == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_generated_business(seed: int, sqlite_engine: Engine) -> None:
    store = Store(None)
    generate(store, customers=80, months=18, seed=seed, until=NOW)
    with sqlite_engine.begin() as connection:
        fill(connection, {resource: list(store.all(resource)) for resource in TABLES})
        assert compare(connection).share > 0.7
    store.close()


def live(engine: Engine, lived: list[Step]) -> None:
    """A company goes through its steps; then its past is told with all events, the last ones and none."""
    store = Store(None)
    company = Company(store, "2026-01-05")
    for name, whose, number, days in lived:
        company.act(name, whose, number)
        _wait(company, days)
    objects = company.objects()
    recent = [each for each in objects["events"] if each["created"] >= store.now - 30 * 86_400]
    for events in (objects["events"], recent, []):
        with engine.begin() as connection:
            fill(connection, objects | {"events": events}, store.now)
            compare(connection)
    store.close()


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=cleared)
@given(lived=steps)
def test_any_life_on_sqlite(sqlite_engine: Engine, lived: list[Step]) -> None:
    live(sqlite_engine, lived)


@pytest.mark.slow
@settings(max_examples=1, deadline=None, suppress_health_check=cleared)
@given(lived=steps)
def test_any_life_on_postgresql(postgres_url: str, lived: list[Step]) -> None:
    engine = open_engine(postgres_url)
    metadata.create_all(engine)
    live(engine, lived)
    engine.dispose()
