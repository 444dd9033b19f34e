"""Random lives, followed step by step: the identities hold after each, and nothing depends on the way."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, select

from data.clock import from_epoch
from data.database import open_engine
from data.ledger import refresh
from data.sandbox import engine as clock
from data.sandbox.store import Store
from data.sync.observations import Observation, record
from data.tables import ledger, metadata
from tests.data.history.living import ACTS, ALONE, Company
from tests.data.test_ledger import written

Json = dict[str, Any]
Step = tuple[str, int, int, int]

steps = st.lists(
    st.tuples(
        st.sampled_from([*ALONE, *ACTS, "subscribe"]),
        st.integers(0, 1),
        st.integers(0, 840),
        st.integers(0, 45),
    ),
    min_size=1,
    max_size=10,
)
cleared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class Follower:
    """A mirror that hears what changed since it looked last."""

    def __init__(self, company: Company, with_events: bool) -> None:
        self.company = company
        self.with_events = with_events
        self.seen: dict[str, Json] = {}

    def look(self, connection: Connection) -> datetime:
        """Take over what changed, and refresh the customers whom it touches; gives the instant."""
        now = from_epoch(self.company.store.now)
        assert now is not None
        touched: set[str] = set()
        for resource, objects in self.company.objects(self.with_events).items():
            fresh = [each for each in objects if self.seen.get(each["id"]) != each]
            self.seen |= {each["id"]: each for each in fresh}
            record(connection, [Observation(resource, fresh, now)])
            touched |= {each.get("customer") or each["id"] for each in fresh}
        refresh(connection, touched, now)
        return now


def check(connection: Connection, now: datetime) -> None:
    """The identities of every customer, currency and cell, and of the rollups."""
    moved = ledger.movement.c
    rows = connection.execute(select(ledger.movement).order_by(moved.customer_id, moved.day)).all()
    balances: Counter[Any] = Counter()
    transfers: Counter[Any] = Counter()
    for row in rows:
        balances[row.customer_id, row.currency, row.plan, row.interval] += row.delta_arr
        if row.kind == "transfer":
            transfers[row.customer_id, row.day, row.currency] += row.delta_arr
    assert not any(transfers.values())
    assert min(balances.values(), default=0) >= 0
    _check_kinds(rows)
    table = ledger.month_movement.c
    deltas = connection.execute(select(table.delta_arr).where(table.audience_id == 0)).scalars()
    assert sum(deltas) == sum(balances.values())


def _check_kinds(rows: list[Any]) -> None:
    days: dict[tuple[str, Any], set[str]] = {}
    held: Counter[str] = Counter()
    for row in rows:
        held[row.customer_id] += row.delta_arr
        if row.kind != "transfer":
            days.setdefault((row.customer_id, row.day), set()).add(row.kind)
    totals: Counter[str] = Counter()
    started: set[str] = set()
    for (customer, day), kinds in days.items():
        (kind,) = kinds
        before = totals[customer]
        totals[customer] += sum(
            row.delta_arr for row in rows if (row.customer_id, row.day) == (customer, day)
        )
        assert (kind == "new") == (before == 0 and customer not in started)
        assert (kind == "reactivation") == (before == 0 and customer in started)
        assert (kind == "churn") == (totals[customer] == 0)
        started.add(customer)


def live(engine: Engine, lived: list[Step], with_events: bool) -> None:
    """Follow a company through its steps."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    store = Store(None)
    company = Company(store, "2026-01-05")
    follower = Follower(company, with_events)
    for name, whose, number, days in lived:
        company.act(name, whose, number)
        _wait(company, days)
        with engine.begin() as connection:
            now = follower.look(connection)
            check(connection, now)
            increments = written(connection)
            refresh(connection, None, now)
            assert written(connection) == increments
    store.close()


def _wait(company: Company, days: int) -> None:
    for part in (days // 2, days - days // 2):
        clock.advance(company.store, company.store.now + part * 86_400)
        company.listen()


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=cleared)
@given(lived=steps, with_events=st.booleans())
def test_any_life_on_sqlite(sqlite_engine: Engine, lived: list[Step], with_events: bool) -> None:
    live(sqlite_engine, lived, with_events)


@pytest.mark.slow
@settings(max_examples=3, deadline=None, suppress_health_check=cleared)
@given(lived=steps)
def test_any_life_on_postgresql(postgres_url: str, lived: list[Step]) -> None:
    engine = open_engine(postgres_url)
    metadata.create_all(engine)
    live(engine, lived, with_events=True)
    engine.dispose()
