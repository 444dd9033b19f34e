"""The ledger in the database: increments equal a rebuild, and rollups equal the timeline."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, update

from data import frames
from data.clock import month_of, month_start, months_between, next_month
from data.database import upsert
from data.history import Life
from data.ledger import RULES, follow_accounts, rebuild_outdated, refresh
from data.tables import application, history, ledger, operations
from data.timeline import Segment, timeline
from tests.data.lives import MIRROR, clear, day, discount, item, life, percent, price, row, store
from tests.data.strategies import FIRST, NOW, small_life, small_lives

LEDGER = (
    ledger.timeline,
    ledger.timeline_turn,
    history.unknown_history,
    ledger.movement,
    ledger.audience,
    ledger.customer_audience,
    ledger.cohort_change,
    ledger.cohort_subscriber_change,
    ledger.ever_subscribed,
    ledger.evidence_change,
    ledger.lifetime,
    ledger.retention_change,
    ledger.size_change,
    ledger.month_movement,
    ledger.month_movement_customers,
    ledger.month_transition,
)
EVERYTHING = (*LEDGER, *MIRROR, application.account, operations.sync_state)
CUSTOMERS = ("cus_1", "cus_2", "cus_3")
MANAGERS = ("Ann", "Ben", None)


def written(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger and its rollups, without row numbers."""
    return {
        table.name: sorted(
            connection.execute(select(*(column for column in table.c if column.name != "id"))),
            key=repr,
        )
        for table in LEDGER
    }


def holdings(segments: list[Segment], at: datetime, inside: bool) -> dict[tuple[str, str], dict[str, int]]:
    """ARR by customer and currency, by cell, at an instant; or, not inside, just before it."""
    held: dict[tuple[str, str], dict[str, int]] = defaultdict(Counter)
    for each in segments:
        began = each.from_at <= at if inside else each.from_at < at
        ended = each.to_at is not None and (each.to_at <= at if inside else each.to_at < at)
        if each.counted and each.arr and began and not ended:
            cell = f"{each.product_id}:{each.interval}"
            held[each.customer_id, each.currency or ""][cell] += each.arr
    return held


def expected_months(lives: list[Life], now: datetime) -> tuple[Counter[Any], Counter[Any]]:
    """Month-end balances and subscribers, straight from the timelines."""
    segments = [segment for each in lives for segment in timeline(each)]
    arr: Counter[Any] = Counter()
    subscribers: Counter[Any] = Counter()
    for month in months_between(month_of(FIRST), month_of(now)):
        last = month == month_of(now)
        at = now if last else month_start(next_month(month))
        for (_, currency), cells in holdings(segments, at, last).items():
            subscribers[month, currency, "|".join(sorted(cells))] += 1
            for cell, value in cells.items():
                arr[month, currency, *cell.split(":")] += value
    return arr, subscribers


fixtures_are_cleared = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fixtures_are_cleared
@given(lives=small_lives())
def test_month_ends_equal_the_timeline(engine: Engine, lives: list[Life]) -> None:
    with engine.begin() as connection:
        clear(connection, EVERYTHING)
        store(connection, *lives)
        refresh(connection, None, NOW)
    arr, subscribers = expected_months(lives, NOW)
    assert {tuple(row[:-1]): row[-1] for row in frames.month_end(engine).to_numpy()} == arr
    counted = frames.month_end_subscribers(engine).to_numpy()
    assert {tuple(row[:-1]): row[-1] for row in counted} == subscribers


def name_managers(connection: Connection, managers: Mapping[str, str | None]) -> None:
    """Give each customer an account with a manager."""
    for customer, manager in managers.items():
        known = {"account_id": customer, "stripe_customer_id": customer, "account_manager": manager}
        upsert(connection, application.account, [row(application.account, **known)])


managers = st.dictionaries(st.sampled_from(CUSTOMERS), st.sampled_from(MANAGERS))


