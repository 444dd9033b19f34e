"""Data health says what webhooks wait, and lets people sync and try dead ones again."""

from pathlib import Path
from shutil import copy as copied

import pytest
from sqlalchemy import insert

from data import clock, webhooks
from data.database import open_engine
from data.limiter import STATE
from data.sync.inbox import Waiting
from data.tables import operations
from data.tables.findings import finding
from tests.pages.conftest import App, said

PAGE = "data_health"


@pytest.fixture
def copy(business: str, tmp_path: Path) -> str:
    file = tmp_path / "dashboard.db"
    copied(business.removeprefix("sqlite:///"), file)
    return f"sqlite:///{file}"


def _dead(url: str) -> None:
    webhooks.store(url, {"id": "evt_1", "type": "customer.updated"}, clock.now())
    webhooks.settle(url, [Waiting("evt_1", {}, webhooks.TRIES)], {"evt_1": "Stripe said *no*."}, clock.now())


def test_without_webhooks_it_says_how_changes_arrive(open_app: App) -> None:
    assert "No webhooks are set up" in said(open_app(PAGE))


def test_dead_ones_are_named_and_tried_again(open_app: App, copy: str) -> None:
    _dead(copy)
    app = open_app(PAGE, copy)
    assert "1 event waits no more" in said(app)
    next(each for each in app.button if each.label == "Try the dead ones again").click().run()
    assert not app.exception
    assert [event.id for event in webhooks.waiting(copy, clock.now())] == ["evt_1"]


def test_who_only_looks_has_no_buttons(open_app: App, copy: str) -> None:
    _dead(copy)
    app = open_app(PAGE, copy, role="viewer")
    assert "1 event waits no more" in said(app)
    assert not {"Sync now", "Try the dead ones again"} & {each.label for each in app.button}


def test_a_sync_that_cannot_be_is_told(open_app: App, copy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_1")
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")
    app = open_app(PAGE, copy)
    next(each for each in app.button if each.label == "Sync now").click().run()
    assert not app.exception
    assert app.toast


def test_requests_and_what_disagrees_are_told(open_app: App, copy: str) -> None:
    engine = open_engine(copy)
    limit = {"per_endpoint": 20, "overall": 80, "waited": 3.21, "refused": 2, "slowed": {"coupons": 9.5}}
    named = {"kind": "plan_differs", "about": "acc_1", "per": "month", "first_seen_at": clock.now()}
    with engine.begin() as connection:
        connection.execute(insert(operations.sync_state).values(name=STATE, value=limit))
        connection.execute(insert(finding).values(finding="one", **named))
    engine.dispose()
    app = open_app(PAGE, copy)
    assert not app.exception
    for sentence in (
        "The limit is 80 a second, 20 to one endpoint.",
        "requests waited 3.2 s for their turn",
        "Stripe said 2 times",
        "coupons, 9.5 a second at most",
        "1 finding open, snoozed ones included.",
        "Plan differs: 1",
    ):
        assert sentence in said(app)
