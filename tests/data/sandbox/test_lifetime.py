"""A sandbox begins once, goes on where it was, and its application database keeps up with it."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from data.sandbox import lifetime
from data.sandbox.lifetime import (
    DAY,
    Exported,
    Generated,
    OtherHistoryError,
    begin,
    go_on,
    keep_time,
    match_application,
    opened,
)
from data.sandbox.store import Store

NOW = 1_795_302_000
SMALL = Generated(customers=20, months=3, seed=5)


@pytest.fixture
def store() -> Store:
    """A small generated business in memory."""
    store = Store(None)
    begin(store, SMALL, NOW)
    return store


def test_a_generated_history_is_brought_up_to_the_present(store: Store) -> None:
    invoices = len(list(store.all("invoices")))
    begin(store, SMALL, NOW + 40 * DAY)
    assert store.now == NOW + 40 * DAY
    assert len(list(store.all("invoices"))) > invoices
    store.close()


def test_time_never_goes_back(store: Store) -> None:
    begin(store, SMALL, NOW - DAY)
    assert store.now == NOW
    store.close()


def test_an_export_does_not_mix_with_another_history(store: Store, tmp_path: Path) -> None:
    with pytest.raises(OtherHistoryError, match="another history"):
        begin(store, Exported(tmp_path), NOW)
    store.close()


def test_an_empty_sandbox_is_a_beginning_too() -> None:
    store = Store(None)
    begin(store, None, NOW)
    assert store.now == NOW
    assert list(store.all("customers")) == []
    store.close()


def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    half = Store(file)
    half.put("customers", {"id": "cus_half", "object": "customer", "created": NOW})
    half.close()
    store = opened(file)
    assert list(store.all("customers")) == []
    begin(store, None, NOW)
    store.put("customers", {"id": "cus_whole", "object": "customer", "created": NOW})
    store.close()
    again = opened(file)
    assert [customer["id"] for customer in again.all("customers")] == ["cus_whole"]
    again.close()


def test_the_application_database_is_made_once_a_day_or_when_missing(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "application.db"
    url = f"sqlite:///{file}"
    assert match_application(store, url)
    assert not match_application(store, url)
    file.unlink()
    assert match_application(store, url)
    for part in file.parent.glob("application.db*"):
        part.write_bytes(b"this is no database, " * 400)
    assert match_application(store, url)
    begin(store, SMALL, NOW + DAY)
    assert match_application(store, url)
    store.close()


def test_a_running_sandbox_keeps_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "TICK", 0.01)
    stop = threading.Event()
    store.set_now(int(time.time()) - 5)
    keeper = threading.Thread(target=keep_time, args=(store, stop))
    keeper.start()
    end = time.monotonic() + 5
    while store.now < int(time.time()) - 1 and time.monotonic() < end:
        time.sleep(0.01)
    stop.set()
    keeper.join()
    assert store.now >= int(time.time()) - 2
    store.close()


def test_a_history_that_waits_counts_as_half_made_until_it_is_told(tmp_path: Path) -> None:
    file, waits = tmp_path / "state.db", replace(SMALL, waits=40)
    store = opened(file)
    history = begin(store, waits, NOW)
    assert history is not None
    assert store.now == NOW - 40 * DAY
    go_on(store, history, NOW - 10 * DAY)
    store.close()
    again = opened(file)
    assert again.now == 0
    history = begin(again, waits, NOW)
    go_on(again, history, NOW + DAY)
    assert again.now == NOW + DAY
    assert begin(again, waits, NOW + DAY) is None
    again.close()
