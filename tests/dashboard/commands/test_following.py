"""The sync as a child: begun when there is something to do, another one when it is killed, gone with us."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Select, select

from dashboard.commands import following
from data import config
from data.database import open_engine
from data.refresh import refresh
from data.tables import mirror
from tests.sandbox_server import API_KEY
from tests.small_business import small_business

pytestmark = pytest.mark.slow


def until(found: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def syncing() -> list[int]:
    """The ids of this process's children that sync."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "--until-parent-ends" in line]


def test_after_a_start_that_failed_a_child_begins_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    listening = [sys.executable, "-c", "import sys; sys.stdin.read()", "--until-parent-ends"]
    monkeypatch.setattr(following, "COMMAND", listening)
    stop, bell = threading.Event(), threading.Event()
    given = (config.load(stripe_api_key=API_KEY, sync_seconds=3600), stop, bell, 0.01)
    worker = threading.Thread(target=following.beside, args=given, daemon=True)
    worker.start()
    until(lambda: len(syncing()) == 1)
    stop.set()
    bell.set()
    worker.join(timeout=20)
    assert syncing() == []


def test_a_child_syncs_when_told_is_replaced_and_ends_with_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AGAIN", 0.2)
    stop, bell = threading.Event(), threading.Event()
    with small_business(tmp_path, application_database_url=None) as settings:
        refresh(settings)
        engine = open_engine(settings.database_url.get_secret_value())
        worker = threading.Thread(target=following.beside, args=(settings, stop, bell), daemon=True)
        worker.start()

        def renamed(name: str) -> Callable[[], bool]:
            """Change something at the stand-in, ring, and say whether it has arrived."""
            with httpx.Client(base_url=str(settings.stripe_api_base), auth=(API_KEY, "")) as stripe:
                customer = stripe.get("/v1/customers", params={"limit": 1}).json()["data"][0]["id"]
                stripe.post(f"/v1/customers/{customer}", data={"name": name}).raise_for_status()
            bell.set()
            query = select(mirror.customer.c.name).where(mirror.customer.c.id == customer)
            return lambda: told(query) == name

        def told(query: Select[tuple[str]]) -> str | None:
            with engine.connect() as connection:
                return connection.scalar(query)

        assert syncing() == []
        until(renamed("At first"))
        (first,) = syncing()
        until(renamed("Told over the pipe"))
        assert syncing() == [first]
        os.kill(first, signal.SIGKILL)
        until(renamed("By another one"))
        (second,) = syncing()
        assert second != first
        stop.set()
        bell.set()
        worker.join(timeout=20)
        assert not worker.is_alive()
        assert syncing() == []
        engine.dispose()
