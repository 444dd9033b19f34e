"""The reference account arrives whole, over HTTP, in both databases."""

from pathlib import Path

from sqlalchemy import Engine, select

from data.sync import sync
from data.tables import mirror, operations
from tests.data.sync.account_server import account_store, count, gateway_to


def test_every_object_arrives(engine: Engine, stripe_account: Path) -> None:
    with gateway_to(account_store(stripe_account)) as gateway:
        report = sync(engine, gateway)
    assert report.kind == "full"
    assert report.problems == {}
    assert count(engine, mirror.customer) == 220
    assert count(engine, mirror.subscription) == 196
    assert count(engine, mirror.invoice) == 1364
    for name, table in (("charges", mirror.charge), ("events", mirror.event), ("prices", mirror.price)):
        with (stripe_account / f"{name}.jsonl").open() as lines:
            assert count(engine, table) == sum(1 for _ in lines)


def test_a_second_sync_reads_only_what_is_new(engine: Engine, stripe_account: Path) -> None:
    with gateway_to(account_store(stripe_account)) as gateway:
        first = sync(engine, gateway)
        second = sync(engine, gateway)
    assert second.kind == "events"
    assert second.requests == 2  # the account and the events
    assert second.version == first.version
    assert second.data_at is not None
    assert first.data_at is not None
    assert second.data_at > first.data_at


def test_progress_is_told_and_the_book_is_kept(sqlite_engine: Engine, stripe_account: Path) -> None:
    told: dict[str, tuple[int, bool]] = {}
    with gateway_to(account_store(stripe_account)) as gateway:
        sync(
            sqlite_engine, gateway, progress=lambda name, objects, done: told.update({name: (objects, done)})
        )
    assert told["invoices"] == (1364, True)
    with sqlite_engine.connect() as connection:
        run = connection.execute(select(operations.sync_run)).mappings().one()
        states = connection.execute(select(operations.resource_state.c.state)).scalars()
        assert set(states) == {"ok"}
    assert (run["kind"], run["state"], run["error"]) == ("full", "done", None)
    assert run["objects"] > 4000
