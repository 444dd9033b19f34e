"""Newer wins: whatever the order in which it is written, the same things seen give the same tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from data.sync.observations import Observation, Touched, mark_deleted, record, record_deleted
from data.tables import mirror

Json = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = (mirror.subscription, mirror.subscription_item, mirror.discount, mirror.coupon, mirror.price)


def price(key: str) -> Json:
    return {"id": key, "object": "price", "created": 5, "currency": "usd", "unit_amount": 100}


def discount(key: str) -> Json:
    coupon = {"id": f"off_{key}", "object": "coupon", "created": 6, "percent_off": 10.0}
    return {"id": key, "object": "discount", "start": 7, "source": {"type": "coupon", "coupon": coupon}}


def subscription(key: str, status: str, items: list[str], discounts: list[str]) -> Json:
    held = [{"id": f"si_{key}_{each}", "price": price(f"price_{each}"), "quantity": 1} for each in items]
    return {
        "id": key,
        "object": "subscription",
        "customer": "cus_1",
        "status": status,
        "items": {"data": held, "has_more": False},
        "discounts": [discount(f"di_{key}_{each}") for each in discounts],
    }


states = st.builds(
    subscription,
    st.sampled_from(["sub_1", "sub_2"]),
    st.sampled_from(["active", "past_due", "canceled"]),
    st.lists(st.sampled_from("abc"), unique=True),
    st.lists(st.sampled_from("xy"), unique=True),
)
histories = st.lists(states, min_size=1, max_size=6).map(
    lambda found: [(START + timedelta(seconds=second), obj) for second, obj in enumerate(found)]
)
deliveries = histories.flatmap(
    lambda history: st.tuples(
        st.just(history), st.permutations(history), st.lists(st.sampled_from(history), max_size=4)
    )
)


def tables(engine: Engine) -> list[list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))] for table in TABLES
        ]


def written(engine: Engine, seen: list[tuple[datetime, Json]], *, at_once: bool) -> list[Any]:
    with engine.begin() as connection:
        for table in TABLES:
            connection.execute(delete(table))
    observations = [Observation("subscriptions", [obj], at) for at, obj in seen]
    for group in [observations] if at_once else [[each] for each in observations]:
        with engine.begin() as connection:
            record(connection, group)
    return tables(engine)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries, st.booleans())
def test_order_and_repetition_do_not_matter(
    engine: Engine, delivery: tuple[list[Any], list[Any], list[Any]], at_once: bool
) -> None:
    history, shuffled, repeated = delivery
    in_order = written(engine, history, at_once=False)
    assert written(engine, [*shuffled, *repeated], at_once=at_once) == in_order


@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_deletion_is_overtaken_only_by_what_was_seen_later(engine: Engine, deleted_first: bool) -> None:
    obj = subscription("sub_1", "active", ["a"], ["x"])
    seen, gone = START, START + timedelta(seconds=5)
    steps = [
        lambda connection: record_deleted(connection, "subscriptions", [obj], gone),
        lambda connection: record(connection, [Observation("subscriptions", [obj], seen)]),
    ]
    for step in steps if deleted_first else reversed(steps):
        with engine.begin() as connection:
            step(connection)
    with engine.connect() as connection:
        row = connection.execute(select(mirror.subscription)).mappings().one()
        items = connection.execute(select(mirror.subscription_item.c.deleted_at)).scalars().all()
    assert (row["status"], row["deleted_at"], row["observed_at"]) == ("active", gone, gone)
    assert items == [gone]
    with engine.begin() as connection:
        record(connection, [Observation("subscriptions", [obj], gone + timedelta(seconds=1))])
        assert connection.execute(select(mirror.subscription.c.deleted_at)).scalar_one() is None
        assert connection.execute(select(mirror.subscription_item.c.deleted_at)).scalar_one() is None


def test_what_stripe_calls_deleted_is_marked_and_kept(engine: Engine) -> None:
    customer = {"id": "cus_1", "object": "customer", "name": "Ann"}
    later = START + timedelta(seconds=1)
    touched = Touched()
    with engine.begin() as connection:
        record(connection, [Observation("customers", [customer], START)])
        record(connection, [Observation("customers", [{"id": "cus_1", "deleted": True}], later)], touched)
        row = connection.execute(select(mirror.customer)).mappings().one()
    assert (row["name"], row["deleted_at"]) == ("Ann", later)
    assert touched.scope == {"cus_1"}


def test_touched_customers_are_noted(engine: Engine) -> None:
    touched = Touched()
    with engine.begin() as connection:
        obj = subscription("sub_1", "active", ["a"], [])
        record(connection, [Observation("subscriptions", [obj], START)], touched)
        mark_deleted(connection, "prices", ["price_none"], START, touched)
    assert touched.scope == {"cus_1"}
    touched.note("coupons", [{"id": "off"}])
    assert touched.scope is None


def test_a_card_that_was_taken_away_touches_whose_it_was(engine: Engine) -> None:
    card = {"id": "pm_1", "object": "payment_method", "type": "card", "created": 5, "customer": "cus_1"}
    touched = Touched()
    with engine.begin() as connection:
        record(connection, [Observation("payment_methods", [card], START)])
        gone = {**card, "customer": None}
        record(connection, [Observation("payment_methods", [gone], START + timedelta(days=1))], touched)
    assert touched.scope == {"cus_1"}
