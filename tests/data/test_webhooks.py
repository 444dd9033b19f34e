"""Webhooks: signed, stored once, settled by a sync, tried again with patience, dead and replayed."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from starlette.applications import Starlette

from dashboard import webhooks as routes
from data import config, webhooks
from data.gateway import Gateway, GatewayError
from data.sandbox.store import Store
from data.sync import sync
from data.sync.inbox import Inbox
from data.sync.observations import Touched
from data.sync.reading import Reader
from data.tables import mirror
from data.tables.webhooks import webhook_event
from tests.asking import asked
from tests.data.sync.account_server import gateway_to
from tests.hostile import TEXTS
from tests.small_business import small_store

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OLD, NEW = "whsec_old", "whsec_new"
WORDS = ("id", "object", "type", "data", "lines", "parent", "customer", "subscription", "previous_attributes")
EVENT = {"id": "evt_1", "object": "event", "type": "x.updated", "livemode": False, "data": {"object": {}}}


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def states(url: str) -> dict[str, str]:
    with webhooks.inbox(url) as inbox, inbox.connect() as connection:
        query = select(webhook_event.c.id, webhook_event.c.state)
        return {row.id: row.state for row in connection.execute(query)}


@pytest.fixture
def served(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Settings with two signing secrets, while one is being replaced."""
    monkeypatch.setenv("DATABASE_URL", url_of(engine))
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", f"{NEW}, {OLD}")
    config.use(None)
    yield url_of(engine)
    config.use(None)


def post(body: bytes, header: str | None, rung: list[bool] | None = None) -> httpx.Response:
    """What the endpoint answers."""
    app = Starlette(routes=[routes.route(lambda: (rung if rung is not None else []).append(True))])

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ops") as client:
            headers = {"stripe-signature": header} if header else {}
            return await client.post("/webhooks/stripe", content=body, headers=headers)

    return asked(ask)


def signed(body: bytes, secret: str = NEW, age: int = 0) -> str:
    header = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, timestamp=int(time.time()) - age
    )
    return str(header)


def test_an_event_is_kept_once_and_rings_once(served: str) -> None:
    rung: list[bool] = []
    body = orjson.dumps(EVENT)
    for secret in (OLD, NEW, NEW):
        assert post(body, signed(body, secret), rung).json() == {"received": True}
    assert (states(served), rung) == ({"evt_1": "waiting"}, [True])


@pytest.mark.parametrize(
    ("body", "header", "status", "told"),
    [
        (orjson.dumps(EVENT), lambda _: None, 400, "missing or does not fit"),
        (orjson.dumps(EVENT), lambda _: "t=1,v1=abc", 400, "missing or does not fit"),
        (orjson.dumps(EVENT), lambda body: signed(body, "whsec_other"), 400, "missing or does not fit"),
        (orjson.dumps(EVENT), lambda body: signed(body, age=400), 400, "too old"),
        (b"\xff\xfe", lambda _: "t=1,v1=abc", 400, "missing or does not fit"),
        (b"{", signed, 400, "not JSON"),
        (b"[]", signed, 400, "not an event"),
        (b'{"id":7,"type":"x"}', signed, 400, "not an event"),
        (b" " * (3 * 2**20), signed, 413, "larger"),
    ],
)
def test_what_stripe_did_not_send_is_refused(
    served: str, body: bytes, header: Callable[[bytes], str | None], status: int, told: str
) -> None:
    answer = post(body, header(body))
    assert answer.status_code == status
    assert told in answer.json()["error"]
    assert "whsec" not in answer.text
    assert states(served) == {}


def test_live_events_are_not_for_a_test_account(served: str) -> None:
    body = orjson.dumps(EVENT | {"livemode": True})
    assert post(body, signed(body)).is_success
    assert states(served) == {}


