"""Every case is told twice: with all events, and from what invoices and the present state show."""

from collections.abc import Callable, Iterator

import pytest

from data.sandbox.store import Store
from tests.data.history.told import Moves, Told, moves


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    store = Store(None)
    yield store
    store.close()


@pytest.fixture
def told(store: Store) -> Told:
    """A customer with a card that works, on the first of January."""
    return Told(store, "2026-01-01")


@pytest.fixture(params=["events", "invoices"])
def ledger_of(request: pytest.FixtureRequest) -> Callable[[Told], Moves]:
    """What the ledger says, from each kind of evidence in turn."""
    return lambda told: moves(told, request.param == "events")
