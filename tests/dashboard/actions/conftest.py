"""Actions on a real sandbox over HTTP, written down in a real database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from dashboard.actions import running
from dashboard.actions.base import Actor, Command, Preview
from data.gateway import Gateway
from data.limiter import Limiter
from data.sandbox.store import Store
from data.tables.actions import action, audit_entry
from tests.data.sandbox.conftest import speaking
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import API_KEY, successive

ACTOR = Actor("ada", "finance", lambda _: True)


@dataclass
class Desk:
    """Where staff act: the sandbox's scenario, the way to it, and the app's database."""

    scenario: Scenario
    gateway: Gateway
    engine: Engine
    client: httpx.Client

    @property
    def url(self) -> str:
        """The database's address."""
        return self.engine.url.render_as_string(hide_password=False)

    @property
    def stripe(self) -> str:
        """Where the sandbox answers."""
        return self.gateway.base

    def preview(self, command: Command) -> Preview:
        """What the command would do."""
        return running.preview(self.gateway, ACTOR, command)

    def do(self, command: Command, shown: Preview | None = None, reason: str = "asked by phone") -> str:
        """Preview and carry out."""
        shown = shown or self.preview(command)
        return running.execute(self.url, self.gateway, ACTOR, command, shown, reason)

    def fault(self, **fault: Any) -> None:
        """Tell the sandbox to fail."""
        assert self.client.post("/sandbox/faults", json=fault).status_code == 200

    def states(self) -> list[str]:
        """The states of all actions, the oldest first."""
        with self.engine.connect() as connection:
            return list(connection.scalars(select(action.c.state).order_by(action.c.created_at)))

    def audited(self) -> list[Any]:
        """The audit's entries."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(audit_entry).order_by(audit_entry.c.id)))


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Store], str]]:
    """A server for the sandbox of each desk in turn."""
    with successive() as put:
        yield put


@contextmanager
def desk_of(put: Callable[[Store], str], engine: Engine, attempts: int) -> Iterator[Desk]:
    """A desk with one customer who has a good card; trouble is met with so many attempts."""
    store = Store()
    scenario = Scenario(store, "2026-01-03")
    url, quick = put(store), Limiter(10_000, 10_000)
    with (
        speaking(url) as client,
        Gateway(API_KEY, url, limiter=quick, attempts=attempts, first_pause=0.001) as gateway,
    ):
        yield Desk(scenario, gateway, engine, client)
    store.close()


@pytest.fixture
def desk(served: Callable[[Store], str], engine: Engine) -> Iterator[Desk]:
    """A desk of the test's own."""
    with desk_of(served, engine, attempts=2) as desk:
        yield desk


@pytest.fixture
def sqlite_desk(served: Callable[[Store], str], sqlite_engine: Engine) -> Iterator[Desk]:
    """The same, where it is about Stripe alone and one database is enough."""
    with desk_of(served, sqlite_engine, attempts=2) as desk:
        yield desk
