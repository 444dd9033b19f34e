"""A small generated business: a running sandbox, an application database, and settings that point at both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from data.config import Settings, load
from data.sandbox.company import build
from data.sandbox.generate import generate
from data.sandbox.store import Store
from tests.sandbox_server import API_KEY, running

UNTIL = 1_795_302_000  # 2026-11-21T23:00:00Z


def small_store() -> Store:
    """A generated store in memory: a few dozen customers over half a year."""
    store = Store(None)
    generate(store, customers=30, months=6, seed=3, until=UNTIL)
    return store


@contextmanager
def small_business(folder: Path, **settings: Any) -> Iterator[Settings]:
    """Settings that point at a running sandbox and an application database under a folder."""
    store = small_store()
    application = f"sqlite:///{folder / 'application.db'}"
    build(store, application)
    chosen = {
        "stripe_api_key": API_KEY,
        "stripe_requests_per_second": 10_000,
        "stripe_requests_per_second_endpoint": 10_000,
        "database_url": f"sqlite:///{folder / 'dashboard.db'}",
        "application_database_url": application,
    }
    with running(store) as url:
        yield load(**(chosen | {"stripe_api_base": url} | settings))
    store.close()


def fault(settings: Settings, **wrong: Any) -> None:
    """Tell the sandbox to do something wrong from now on."""
    httpx.post(f"{settings.stripe_api_base}/sandbox/faults", json=wrong).raise_for_status()
