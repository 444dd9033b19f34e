"""What syncs asked of Stripe, and whether Stripe said that it was too much."""

from datetime import timedelta

import httpx
from sqlalchemy import Engine, insert, select

from data import clock, frames
from data.gateway import Gateway
from data.limiter import Limiter
from data.sync import sync
from data.sync.runs import Book
from data.tables.findings import finding
from data.tables.operations import sync_run
from tests.sandbox_server import API_KEY, running
from tests.small_business import small_store


def test_requests_of_the_last_hour_and_what_was_refused(engine: Engine) -> None:
    assert frames.request_use(engine, clock.now()).loc[0, "limit"] is None
    store = small_store()
    with (
        running(store) as base,
        Gateway(API_KEY, base, limiter=Limiter(1000, 5000), first_pause=0.01) as gateway,
    ):
        wrong = {"kind": "status", "status": 429, "retry_after": 0.01, "path": "/v1/coupons", "times": 1}
        httpx.post(f"{base}/sandbox/faults", json=wrong).raise_for_status()
        done = sync(engine, gateway)
    store.close()
    use = frames.request_use(engine, clock.now()).iloc[0]
    assert (use["syncs"], use["requests"]) == (1, done.requests)
    assert use["busiest"] > 0
    assert (use["limit"]["per_endpoint"], use["limit"]["overall"]) == (1000, 5000)
    assert use["limit"]["refused"] == 1
    assert frames.request_use(engine, clock.now() + timedelta(hours=2)).loc[0, "syncs"] == 0


def test_a_sync_of_two_runs_that_fails_has_cost_once(engine: Engine) -> None:
    store = small_store()
    with running(store) as base, Gateway(API_KEY, base) as gateway:
        book = Book(engine, gateway)
        for kind in ("events", "sweep"):
            book.open(kind)
        gateway.page("/v1/products", {"limit": 1})
        book.fail(ValueError("of ours"), objects=7)
    store.close()
    assert frames.request_use(engine, clock.now()).loc[0, "requests"] == 1
    with engine.connect() as connection:
        assert connection.execute(select(sync_run.c.state, sync_run.c.objects)).all() == [
            ("failed", 7),
            ("failed", 0),
        ]


def test_open_findings_are_counted_by_kind(engine: Engine) -> None:
    rows = [("a", "plan_differs", None), ("b", "plan_differs", None), ("c", "plan_differs", clock.now())]
    with engine.begin() as connection:
        for name, kind, closed in rows:
            values = {"finding": name, "kind": kind, "about": name, "per": "month", "closed_at": closed}
            connection.execute(insert(finding).values(first_seen_at=clock.now(), **values))
    assert frames.findings_open(engine).to_dict("records") == [{"kind": "plan_differs", "findings": 2}]
