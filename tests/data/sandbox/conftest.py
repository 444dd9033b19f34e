"""Fixtures of the sandbox's tests: stores, and a real server on a free port."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from data.sandbox.account import load
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import API_KEY, running

NOW = 1_795_302_000


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory, its clock at NOW."""
    store = Store()
    store.set_now(NOW)
    yield store
    store.close()


@pytest.fixture
def client(store: Store) -> Iterator[httpx.Client]:
    """Speaks to a server on the store with a test key."""
    with running(store) as url, speaking(url) as client:
        yield client


def speaking(url: str, key: str = API_KEY) -> httpx.Client:
    """A plain HTTP client with a key; without certificates, which take longer to load than a test."""
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=10, verify=False)


@pytest.fixture(scope="session")
def reference_store(stripe_account: Path) -> Iterator[Store]:
    """The reference account; only for tests that change nothing."""
    store = Store()
    load(store, stripe_account, NOW)
    yield store
    store.close()


@pytest.fixture(scope="session")
def reference_url(reference_store: Store) -> Iterator[str]:
    """A server on the reference account; only for tests that change nothing."""
    with running(reference_store) as url:
        yield url


@pytest.fixture
def scenario(store: Store) -> Scenario:
    """A product, a customer with a good card, and a clock at 3 January 2026, 10:00."""
    return Scenario(store, "2026-01-03")