@fixtures_are_cleared
@given(
    first=small_lives(),
    named=managers,
    steps=st.lists(
        st.tuples(small_life(1) | small_life(7), st.integers(0, 40), managers), min_size=1, max_size=3
    ),
)
def test_increments_equal_a_rebuild(
    engine: Engine,
    first: list[Life],
    named: dict[str, str | None],
    steps: list[tuple[Life, int, dict[str, str]]],
) -> None:
    now = NOW
    owners = {each.id: each.customer_id for each in first}
    with engine.begin() as connection:
        clear(connection, EVERYTHING)
        store(connection, *first)
        name_managers(connection, named)
        refresh(connection, None, now)
        for changed, days, renamed in steps:
            name_managers(connection, renamed)
            follow_accounts(connection)
            now += timedelta(days=days)
            store(connection, changed)
            touched = {changed.customer_id, owners.get(changed.id, changed.customer_id)}
            owners[changed.id] = changed.customer_id
            refresh(connection, touched, now)
        increments = written(connection)
        refresh(connection, None, now)
        assert increments == written(connection)


@pytest.fixture
def shown(engine: Engine) -> Callable[..., list[tuple[Any, ...]]]:
    """Stores lives, refreshes as of each day in turn, and gives the movements as (day, kind, delta)."""

    def show(*lives: Life, days: list[str], touched: set[str] | None = None) -> list[tuple[Any, ...]]:
        with engine.begin() as connection:
            store(connection, *lives)
            for index, text in enumerate(days):
                refresh(connection, None if index == 0 else touched or set(), day(text))
            moved = ledger.movement.c
            query = select(moved.day, moved.kind, moved.delta_arr).order_by(moved.day, moved.kind)
            return [(f"{row.day}", row.kind, row.delta_arr) for row in connection.execute(query)]

    return show


def test_what_falls_due_between_two_refreshes_is_found(shown: Callable[..., list[tuple[Any, ...]]]) -> None:
    reduced = life(item(price()), discounts=[discount(percent("25"), "2026-01-01", "2026-04-01")])
    before = [("2026-01-01", "new", 90_00)]
    assert shown(reduced, days=["2026-02-10", "2026-03-31"]) == before
    assert shown(days=["2026-03-31", "2026-04-02"]) == [*before, ("2026-04-01", "expansion", 30_00)]


def test_balances_are_carried_into_months_in_which_nothing_happens(
    shown: Callable[..., list[tuple[Any, ...]]], engine: Engine
) -> None:
    shown(life(item(price())), days=["2026-01-10", "2026-04-02"])
    assert frames.month_end(engine)[["month", "arr"]].to_numpy().tolist() == [
        [month, 120_00] for month in ("2026-01", "2026-02", "2026-03", "2026-04")
    ]


def test_a_refresh_of_an_earlier_instant_takes_back_what_came_later(
    shown: Callable[..., list[tuple[Any, ...]]],
) -> None:
    ended = life(item(price()), status="canceled", ended="2026-03-01")
    assert shown(ended, days=["2026-04-01", "2026-02-01"]) == [("2026-01-01", "new", 120_00)]


def test_an_empty_mirror_is_an_empty_ledger(engine: Engine) -> None:
    with engine.begin() as connection:
        refresh(connection, None, NOW)
        refresh(connection, {"cus_unknown"}, NOW)
        assert not any(written(connection).values())


@pytest.mark.parametrize("repair", [rebuild_outdated, None])
def test_what_older_code_left_is_rebuilt(engine: Engine, repair: Callable[[Engine], None] | None) -> None:
    with engine.begin() as connection:
        store(connection, life(item(price())))
        refresh(connection, None, NOW)
        built = written(connection)
        assert built["month_movement"]
        clear(connection, [table for table in LEDGER if table is not ledger.audience])
        rules = operations.sync_state.c.name == RULES
        connection.execute(update(operations.sync_state).where(rules).values(value="0"))
    if repair:
        repair(engine)
    with engine.begin() as connection:
        if repair is None:
            refresh(connection, set(), NOW)
        assert written(connection) == built
