"""What the key may not read or the server does not know is named and skipped; the rest arrives."""

import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from data import application, clock, findings
from data.application import ApplicationMapping
from data.gateway import Gateway, Unauthorized, Unreachable
from data.limiter import unlimited
from data.sync import OtherAccountError, SyncRunningError, lock, sync
from data.sync.lock import sync_lock
from data.tables import mirror, operations
from tests.data.sync.account_server import account_store, count, gateway_to
from tests.sandbox_server import API_KEY


def tell(gateway: Gateway, **fault: Any) -> None:
    httpx.post(f"{gateway.base}/sandbox/faults", json=fault).raise_for_status()


def forgive(gateway: Gateway) -> None:
    httpx.delete(f"{gateway.base}/sandbox/faults").raise_for_status()


def states(engine: Engine) -> dict[str, str]:
    table = operations.resource_state
    with engine.connect() as connection:
        return {row.resource: row.state for row in connection.execute(select(table))}


SKIPPED = {
    "charges": (403, "forbidden"),
    "quotes": (404, "unknown"),
    "coupons": (400, "failed"),
    "refunds": (503, "failed"),
}


def test_some_resources_are_skipped_and_read_once_they_can_be(
    sqlite_engine: Engine, stripe_account: Path
) -> None:
    skipped = {path: state for path, (_, state) in SKIPPED.items()}
    with gateway_to(account_store(stripe_account)) as gateway:
        for path, (status, _) in SKIPPED.items():
            tell(gateway, path=f"/v1/{path}", status=status)
        for report in (sync(sqlite_engine, gateway), sync(sqlite_engine, gateway)):
            assert {path: report.resources[path].state for path in SKIPPED} == skipped
            assert all(path in str(report.problems[path]) for path in SKIPPED)
        assert count(sqlite_engine, mirror.invoice) == 1364
        assert {name: found for name, found in states(sqlite_engine).items() if found != "ok"} == skipped
        forgive(gateway)
        report = sync(sqlite_engine, gateway)
        assert {report.resources[path].state for path in SKIPPED} == {"ok"}
    assert set(states(sqlite_engine).values()) == {"ok"}
    assert count(sqlite_engine, mirror.charge) == 1016


def test_where_events_cannot_be_read_every_sync_is_full(sqlite_engine: Engine, stripe_account: Path) -> None:
    with gateway_to(account_store(stripe_account)) as gateway:
        tell(gateway, path="/v1/events", status=403)
        assert [sync(sqlite_engine, gateway).kind for _ in range(2)] == ["full", "full"]
        forgive(gateway)
        assert [sync(sqlite_engine, gateway).kind for _ in range(2)] == ["full", "events"]


def test_all_kinds_of_trouble_at_once_change_nothing(engine: Engine, stripe_account: Path) -> None:
    store = account_store(stripe_account)
    with gateway_to(store) as calm:
        patient = Gateway(API_KEY, calm.base, limiter=unlimited(), first_pause=0.02, attempts=12)
        for fault in ({"status": 429, "retry_after": 0.1}, {"status": 500}, {"kind": "garbage"}):
            tell(calm, probability=0.1, times=20, **fault)
        for kind in ("drop", "truncate"):
            tell(calm, probability=0.1, times=10, kind=kind)
        with patient:
            report = sync(engine, patient)
    assert report.problems == {}
    assert (count(engine, mirror.customer), count(engine, mirror.invoice)) == (220, 1364)


def test_an_invalid_key_and_a_dead_server_are_said_and_written_down(sqlite_engine: Engine) -> None:
    with (
        Gateway(API_KEY, "http://127.0.0.1:9", limiter=unlimited(), attempts=1) as gateway,
        pytest.raises(Unreachable),
    ):
        sync(sqlite_engine, gateway)
    with sqlite_engine.connect() as connection:
        run = connection.execute(select(operations.sync_run)).mappings().one()
    assert run["state"] == "failed"
    assert "cannot be reached" in run["error"]


def test_a_key_that_stops_working_stops_the_sync(sqlite_engine: Engine, stripe_account: Path) -> None:
    with gateway_to(account_store(stripe_account)) as gateway:
        tell(gateway, status=401, after=10, times=1)
        with pytest.raises(Unauthorized):
            sync(sqlite_engine, gateway)
        assert sync(sqlite_engine, gateway).kind == "full"
    assert count(sqlite_engine, mirror.invoice) == 1364


def test_another_account_is_refused(synced_sqlite: Engine, stripe_account: Path) -> None:
    store = account_store(stripe_account)
    with gateway_to(store) as gateway:
        store.set_meta("account", '{"id": "acct_other", "object": "account"}')
        with pytest.raises(OtherAccountError, match="acct_other"):
            sync(synced_sqlite, gateway)


def test_without_an_account_id_known_objects_tell_accounts_apart(
    sqlite_engine: Engine, stripe_account: Path
) -> None:
    store = account_store(stripe_account)
    with gateway_to(store) as gateway:
        tell(gateway, path="/v1/account", status=403)
        sync(sqlite_engine, gateway)
    with gateway_to(store) as elsewhere:  # another address, the same objects
        tell(elsewhere, path="/v1/account", status=403)
        assert sync(sqlite_engine, elsewhere).kind == "events"
        tell(elsewhere, path="/v1/", status=404)
        with (
            Gateway("sk_test_new", elsewhere.base, limiter=unlimited()) as other,
            pytest.raises(OtherAccountError),
        ):
            sync(sqlite_engine, other)


def test_what_syncs_keep_is_changed_by_nobody_else_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who change it at once would count a customer's rows twice on PostgreSQL."""
    at, begun = clock.now(), threading.Event()
    changing = (
        lambda: findings.record(engine, at),
        lambda: application.copy(engine, engine, ApplicationMapping(), at),
    )
    monkeypatch.setattr(lock, "PATIENCE", 0.0)
    with sync_lock(engine):
        for change in changing:
            with pytest.raises(SyncRunningError):
                change()

    def hold() -> None:
        with sync_lock(engine):
            begun.set()
            time.sleep(0.2)

    monkeypatch.setattr(lock, "PATIENCE", 20.0)
    holding = threading.Thread(target=hold)
    holding.start()
    assert begun.wait(10)
    assert findings.record(engine, at) == (0, 0)
    holding.join()


def test_only_one_sync_at_a_time(engine: Engine) -> None:
    with sync_lock(engine), pytest.raises(SyncRunningError, match="under way"), sync_lock(engine):
        pass
    with sync_lock(engine):
        pass
