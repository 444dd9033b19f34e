"""Whole generated businesses: what Stripe still shows, against what every event would have told."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.clock import month_of, month_start, months_between, next_month
from data.database import open_engine
from data.records import TABLES
from data.sandbox import generate as generating
from data.sandbox import store as storing
from data.sandbox.store import Store
from data.tables import history, ledger, metadata
from tests.data.history.told import fill

UNTIL = 1_795_302_000
MONTH = 30 * 86_400
Objects = dict[str, list[dict[str, Any]]]
Balances = dict[tuple[str, str], int]


@pytest.fixture(params=[3, 7])
def business(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    """An account of 60 customers over 18 months, of which Stripe forgot no event."""
    for module in (generating, storing):
        monkeypatch.setattr(module, "EVENT_DAYS", 10_000)
    store = Store(None)
    generating.generate(store, customers=60, months=18, seed=request.param, until=UNTIL)
    yield {resource: list(store.all(resource)) for resource in TABLES}
    store.close()


@pytest.fixture
def told(business: Objects) -> Iterator[tuple[Engine, Engine]]:
    """Two ledgers: with every event, and with those of the last 30 days."""
    recent = [each for each in business["events"] if each["created"] >= UNTIL - MONTH]
    engines = []
    for objects in (business, business | {"events": recent}):
        engines.append(open_engine("sqlite://"))
        metadata.create_all(engines[-1])
        with engines[-1].begin() as connection:
            fill(connection, objects, UNTIL)
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def balances(engine: Engine) -> Balances:
    """ARR at the end of every month that has ended, by customer."""
    moved = ledger.movement.c
    with engine.connect() as connection:
        rows = connection.execute(select(moved.customer_id, moved.day, moved.delta_arr)).all()
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for month in months_between(f"{row.day:%Y-%m}", "2026-10"):
            found[month, row.customer_id] += row.delta_arr
    return {key: value for key, value in found.items() if value}


def unknowns(engine: Engine) -> list[tuple[str, str, str]]:
    """(customer, first month, last month) of what no evidence dates."""
    table = history.unknown_history.c
    with engine.connect() as connection:
        rows = connection.execute(select(table.customer_id, table.earliest_at, table.latest_at)).all()
    return [(row[0], month_of(row[1]), month_of(row[2]) if row[2] else "9999-12") for row in rows]


def test_month_ends_from_what_is_left_of_the_evidence(told: tuple[Engine, Engine], business: Objects) -> None:
    right, found = balances(told[0]), balances(told[1])
    wrong = {key for key in right.keys() | found.keys() if right.get(key) != found.get(key)}
    assert len(wrong) <= len(right) // 100
    listed = unknowns(told[1])
    silent = {key for key in wrong if not any(_explains(each, *key) for each in listed)}
    assert all(_never_billed(business, *key) for key in silent)


def _explains(unknown: tuple[str, str, str], month: str, customer: str) -> bool:
    owner, first, last = unknown
    return owner == customer and first <= month <= last


def _never_billed(business: Objects, month: str, customer: str) -> bool:
    """Whether a discount was in force then that came and went between two invoices: nothing tells of it."""
    end = month_start(next_month(month)).timestamp()
    given = [
        each["data"]["object"]
        for each in business["events"]
        if each["type"] == "customer.discount.created" and each["data"]["object"]["customer"] == customer
    ]
    billed = {
        each["discount"] for invoice in business["invoices"] for each in invoice["total_discount_amounts"]
    }
    return any(
        each["start"] <= end and (each["end"] or end) >= end and each["id"] not in billed for each in given
    )


def test_with_every_event_nothing_is_in_doubt(told: tuple[Engine, Engine]) -> None:
    assert unknowns(told[0]) == []
