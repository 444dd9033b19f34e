"""Both sources in one go, and what happens to the rest when one of them fails."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, update

from data.clock import now
from data.config import Settings
from data.database import open_engine
from data.frames import data_status, findings, findings_kept
from data.ledger import RULES
from data.refresh import APPLICATION, RefreshError, refresh, watch
from data.sources import open_database
from data.sync import lock
from data.tables.application import account
from data.tables.customers import customer_standing
from data.tables.due import renewal_due, renewal_past
from data.tables.mirror import customer
from data.tables.operations import sync_state
from tests.small_business import fault, small_business


def rows(settings: Settings) -> tuple[int, int]:
    """Customers of Stripe and accounts of the application database that have arrived."""
    with open_database(settings) as engine, engine.connect() as connection:
        tables = (customer, account)
        return tuple(len(connection.execute(select(table)).all()) for table in tables)  # type: ignore[return-value]


def test_both_arrive(tmp_path: Path, database_url: str) -> None:
    with small_business(tmp_path, database_url=database_url) as settings:
        done = refresh(settings)
        assert done.problems == {}
        assert done.copied
        customers, accounts = rows(settings)
        assert customers == 30
        assert accounts == done.copied.accounts > customers
        with open_database(settings) as engine:
            log = findings_kept(engine, data_status(engine).data_at or now())
            found = findings(engine, data_status(engine).data_at or now())
        assert set(log["finding"]) == set(found["finding"]) != set()
        assert log["first_seen_at"].notna().all()


def test_what_follows_from_a_ledger_of_older_rules_is_built_anew_with_it(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one of several processes that start at once, never while another one syncs."""
    past = renewal_past.c

    def kept() -> list[list[tuple[object, ...]]]:
        with open_database(settings) as engine, engine.connect() as connection:
            tables = (
                (renewal_due.c.subscription_id, renewal_due.c.due_at, renewal_due.c.arr),
                (past.subscription_id, past.due_at, past.after),
                (customer_standing.c.id, customer_standing.c.arr),
            )
            return [sorted(map(tuple, connection.execute(select(*columns))), key=str) for columns in tables]

    with small_business(tmp_path, database_url=database_url) as settings:
        refresh(settings)
        built = kept()
        with open_database(settings) as engine, engine.begin() as connection:
            rules = sync_state.c.name == RULES
            connection.execute(update(sync_state).where(rules).values(value="0"))
            for table in (renewal_due, customer_standing):
                connection.execute(update(table).values(arr=1))
            connection.execute(update(renewal_past).values(after=1))
        another = open_engine(database_url)
        with lock.sync_lock(another), monkeypatch.context() as patched:
            patched.setattr(lock, "PATIENCE", 0.0)
            with pytest.raises(RefreshError, match="Another process is bringing the database up to date"):
                refresh(settings)
        another.dispose()
        with ThreadPoolExecutor(2) as both:
            found = [both.submit(kept) for _ in range(2)]
        assert [each.result() for each in found] == [built, built]


def test_a_missing_application_database_is_named_and_the_rest_arrives(tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path / 'none.db'}"
    with small_business(tmp_path, application_database_url=elsewhere) as settings:
        done = refresh(settings)
        assert "application database" in done.problems[APPLICATION]
        assert rows(settings) == (30, 0)
        with open_database(settings) as engine:
            states = data_status(engine).resources.set_index("resource")
        assert states.loc[APPLICATION, "state"] == "failed"


def test_stripe_out_of_reach_says_so_without_the_key(tmp_path: Path) -> None:
    with small_business(tmp_path) as settings:
        fault(settings, kind="status", status=401)
        with pytest.raises(RefreshError, match="401") as caught:
            refresh(settings)
        key = settings.stripe_api_key
        assert key
        assert key.get_secret_value() not in str(caught.value)


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    nowhere = "postgresql://reader:hunter2@127.0.0.1:9/none"
    with (
        small_business(tmp_path, database_url=nowhere) as settings,
        pytest.raises(RefreshError, match="database failed") as caught,
    ):
        refresh(settings)
    assert "hunter2" not in str(caught.value)


def test_watching_follows_and_stops(tmp_path: Path) -> None:
    stop = threading.Event()
    with small_business(tmp_path) as settings:
        refresh(settings)
        quick = settings.model_copy(update={"sync_seconds": 0.05})
        worker = threading.Thread(target=watch, args=(quick, stop))
        worker.start()
        with open_database(settings) as engine:
            first = data_status(engine).last_success_at
            end = time.monotonic() + 10
            while data_status(engine).last_success_at == first and time.monotonic() < end:
                time.sleep(0.05)
            assert data_status(engine).last_success_at != first
        stop.set()
        worker.join(timeout=10)
        assert not worker.is_alive()


def test_an_error_that_nobody_foresaw_is_told_and_watching_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What a sync remembers was spoilt: the watch says so and finds its way when it is put right."""
    with small_business(tmp_path, sync_seconds=5) as settings:
        refresh(settings)
        cursor = sync_state.c.name == "event_cursor"
        with open_database(settings) as engine, engine.begin() as connection:
            before = connection.scalar(select(sync_state.c.value).where(cursor))
            connection.execute(update(sync_state).where(cursor).values(value={"newest": {}}))
        with pytest.raises(RefreshError, match="The app failed while it read"):
            refresh(settings)
        stop, bell = threading.Event(), threading.Event()
        watcher = threading.Thread(target=watch, args=(settings, stop, bell))
        watcher.start()
        bell.set()
        until = time.monotonic() + 30
        while "could not be brought up to date" not in caplog.text and time.monotonic() < until:
            time.sleep(0.05)
        with open_database(settings) as engine, engine.begin() as connection:
            connection.execute(update(sync_state).where(cursor).values(value=before))
        assert watcher.is_alive()
        stop.set()
        bell.set()
        watcher.join()
        assert refresh(settings).problems == {}
