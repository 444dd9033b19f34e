"""Processes that are killed, several of them on one database, and clocks that jump."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx
import orjson
import pytest
from sqlalchemy import func, select, text

from data.config import PROJECT
from data.database import open_engine
from data.sync.lock import LOCK_NUMBER
from data.tables.operations import sync_run
from tests.dashboard.commands.processes import environment
from tests.faults import pages
from tests.faults.world import App, app, changed, clean, equal, follow, signed, until
from tests.sandbox_server import API_KEY

pytestmark = pytest.mark.faults


def test_an_app_that_is_killed_again_and_again(
    tmp_path: Path, database_url: str, base: str, report: Callable[..., None]
) -> None:
    """While it starts, migrates, reads everything, takes webhooks and follows them."""
    random = Random(3)
    for _ in range(6):
        environ = environment(
            tmp_path,
            DATABASE_URL=database_url,
            STRIPE_API_KEY=API_KEY,
            STRIPE_API_BASE=base,
            SYNC_SECONDS="5",
            PORT="0",
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "run"], cwd=PROJECT, env=environ, stderr=subprocess.DEVNULL
        )
        time.sleep(random.uniform(1.5, 9))
        process.kill()
        process.wait()
    events = changed(base, 40)
    with app(tmp_path, database_url, base) as running:
        for event in events:
            body = orjson.dumps(event)
            httpx.post(f"{running.address}/webhooks/stripe", content=body, headers=signed(body))
        time.sleep(random.uniform(0, 1.5))
        running.kill()
    began = time.monotonic()
    with app(tmp_path, database_url, base) as running:
        until(lambda: running.get("/readyz").is_success)
        report(seconds_from_start_to_ready=f"{time.monotonic() - began:.1f}")
        assert running.stop() in (0, -signal.SIGTERM)
    follow(database_url, base)
    assert equal(database_url, clean(tmp_path, base))
    assert pages.whole(database_url)


def test_one_of_two_processes_leads_and_the_other_takes_over(
    tmp_path: Path, postgres_url: str, base: str, report: Callable[..., None]
) -> None:
    expected = until(lambda: clean(tmp_path, base))
    with app(tmp_path, postgres_url, base) as first, app(tmp_path, postgres_url, base) as second:
        until(lambda: first.get("/readyz").is_success and second.get("/readyz").is_success)
        assert equal(postgres_url, expected)
        changed(base, 200)
        held = [_leaders(postgres_url) for _ in range(200) if not time.sleep(0.1)]  # their syncs start late
        assert max(held) == 1
        first.kill()
        changed(base, 30)
        began = time.monotonic()
        expected = clean(tmp_path, base)
        until(lambda: equal(postgres_url, expected), 90)
        report(seconds_until_the_other_had_taken_over=f"{time.monotonic() - began:.1f}")
        assert second.get("/readyz").is_success
        assert second.get("/").is_success
        assert pages.whole(postgres_url)


def _leaders(url: str) -> int:
    """How many hold the sync's lock."""
    engine = open_engine(url)
    query = text("select count(*) from pg_locks where locktype = 'advisory' and objid = :n and granted")
    with engine.connect() as connection:
        held = int(connection.execute(query, {"n": LOCK_NUMBER}).scalar_one())
    engine.dispose()
    return held


def test_a_leader_that_hangs_loses_nothing_and_one_that_dies_is_followed_at_once(
    tmp_path: Path, postgres_url: str, base: str, wrong: Callable[..., None], report: Callable[..., None]
) -> None:
    """The one that leads waits for Stripe in the middle of a sync when it is killed."""
    follow_first = App(tmp_path, postgres_url, base)
    try:
        until(lambda: follow_first.get("/readyz").is_success)
        changed(base, 50)
        wrong(path="/v1/customers/", kind="slow", seconds=20, times=20)
        until(lambda: _leaders(postgres_url) == 1)
        os.kill(follow_first.process.pid, signal.SIGKILL)
        follow_first.process.wait()
    finally:
        follow_first.kill()
    wrong()
    began = time.monotonic()
    until(lambda: _leaders(postgres_url) == 0)
    follow(postgres_url, base)
    report(seconds_until_another_could_lead=f"{time.monotonic() - began:.1f}")
    assert equal(postgres_url, clean(tmp_path, base))
    assert pages.whole(postgres_url)
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(sync_run)) >= 2
    engine.dispose()


CLOCK = """
import sys
from datetime import timedelta
from data import clock
real, jump = clock.now, timedelta(days=float(sys.argv[3]))
clock.now = lambda: real() + jump
import time
told, away = time.time, jump.total_seconds()
time.time = lambda: told() + away
from tests.faults import pages
from tests.faults.world import follow
follow(sys.argv[1], sys.argv[2])
"""


def test_this_machines_clock_jumps(tmp_path: Path, base: str, report: Callable[..., None]) -> None:
    """Two days ahead, a year back, forty days ahead: Stripe's time is what counts."""
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    subprocess.run(
        [sys.executable, "-m", "dashboard", "migrate"],
        cwd=PROJECT,
        check=True,
        stderr=subprocess.DEVNULL,
        env=environment(tmp_path, DATABASE_URL=url),
    )
    jumps = (0, 2, -365, 40, 0)
    for jump in jumps:
        changed(base, 10)
        command = [sys.executable, "-c", CLOCK, url, base, str(jump)]
        subprocess.run(command, cwd=PROJECT, check=True)
    report(jumps_in_days=", ".join(map(str, jumps)))
    assert equal(url, clean(tmp_path, base))
    assert pages.whole(url)
