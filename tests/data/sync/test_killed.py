"""A sync that is killed at any moment and started again ends as one that was not, and reads little twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlalchemy import Engine, select

from data.database import open_engine
from data.gateway import Gateway
from data.limiter import unlimited
from data.records import TABLES
from data.sync import sync
from data.tables import metadata
from tests.data.sync.account_server import account_store, contents
from tests.sandbox_server import API_KEY, running

CHECKOUT = Path(__file__).resolve().parents[3]
PROGRAM = """
import os, sys
from data.database import open_engine
from data.gateway import Gateway
from data.limiter import Limiter
from data.sync import sync

def child():
    engine = open_engine(sys.argv[1])
    with Gateway(sys.argv[3], sys.argv[2], limiter=Limiter(1e6, 20)) as gateway:
        sync(engine, gateway)

print("ready", flush=True)
while sys.stdin.readline():
    pid = os.fork()
    if pid == 0:
        child()
        os._exit(0)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
"""Forks a sync, of at most 20 requests a second, for every line it reads; so the imports are paid once."""


@pytest.fixture
def uninterrupted(tmp_path: Path) -> Iterator[Engine]:
    """Another database, for a sync that nobody kills."""
    engine = open_engine(f"sqlite:///{tmp_path / 'uninterrupted.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def syncs(database_url: str, base: str) -> Iterator[subprocess.Popen[str]]:
    """A process that starts syncs."""
    command = [sys.executable, "-c", PROGRAM, database_url, base, API_KEY]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=CHECKOUT, text=True, **pipes) as process:
        assert said(process) == "ready"
        yield process


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def killed(syncs: subprocess.Popen[str], seconds: float) -> bool:
    """Start a sync and kill it after so long; whether it was still running then."""
    assert syncs.stdin is not None
    syncs.stdin.write("sync\n")
    syncs.stdin.flush()
    child = int(said(syncs))
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return said(syncs) == f"-{signal.SIGKILL:d}"


def committed(engine: Engine) -> set[tuple[str, str]]:
    """Every object whose page was written, as (resource, id).

    Left out: what also comes inside other objects, and events, the newest of which are read again on purpose.
    """
    lists = {name: table for name, table in TABLES.items() if name not in ("prices", "coupons", "events")}
    with engine.connect() as connection:
        return {
            (name, key)
            for name, table in lists.items()
            for key in connection.execute(select(table.c.id)).scalars()
        }


def pages_read(base: str) -> set[tuple[str, str]]:
    """The objects on all pages that were asked for since the last call: each page is asked for once more."""
    asked = httpx.get(f"{base}/sandbox/requests").json()["requests"]
    seen = set()
    with httpx.Client(base_url=base, auth=(API_KEY, "")) as client:
        for each in asked:
            if each["method"] == "GET" and "limit=100" in each["query"]:
                page = client.get(f"{each['path']}?{each['query']}").json()
                seen |= {(each["path"].removeprefix("/v1/"), obj["id"]) for obj in page["data"]}
        client.delete("/sandbox/requests")
    return seen


@pytest.fixture
def base(stripe_account: Path) -> Iterator[str]:
    """The reference account on a server."""
    with running(account_store(stripe_account)) as url:
        yield url


@pytest.mark.slow
def test_ten_kills_leave_the_same_tables(
    engine: Engine, uninterrupted: Engine, base: str, syncs: subprocess.Popen[str]
) -> None:
    random = Random(10)
    kills, written, patience = 0, [], 1.0
    for _ in range(10):
        before = committed(engine)
        kills += killed(syncs, random.uniform(0.1, 0.6) * patience)
        assert not before & pages_read(base), "a page that was written was read again"
        written.append(len(committed(engine)))
        patience *= 1.0 if written[-1] else 1.5  # a busy machine needs longer to write anything
    with Gateway(API_KEY, base, limiter=unlimited()) as gateway:
        sync(engine, gateway)
        sync(uninterrupted, gateway)
    assert kills >= 5
    assert len(set(written)) > 2, "the kills came before anything was written"
    assert contents(engine) == contents(uninterrupted)
