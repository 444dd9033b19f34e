"""What was known when: the movements of each past refresh can be had again, and only what changed is kept."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, select, update

from data import frames, ledger
from data.ledger import refresh
from data.restatements import known_since
from data.tables import ledger as tables
from data.tables import metadata, mirror, operations
from data.tables.restatements import movement_change
from tests.data.lives import clear, day, item, life, price, store
from tests.data.strategies import NOW, small_life

change = movement_change.c
KEY = ("customer_id", "day", "currency", "plan", "interval", "kind")


def held(connection: Connection) -> Counter[Any]:
    """ARR by customer, day, cell and kind."""
    moved = tables.movement.c
    rows = connection.execute(select(*(moved[name] for name in KEY), moved.delta_arr))
    return Counter({tuple(key): arr for *key, arr in rows})


def undone(connection: Connection, at: datetime) -> Counter[Any]:
    """What was held at an instant: what is now, less what became known since."""
    rows = connection.execute(
        select(*(change[name] for name in KEY), change.delta_arr).where(change.known_at > at)
    )
    known = held(connection)
    known.subtract(Counter())
    for *key, arr in rows:
        known[tuple(key)] -= arr
    return Counter({key: arr for key, arr in known.items() if arr})


def month_sums(engine: Engine) -> Counter[Any]:
    """The movements by month, as the pages have them."""
    return sums(frames.movements(engine))


def sums(frame: Any) -> Counter[Any]:
    columns = ("month", "currency", "kind", "product_id", "interval")
    keys = zip(*(frame[name] for name in columns), strict=True)
    return Counter(dict(zip(keys, frame["delta_arr"].astype(int), strict=True)))


def totals(frame: Any) -> list[Any]:
    return [
        tuple(row) for row in frame[["month", "currency", "kind", "arr", "customers"]].to_numpy().tolist()
    ]


step = st.tuples(st.integers(0, 2).flatmap(small_life), st.integers(0, 20), st.booleans())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=2, max_size=4))
def test_what_was_known_at_each_refresh(engine: Engine, steps: list[Any]) -> None:
    with engine.begin() as connection:
        clear(connection, reversed(metadata.sorted_tables))
    at, seen = NOW, []
    owners: dict[str, str] = {}
    for lived, days, rebuilt in steps:
        at += timedelta(days=days, minutes=1)
        with engine.begin() as connection:
            store(connection, lived)
            touched = {lived.customer_id, owners.get(lived.id, lived.customer_id)}
            owners[lived.id] = lived.customer_id
            refresh(connection, None if rebuilt else touched, at)
            seen.append((at, held(connection)))
        seen[-1] = (*seen[-1], month_sums(engine), totals(frames.movement_totals(engine, at)))
    with engine.connect() as connection:
        assert [undone(connection, each) for each, *_ in seen] == [known for _, known, *_ in seen]
        assert 0 not in connection.execute(select(change.delta_arr)).scalars().all()
        assert known_since(connection) == seen[0][0]
    for each, _, months, moved in seen:
        assert sums(frames.movements_known(engine, each)) == months
        assert totals(frames.movement_totals_known(engine, each, each)) == moved


@pytest.fixture
def built(engine: Engine) -> Engine:
    """Two customers, as known on 15 April."""
    with engine.begin() as connection:
        store(connection, life(item(price())), life(item(price(20_00)), id="sub_2", customer_id="cus_2"))
        refresh(connection, None, day("2026-04-15"))
    return engine


def changes(engine: Engine) -> list[Any]:
    query = select(change.customer_id, change.day, change.kind, change.delta_arr, change.late, change.reason)
    with engine.connect() as connection:
        return [
            (row[0], f"{row[1]:%m-%d}", *row[2:]) for row in connection.execute(query.order_by(change.id))
        ]


def test_the_first_build_restates_nothing_and_neither_does_a_rebuild(built: Engine) -> None:
    for _ in range(2):
        with built.begin() as connection:
            refresh(connection, None, day("2026-04-16"))
    assert changes(built) == []
    with built.connect() as connection:
        assert known_since(connection) == day("2026-04-15")


def test_what_happens_in_time_is_no_restatement(built: Engine) -> None:
    with built.begin() as connection:
        store(connection, life(item(price()), id="sub_3", customer_id="cus_3", start="2026-04-15T08:00"))
        refresh(connection, {"cus_3"}, day("2026-04-15T09:00"))
    assert changes(built) == [("cus_3", "04-15", "new", 120_00, False, "evidence")]
    assert frames.restated(built).empty


def test_what_is_heard_of_late_is_one(built: Engine) -> None:
    with built.begin() as connection:
        ended = life(item(price()), status="canceled", ended="2026-03-10")
        store(connection, ended)
        refresh(connection, {"cus_1"}, day("2026-04-16"))
    assert changes(built) == [("cus_1", "03-10", "churn", -120_00, True, "evidence")]
    known = sums(frames.movements_known(built, day("2026-04-15T12:00")))
    assert {key[0] for key in known} == {"2026-01"}
    row = frames.restated(built, day("2026-04-15"), month="2026-03").iloc[0]
    assert (row["month"], row["customer_id"], row["delta_arr"]) == ("2026-03", "cus_1", -120_00)
    assert row["reason"] == "Stripe showed something new, or late."
    assert frames.restated(built, month="2026-02").empty
    assert frames.restated(built, day("2026-04-17")).empty
    months = frames.changes_by_month(built).to_dict("records")
    assert [(each["month"], each["late"], each["delta_arr"]) for each in months] == [
        ("2026-03", True, -120_00)
    ]


def test_new_rules_and_deleted_customers_are_named(built: Engine) -> None:
    with built.begin() as connection:
        connection.execute(delete(mirror.subscription).where(mirror.subscription.c.id == "sub_1"))
        state = operations.sync_state
        connection.execute(update(state).where(state.c.name == ledger.RULES).values(value="0"))
        refresh(connection, set(), day("2026-04-16"))
    assert [each[-1] for each in changes(built)] == ["rules"]
    assert frames.restated(built)["reason"].tolist() == [
        "The rules of the ledger changed with a new version of the app."
    ]
    with built.begin() as connection:
        gone = [{"id": "cus_1", "observed_at": day("2026-04-16"), "deleted_at": day("2026-04-16")}]
        connection.execute(mirror.customer.insert(), gone)
    assert frames.restated(built)["reason"].tolist() == ["The customer was deleted at Stripe."]


def test_a_refresh_that_fails_notes_nothing(built: Engine) -> None:
    with built.connect() as connection:
        store(connection, life(item(price()), status="canceled", ended="2026-03-10"))
        refresh(connection, {"cus_1"}, day("2026-04-16"))
        connection.rollback()
    assert changes(built) == []


def test_a_clock_that_goes_back_does_not_reorder_what_was_known(built: Engine) -> None:
    with built.begin() as connection:
        store(connection, life(item(price()), status="canceled", ended="2026-03-10"))
        refresh(connection, {"cus_1"}, day("2026-04-10"))
        assert connection.execute(select(change.known_at)).scalars().all() == [day("2026-04-15")]


def test_a_refresh_that_failed_does_not_stand_in_the_way_of_the_next(engine: Engine) -> None:
    with engine.begin() as connection:
        store(connection, life(item(price())))
        refresh(connection, None, NOW)
    with engine.connect() as connection:
        refresh(connection, None, NOW)
        connection.rollback()
    with engine.begin() as connection:
        refresh(connection, None, NOW)
        assert held(connection)
