"""The examples of a business that begins: all of them, each on its day, or none and nothing left behind."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from dashboard.actions import quoting_completing
from dashboard.addons.states import PATHS, STATES
from dashboard.examples.beginning import DAYS, begin, days
from data import audit, clock, config, frames
from data.addons import storage
from data.config import Settings
from data.database import open_engine
from data.quotes import drafts, offers, states
from data.refresh import refresh
from data.sandbox import lifetime
from data.sandbox.lifetime import Generated
from data.sandbox.store import Store
from data.tables.actions import approval, audit_entry
from tests.sandbox_server import API_KEY, running

SMALL = Generated(customers=30, months=4, seed=5, waits=DAYS)


@contextmanager
def waiting(folder: Path) -> Iterator[tuple[Store, Settings]]:
    """A sandbox whose history waits, and settings that name it and a database that is not there."""
    store = Store()
    history = lifetime.begin(store, SMALL, int(time.time()))
    with running(store, move=partial(_move, history=history)) as stripe:
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": stripe, "VAR_FOLDER": str(folder)}
        chosen = Settings(**named)  # type: ignore[arg-type]
        config.use(chosen)
        yield store, chosen
    config.use(None)
    store.close()


def _move(store: Store, to: int, history: object) -> None:
    lifetime.go_on(store, history, to)  # type: ignore[arg-type]


def test_the_examples_are_there_with_the_first_sync(tmp_path: Path) -> None:
    with waiting(tmp_path) as (store, chosen):
        url = chosen.database_url.get_secret_value()
        begin(chosen)
        assert store.meta("origin") == "generated"
        assert days(chosen) == 0  # there is a database now
        assert not list(tmp_path.glob("*-examples*"))
        refresh(chosen)
        assert quoting_completing.waiting(url) == []  # and what ended at Stripe by itself is noted
        engine = open_engine(url)
        found = {each.id: each for each in drafts.listed(engine)}
        told = Counter(each.state for each in found.values())
        assert told == {
            "accepted": 2,
            "declined": 1,
            "expired": 1,
            "superseded": 1,
            "sent": 2,
            "waiting": 2,
            "approved": 1,
            "draft": 2,
            "withdrawn": 1,
        }
        (first,) = [each for each in found.values() if each.fields.get("po_number")]
        age = clock.now() - first.created_at
        assert timedelta(70) < age < timedelta(71)
        (offer,) = offers.offers(engine, first.id)
        assert offer.completed_at is not None
        assert [each["status"] for each in store.where("invoices", "customer", offer.customer_id)] == ["paid"]
        moves = [each.at for key in found for each in states.history(engine, key)]
        assert max(moves) <= clock.now()
        with engine.connect() as connection:
            assert audit.first_broken(connection) is None
            people = set(connection.scalars(select(audit_entry.c.person)))
            asked = Counter(connection.scalars(select(approval.c.state)))
        assert asked == {"approved": 1, "declined": 1, "waiting": 1}
        assert people == {"local sales", "local manager", "local finance", "Stripe", "system"}
        setups = {(each.addon, each.state) for each in storage.due(url, tuple(PATHS), tuple(STATES), 0)}
        assert setups == {("sso", "waiting"), ("custom_domain", "waiting"), ("sla", "active")}
        assert frames.approvals_waiting(engine, at=clock.now()) == asked["waiting"] + told["waiting"] == 3
        engine.dispose()


def test_what_cannot_be_made_leaves_nothing_and_time_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with waiting(tmp_path) as (store, chosen):
        fault = {"path": "/v1/quotes", "method": "POST", "status": 400, "times": 5}
        assert requests.post(f"{chosen.stripe_api_base}/sandbox/faults", json=fault, timeout=5).ok
        begin(chosen)
        assert "begins without them" in caplog.text
        assert store.meta("origin") == "generated"
        assert not list(tmp_path.glob("dashboard.db*"))
        assert days(chosen) == DAYS
