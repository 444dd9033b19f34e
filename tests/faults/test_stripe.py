"""Stripe that refuses, stumbles, talks nonsense, half a sentence, slowly or not at all: late, never wrong."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data import gateway as gateways
from data.database import open_engine
from data.gateway import Gateway, GatewayError
from data.limiter import unlimited
from data.sync import sync
from data.tables import metadata
from tests.faults import pages
from tests.faults.world import app, changed, clean, equal, until
from tests.sandbox_server import API_KEY

pytestmark = pytest.mark.faults
WRONG = {
    "429": {"kind": "status", "status": 429, "retry_after": 0.01, "probability": 0.3},
    "500": {"kind": "status", "status": 500, "probability": 0.3},
    "garbage": {"kind": "garbage", "probability": 0.3},
    "half a body": {"kind": "truncate", "probability": 0.3},
    "lost answers": {"kind": "drop", "probability": 0.3},
    "slow": {"kind": "slow", "seconds": 0.2, "probability": 0.3},
    "silence": {"kind": "slow", "seconds": 4.0, "probability": 0.1},
    "all of it": {"kind": "status", "status": 500, "probability": 0.9},
}


@pytest.mark.parametrize("name", WRONG)
def test_the_tables_are_those_of_a_better_day(
    name: str,
    tmp_path: Path,
    base: str,
    wrong: Callable[..., None],
    report: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateways, "TIMEOUT", (1.0, 1.0))  # seconds; the app waits a minute
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    engine = open_engine(url)
    metadata.create_all(engine)
    failed, began, asked = 0, time.monotonic(), 0
    wrong(**WRONG[name])
    with Gateway(API_KEY, base, limiter=unlimited(), attempts=4, first_pause=0.01) as gateway:
        for attempt in range(30):
            if attempt == 20:
                wrong()
            try:
                report_of_sync = sync(engine, gateway)
            except GatewayError:
                failed += 1
                continue
            if attempt == 0:
                changed(base, 20) if name == "slow" else None
            if not report_of_sync.problems:
                break
            failed += 1
        asked = gateway.requests
        wrong()
        sync(engine, gateway)
    engine.dispose()
    report(seconds=f"{time.monotonic() - began:.1f}", syncs_that_failed=failed, requests=asked)
    assert equal(url, clean(tmp_path, base))
    assert pages.whole(url)


MOODS = {
    "429": {"kind": "status", "status": 429, "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "garbage": {"kind": "garbage"},
    "half a body": {"kind": "truncate"},
    "lost answers": {"kind": "drop"},
    "slow": {"kind": "slow", "seconds": 5.0, "probability": 0.5},
    "silence": {"kind": "slow", "seconds": 80.0},
}
PATIENT = {"slow": 10, "silence": 15}
"""Seconds in which the app waits and has nothing to complain of."""
TROUBLE = 90  # seconds in which the app gives up, and says so


def test_an_app_with_somebody_on_a_page_lives_through_every_mood(
    tmp_path: Path,
    file_url: str,
    base: str,
    wrong: Callable[..., None],
    browser: Browser,
    report: Callable[..., None],
) -> None:
    """The page stays and says its age, all others too; when Stripe is well again, it is all there."""
    with app(tmp_path, file_url, base) as running:
        tab = browser.new_page()
        tab.goto(f"{running.address}/data_health")
        expect(tab.get_by_text("Data as of")).to_be_visible(timeout=30_000)
        changed(base, 1)
        until(lambda: "sync" in running.log.read_text())  # its process has begun
        for name, mood in MOODS.items():
            told, began = len(running.log.read_text()), time.monotonic()
            changed(base, 1)
            wrong(**mood)
            if name in PATIENT:
                time.sleep(PATIENT[name])
            else:
                until(lambda: '"warning"' in running.log.read_text()[told:], TROUBLE)  # noqa: B023
            assert pages.whole(file_url)
            expect(tab.get_by_text("Data as of")).to_be_visible()
            assert "Traceback" not in tab.content()
            assert running.get("/healthz").is_success
            assert "traceback" not in running.log.read_text()[told:].lower(), name
            wrong()
            changed(base, 5)
            expected = clean(tmp_path, base)
            until(lambda: equal(file_url, expected), 120)  # noqa: B023
            report(**{f"seconds with {name}": f"{time.monotonic() - began:.0f}"})
        tab.get_by_role("link", name="Churn").click()
        expect(tab.get_by_role("heading", name="Churn", exact=True)).to_be_visible(timeout=30_000)
