"""Stripe that refuses, stumbles, talks nonsense, half a sentence, slowly or not at all: late, never wrong."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data import gateway as gateways
from data.database import open_engine
from data.gateway import Gateway, GatewayError
from data.limiter import unlimited
from data.sync import sync
from data.tables import metadata
from tests.faults.world import changed, clean, equal
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