def test_without_a_secret_or_a_database_stripe_is_told_so(
    served: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = orjson.dumps(EVENT)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:1/{tmp_path.name}")
    config.use(None)
    assert post(body, signed(body)).status_code == 503
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRETS")
    config.use(None)
    assert post(body, signed(body)).status_code == 404


def test_a_failure_waits_longer_each_time_then_dies_and_can_be_replayed(engine: Engine) -> None:
    url, at = url_of(engine), NOW
    webhooks.store(url, EVENT, NOW)
    waits = []
    for _ in range(webhooks.TRIES):
        (event,) = webhooks.waiting(url, at)
        webhooks.settle(url, [event], {"evt_1": "Stripe did not answer."}, at)
        assert webhooks.waiting(url, at) == []
        with webhooks.inbox(url) as inbox, inbox.connect() as connection:
            row = connection.execute(select(webhook_event)).one()
        waits.append(row.next_at - at)
        at = row.next_at
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] == webhooks.LONGEST_WAIT
    assert states(url) == {"evt_1": "dead"}
    assert list(webhooks.dead(url)["error"]) == ["Stripe did not answer."]
    assert webhooks.replay(url, ["evt_1", "evt_2"], at) == 1
    assert [event.attempts for event in webhooks.waiting(url, at)] == [0]
    assert list(webhooks.queue(url)["state"]) == ["waiting"]


@pytest.fixture
def store() -> Iterator[Store]:
    found = small_store()
    yield found
    found.close()


def changed(store: Store, name: str) -> dict[str, Any]:
    """A customer's name is another, and no list of events tells of it."""
    before = next(iter(store.all("customers")))
    store.put("customers", {**before, "name": name})
    return {**before, "name": name}


def event_of(obj: dict[str, Any], key: str, created: int = 1_795_302_000) -> dict[str, Any]:
    return {
        "id": key,
        "object": "event",
        "api_version": "2026-08-26",
        "type": f"{obj['object']}.updated",
        "created": created,
        "livemode": False,
        "data": {"object": obj},
    }


def test_what_only_a_webhook_told_is_read_whatever_its_order(engine: Engine, store: Store) -> None:
    url = url_of(engine)
    with gateway_to(store) as gateway:
        sync(engine, gateway)
        older = event_of(changed(store, "Before"), "evt_a", 1_795_301_000)
        customer = changed(store, "After")
        thin = {
            "id": "evt_thin",
            "object": "v2.core.event",
            "type": "v1.customer.updated",
            "related_object": {"id": customer["id"], "type": "customer"},
        }
        odd = {"id": "evt_odd", "type": "x", "data": {"object": [1]}}
        for event in (event_of(customer, "evt_b"), older, thin, odd, older):
            webhooks.store(url, event, NOW)
        report = sync(engine, gateway)
        with engine.connect() as connection:
            names = select(mirror.customer.c.name).where(mirror.customer.c.id == customer["id"])
            assert connection.scalar(names) == "After"
            kept = connection.scalars(select(mirror.event.c.id).where(mirror.event.c.id.like("evt__")))
            assert sorted(kept) == ["evt_a", "evt_b"]
        assert (report.kind, report.problems) == ("events", {})
        settled = {"evt_a": "done", "evt_b": "done", "evt_thin": "done"}
        assert states(url) == settled | {"evt_odd": "waiting"}
        assert sync(engine, gateway).objects == 0


def test_an_object_that_cannot_be_read_is_asked_for_again(engine: Engine, store: Store) -> None:
    url = url_of(engine)
    with gateway_to(store) as gateway:
        sync(engine, gateway)
        event = event_of(changed(store, "After"), "evt_a")
        webhooks.store(url, event, NOW)
        fault = {"path": "/v1/customers/", "status": 403}
        httpx.post(f"{gateway.base}/sandbox/faults", json=fault).raise_for_status()
        sync(engine, gateway)
        assert states(url) == {"evt_a": "waiting"}
        httpx.delete(f"{gateway.base}/sandbox/faults").raise_for_status()
        with webhooks.inbox(url) as inbox, inbox.begin() as connection:
            connection.execute(update(webhook_event).values(next_at=NOW))
        sync(engine, gateway)
        assert states(url) == {"evt_a": "done"}


TEXT = st.sampled_from(TEXTS)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=BODIES, kind=TEXT, key=st.sampled_from(["evt_x", *TEXTS]))
def test_whatever_is_signed_is_kept_or_refused_and_stops_nothing(
    engine: Engine, served: str, data: Any, kind: str, key: str
) -> None:
    """An answer to everything, and a look at the inbox goes through whatever lies in it."""
    body = orjson.dumps({"id": key, "type": kind, "created": 1, "data": data})
    answer = post(body, signed(body))
    assert answer.status_code in (200, 400)
    look = Inbox(engine, Reader(Gateway("sk_test_nobody", "http://127.0.0.1:9", attempts=1)), Touched(), NOW)
    with suppress(GatewayError):  # an object that was named cannot be asked for here
        look.read()
    look.settle()
