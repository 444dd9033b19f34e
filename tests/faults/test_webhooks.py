"""Webhooks shuffled, doubled, a tenth dropped, and the process that took them killed: nothing is lost."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import quantiles

import httpx
import orjson

from data import webhooks
from tests.faults import pages
from tests.faults.world import FULL, app, changed, clean, equal, follow, signed

EVENTS = 10_000 if FULL else 150
SOON = 0.1  # seconds in which Stripe is to be answered
NOISE = 10  # times as long as that for a single one, on a machine that does other things


def test_ten_thousand_webhooks_of_which_many_go_astray(
    tmp_path: Path, file_url: str, base: str, report: Callable[..., None]
) -> None:
    random = Random(7)
    with app(tmp_path, file_url, base) as running, httpx.Client(base_url=running.address) as stripe:
        events = changed(base, EVENTS)
        assert len(events) == EVENTS
        sent = [event for event in events if random.random() >= 0.1]
        sent += random.sample(sent, len(sent) // 2)
        random.shuffle(sent)
        seconds = []
        for event in sent:
            body = orjson.dumps(event)
            began = time.perf_counter()
            answer = stripe.post("/webhooks/stripe", content=body, headers=signed(body))
            seconds.append(time.perf_counter() - began)
            assert answer.json() == {"received": True}
        running.kill()
    assert pages.whole(file_url)
    cuts = quantiles(seconds, n=100)
    report(
        sent=len(sent),
        median=f"{cuts[49] * 1000:.1f} ms",
        of_100_the_slowest=f"{cuts[98] * 1000:.0f} ms",
        slowest=f"{max(seconds) * 1000:.0f} ms",
        later_than_100_ms=sum(each > SOON for each in seconds),
    )
    assert cuts[49] < SOON
    assert cuts[98] < SOON * NOISE

    for _ in range(2 + EVENTS // webhooks.MOST):
        follow(file_url, base)

    assert equal(file_url, clean(tmp_path, base))
    assert pages.whole(file_url)
    assert list(webhooks.queue(file_url)["state"]) == ["done"]
