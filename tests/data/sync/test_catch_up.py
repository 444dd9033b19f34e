"""After the first pass the mirror follows by events, and ends as a mirror that was read anew."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.database import open_engine, upsert
from data.ledger import refresh
from data.sandbox.engine import advance, cancel_subscription
from data.sandbox.store import Store
from data.sync import sync
from data.tables import ledger, metadata, mirror, operations
from tests.data.sync.account_server import FROZEN_AT, account_store, contents, count, gateway_to

DAY = 86_400


@pytest.fixture
def anew(tmp_path: Path) -> Iterator[Engine]:
    """Another database, which is always read whole."""
    engine = open_engine(f"sqlite:///{tmp_path / 'anew.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(stripe_account: Path) -> Iterator[Store]:
    found = account_store(stripe_account)
    yield found
    found.close()


def change(store: Store, resource: str, key: str, kind: str, **fields: object) -> None:
    """An object changes, and an event tells of it."""
    before = store.get(resource, key)
    assert before is not None
    store.put(resource, {**before, **fields})
    store.emit(kind, {**before, **fields}, {name: before[name] for name in fields})


def lose(store: Store, resource: str, key: str, kind: str | None = None) -> None:
    """An object is deleted, and an event tells of it or none does."""
    before = store.get(resource, key)
    assert before is not None
    store.delete(resource, key)
    if kind:
        store.emit(kind, before)


def a_customer(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(select(mirror.customer.c.id).limit(1)).scalar_one())


def movements(engine: Engine) -> list[tuple[object, ...]]:
    table = ledger.movement
    columns = [column for column in table.columns if column.name not in ("id", "evidence")]
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))


def remember(followed: Engine, anew: Engine) -> None:
    """Give a database the events that one remembers which has followed for longer: they date the past."""
    with followed.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(mirror.event)).mappings()]
        versions = select(operations.data_version.c.data_at).order_by(
            operations.data_version.c.version.desc()
        )
        at = connection.execute(versions.limit(1)).scalar_one()
    with anew.begin() as connection:
        upsert(connection, mirror.event, rows)
        refresh(connection, None, at)


def test_ten_days_of_business_follow_by_events(synced: Engine, anew: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        for days in (3, 4, 10):
            advance(store, FROZEN_AT + days * DAY)
            report = sync(synced, gateway)
            assert (report.kind, report.problems) == ("events", {})
            assert report.events > 0
        sync(anew, gateway)
    found, expected = contents(synced), contents(anew)
    found.pop("event")  # Stripe forgets events, the mirror does not
    expected.pop("event")
    assert found == expected
    remember(synced, anew)
    assert movements(synced) == movements(anew)


def test_what_happened_while_away_for_long_takes_a_full_pass(
    synced: Engine, anew: Engine, store: Store
) -> None:
    with gateway_to(store) as gateway:
        lost = a_customer(synced)
        lose(store, "customers", lost)
        advance(store, FROZEN_AT + 45 * DAY)
        report = sync(synced, gateway)
        assert report.kind == "full"
        assert "no longer listed" in report.reason
        assert sync(synced, gateway).kind == "events"
        sync(anew, gateway)
    found, expected = contents(synced), contents(anew)
    assert found["customer"].pop(lost)["deleted_at"]
    assert {name: found[name] for name in ("customer", "subscription", "invoice", "invoice_line")} == {
        name: expected[name] for name in ("customer", "subscription", "invoice", "invoice_line")
    }


def test_deletions_are_marked_and_an_ended_subscription_is_not_one(synced: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        lost = a_customer(synced)
        lose(store, "customers", lost, "customer.deleted")
        lose(store, "coupons", "WELCOME25", "coupon.deleted")
        with synced.connect() as connection:
            active = select(mirror.subscription.c.id).where(mirror.subscription.c.status == "active")
            ended = str(connection.execute(active.limit(1)).scalar_one())
        cancel_subscription(store, ended)
        sync(synced, gateway)
    found = contents(synced)
    assert found["customer"][lost]["deleted_at"]
    assert found["customer"][lost]["name"]
    assert found["coupon"]["WELCOME25"]["deleted_at"]
    assert found["subscription"][ended]["status"] == "canceled"
    assert not found["subscription"][ended]["deleted_at"]


def test_an_object_that_came_and_went_unseen_is_kept_as_deleted(synced_sqlite: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        product = {"id": "prod_brief", "object": "product", "name": "Brief", "created": store.now}
        store.put("products", product)
        store.emit("product.created", product)
        lose(store, "products", "prod_brief", "product.deleted")
        sync(synced_sqlite, gateway)
    found = contents(synced_sqlite)["product"]["prod_brief"]
    assert (found["name"], found["deleted_at"]) == ("Brief", True)


def test_events_that_repeat_or_arrive_late_are_handled_once(synced_sqlite: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        customer = a_customer(synced_sqlite)
        change(store, "customers", customer, "customer.updated", name="First")
        assert sync(synced_sqlite, gateway).events == 1
        again = sync(synced_sqlite, gateway)
        assert (again.events, again.objects) == (0, 0)
        change(store, "customers", customer, "customer.updated", name="Second")  # in the same second
        assert sync(synced_sqlite, gateway).events == 1
    assert contents(synced_sqlite)["customer"][customer]["name"] == "Second"


def test_a_new_version_is_published_only_when_something_changed(synced_sqlite: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        first = sync(synced_sqlite, gateway)
        assert sync(synced_sqlite, gateway).version == first.version
        change(store, "customers", a_customer(synced_sqlite), "customer.updated", name="Other")
        second = sync(synced_sqlite, gateway)
        assert second.version == first.version + 1
        advance(store, FROZEN_AT + DAY)
        assert sync(synced_sqlite, gateway).version == second.version + 1


def test_what_falls_due_without_an_event_is_a_new_version(synced_sqlite: Engine, store: Store) -> None:
    ends = ledger.timeline.c.to_at
    with gateway_to(store) as gateway:
        with synced_sqlite.connect() as connection:
            coming = select(ends).where(ends > datetime.fromtimestamp(FROZEN_AT, UTC)).order_by(ends)
            due = int(connection.execute(coming.limit(1)).scalar_one().timestamp())
        store.set_now(due - 60)
        before = sync(synced_sqlite, gateway)
        store.set_now(due + 60)
        after = sync(synced_sqlite, gateway)
    assert (after.events, after.objects) == (0, 0)
    assert after.version == before.version + 1


def test_once_a_day_a_sweep_finds_what_no_event_told_of(synced: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        lost = a_customer(synced)
        lose(store, "customers", lost)
        lose(store, "invoiceitems", "ii_1xUYA0Cz7hWRKLEpOuwOiwwo")
        assert not sync(synced, gateway).swept
        store.set_now(FROZEN_AT + DAY + 3600)
        report = sync(synced, gateway)
        assert (report.kind, report.swept) == ("events", True)
        assert not sync(synced, gateway).swept
    found = contents(synced)
    gone = {(name, key) for name, rows in found.items() for key, row in rows.items() if row.get("deleted_at")}
    assert gone == {("customer", lost), ("invoice_item", "ii_1xUYA0Cz7hWRKLEpOuwOiwwo")}
    assert count(synced, mirror.invoice) == 1364
    with synced.connect() as connection:
        kinds = list(connection.execute(select(operations.sync_run.c.kind)).scalars())
    assert kinds.count("sweep") == 1
