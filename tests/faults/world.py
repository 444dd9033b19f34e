"""A small company on a stand-in for Stripe, the app in processes of its own, and what must hold after all."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import stripe
from sqlalchemy import Connection, Engine, Table, func, select

from data.config import PROJECT
from data.database import open_engine
from data.frames import past_sums
from data.gateway import Gateway
from data.limiter import unlimited
from data.rollups import EVERYBODY, MEASURES
from data.sync import SyncRunningError, sync
from data.tables import ledger, metadata
from data.tables.due import renewal_due, renewal_past_sum
from tests.dashboard.commands.processes import environment
from tests.data.sync.account_server import contents
from tests.sandbox_server import API_KEY

SECRET = "whsec_of_the_faults"
ADDRESS = re.compile(r"http://localhost:\d+")
FULL = bool(os.environ.get("FAULTS"))
"""Whether the long form runs: `make faults`."""


class App:
    """`python -m dashboard run` against a stand-in, in a process of its own."""

    def __init__(self, folder: Path, url: str, base: str, **settings: str) -> None:
        self.log = folder / f"app-{time.monotonic_ns()}.log"
        chosen = {
            "DATABASE_URL": url,
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_API_BASE": base,
            "STRIPE_REQUESTS_PER_SECOND": "10000",
            "STRIPE_REQUESTS_PER_SECOND_ENDPOINT": "10000",
            "STRIPE_WEBHOOK_SECRETS": f"whsec_before, {SECRET}",
            "SYNC_SECONDS": "5",
            "LOG_FORMAT": "json",
            "PORT": "0",
        }
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "run"],
                cwd=PROJECT,
                env=environment(folder, **(chosen | settings)),
                stderr=output,
                preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            )
        self.address = str(until(self._address, 90))

    def _address(self) -> str | None:
        assert self.process.poll() is None, self.log.read_text()
        found = ADDRESS.search(self.log.read_text())
        return found[0] if found else None

    def get(self, path: str) -> httpx.Response:
        """What a route answers."""
        return httpx.get(f"{self.address}{path}", timeout=20)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a service manager stops it; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)


@contextmanager
def app(folder: Path, url: str, base: str, **settings: str) -> Iterator[App]:
    """An app that is gone after the block, whatever happens; what it logged holds no secret."""
    started = App(folder, url, base, **settings)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.kill()
        told = started.log.read_text()
        assert API_KEY not in told
        assert SECRET not in told


def until(found: Callable[[], Any], seconds: float = 60) -> Any:
    """Ask until there is something; what it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (answer := found()) not in (None, False):
            return answer
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def figures(engine: Engine) -> dict[str, Any]:
    """Everything that pages are made of: the mirror, the ledger and its sums, in an order of their own."""
    with engine.connect() as connection:
        sums = {table.name: _everybody(connection, table) for table in MEASURES}
        doubled = _doubled(connection)
        lines, moves = (
            sorted(
                tuple(str(value) for name, value in row.items() if name not in ("id", "sub"))
                for row in connection.execute(select(table)).mappings()
            )
            for table in (ledger.timeline, ledger.movement)
        )
    return {**contents(engine), **sums, "doubled": doubled, "timeline": lines, "movement": moves}


def _everybody(connection: Connection, table: Table) -> list[tuple[str, ...]]:
    """The rows of a rollup that are over all customers: audiences have numbers of their own."""
    query = select(table)
    if "audience_id" in table.c:
        query = query.where(table.c.audience_id == EVERYBODY)
    return sorted(tuple(map(str, row)) for row in connection.execute(query))


def _doubled(connection: Connection) -> tuple[int, bool]:
    """How many periods that fall due are there twice, and whether what fell due is added up otherwise."""
    due, past = renewal_due.c, renewal_past_sum
    key = (due.subscription_id, due.due_at, due.interval)
    twice = connection.execute(select(*key).group_by(*key).having(func.count() > 1)).all()
    kept, direct = (
        sorted(tuple(map(str, row)) for row in connection.execute(query))
        for query in (select(past), past_sums.summed(connection.dialect.name))
    )
    return len(twice), kept != direct


def clean(folder: Path, base: str) -> dict[str, Any]:
    """The figures of a database that nothing ever happened to."""
    engine = open_engine(f"sqlite:///{folder / f'clean-{time.monotonic_ns()}.db'}")
    metadata.create_all(engine)
    with Gateway(API_KEY, base, limiter=unlimited()) as gateway:
        sync(engine, gateway)
    found = figures(engine)
    engine.dispose()
    return found


def equal(url: str, expected: dict[str, Any]) -> bool:
    """Whether a database holds the same figures."""
    engine = open_engine(url)
    try:
        return figures(engine) == expected
    finally:
        engine.dispose()


def follow(url: str, base: str) -> None:
    """One sync in this process, as the next process would do it: once what another left over has ended."""
    engine = open_engine(url)

    def done() -> bool:
        try:
            sync(engine, gateway)
        except SyncRunningError:
            return False
        return True

    try:
        with Gateway(API_KEY, base, limiter=unlimited()) as gateway:
            until(done)
    finally:
        engine.dispose()


def changed(base: str, count: int) -> list[dict[str, Any]]:
    """So many changes at the stand-in, over its API; the events that they made, oldest first."""
    with httpx.Client(base_url=base, auth=(API_KEY, ""), timeout=30) as client:
        customers = client.get("/v1/customers", params={"limit": 30}).json()["data"]
        known = {event["id"] for event in _events(client, count)}
        for number in range(count):
            customer = customers[number % len(customers)]["id"]
            client.post(f"/v1/customers/{customer}", data={"description": f"change {number}"})
        return [event for event in _events(client, count) if event["id"] not in known][::-1]


def _events(client: httpx.Client, most: int) -> list[dict[str, Any]]:
    """The newest events, the newest first."""
    found: list[dict[str, Any]] = []
    while len(found) < most:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = client.get("/v1/events", params={"limit": 100, **after}).json()
        found += page["data"]
        if not page["has_more"]:
            break
    return found


def signed(body: bytes) -> dict[str, str]:
    """The header of a webhook that was signed now."""
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET)
    return {"stripe-signature": str(header), "content-type": "application/json"}
