"""Webhooks over HTTP: signed as the stripe package verifies, in order, tried again, and wrong on demand."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from data.sandbox.api.actions.webhook_endpoints import forward
from data.sandbox.api.errors import StripeError
from data.sandbox.store import Store
from data.sandbox.webhooks.delivery import WAITING, Deliveries
from tests.data.sandbox.api.actions.conftest import Speaker
from tests.data.sandbox.conftest import speaking
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import running

Json = dict[str, Any]


class Receiver:
    """A server that notes what it is sent, and answers with the statuses it is given, then 200."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                receiver.headers.append(dict(self.headers))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/stripe"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def kinds(self) -> list[str]:
        return [stripe.Event.construct_from(_json(body), None)["type"] for body in self.bodies]


def _json(body: bytes) -> Json:
    found: Json = httpx.Response(200, content=body).json()
    return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    with closing(Receiver()) as made:
        yield made


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it is so; fails after 8 seconds."""
    until = time.monotonic() + 8
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def speaker(store: Store, scenario: Scenario) -> Iterator[Speaker]:
    """Speaks to a server on the scenario's store."""
    with running(store) as url, speaking(url) as client:
        yield Speaker(client)


def listening(speaker: Speaker, receiver: Receiver, *kinds: str) -> Json:
    """An endpoint that hears of some events, else of all."""
    return speaker.post("webhook_endpoints", data={"url": receiver.url, "enabled_events[]": kinds or "*"})


def test_events_come_signed_and_in_their_order(
    scenario: Scenario, speaker: Speaker, receiver: Receiver
) -> None:
    endpoint = listening(speaker, receiver)
    before = scenario.store.count("events")
    scenario.subscribe()
    made = scenario.events()[before:]
    wait_for(lambda: len(receiver.bodies) == len(made))
    assert receiver.kinds() == made
    for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
        header = headers["Stripe-Signature"]
        event = stripe.Webhook.construct_event(body, header, endpoint["secret"], api_key="sk_test_1")
        assert event["pending_webhooks"] == 1
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", header, endpoint["secret"], api_key="sk_test_1")
    assert "secret" not in speaker.client.get(f"/v1/webhook_endpoints/{endpoint['id']}").json()
    assert "secret" not in speaker.client.get("/v1/webhook_endpoints").json()["data"][0]


def test_an_endpoint_hears_of_what_it_asked_for_from_then_on(
    scenario: Scenario, speaker: Speaker, receiver: Receiver
) -> None:
    scenario.subscribe()
    endpoint = listening(speaker, receiver, "customer.updated")
    speaker.post(f"customers/{scenario.customer}", name="New name")
    wait_for(lambda: receiver.kinds() == ["customer.updated"])
    speaker.post(f"webhook_endpoints/{endpoint['id']}", disabled="true")
    speaker.post(f"customers/{scenario.customer}", name="Newer name")
    speaker.post(f"webhook_endpoints/{endpoint['id']}", data={"disabled": "false", "enabled_events[]": "*"})
    speaker.post("customers", name="Other")
    wait_for(lambda: "customer.created" in receiver.kinds())
    assert receiver.kinds() == ["customer.updated", "customer.created"]
    assert speaker.delete(f"webhook_endpoints/{endpoint['id']}")["deleted"] is True
    elsewhere = {"url": "https://example.com/hook", "enabled_events[]": "*"}
    assert speaker.post("webhook_endpoints", 400, data=elsewhere)["param"] == "url"


def test_a_delivery_that_fails_is_tried_again_and_survives_a_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    file = tmp_path / "stripe.db"
    with closing(Store(file)) as store:
        scenario = Scenario(store, "2026-01-03")
        with running(store) as url, speaking(url) as client:
            listening(Speaker(client), receiver, "customer.created")
            receiver.statuses = [500]
            Speaker(client).post("customers", name="New")
            wait_for(lambda: len(receiver.bodies) == 1)
            wait_for(lambda: [each["attempt"] for each in store.all(WAITING)] == [1])
            told = client.get("/sandbox/webhooks").json()
            assert (told["waiting"], told["sent"][0]["status"]) == (1, 500)
    assert scenario.store is store
    with closing(Store(file)) as store, running(store):
        wait_for(lambda: len(receiver.bodies) == 2)
        wait_for(lambda: store.count(WAITING) == 0)
    assert receiver.bodies[0] == receiver.bodies[1]


def test_one_endpoint_for_an_address(store: Store) -> None:
    first = forward(store, "http://localhost:8501/webhooks/stripe")
    again = forward(store, "http://localhost:8501/webhooks/stripe", "whsec_mine")
    assert (again["id"], again["secret"]) == (first["id"], "whsec_mine")
    assert first["secret"].startswith("whsec_")
    with pytest.raises(StripeError, match="this machine only"):
        forward(store, "http://192.0.2.1/hook")


def test_idle_deliveries_rest(store: Store, receiver: Receiver) -> None:
    deliveries = Deliveries(store)
    forward(store, receiver.url)
    deliveries.start()
    wait_for(lambda: not store.told.is_set())
    started = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - started < 0.15
    deliveries.stop()


def test_a_receiver_that_never_answers_well_is_given_up(store: Store, receiver: Receiver) -> None:
    scenario = Scenario(store, "2026-01-03")
    deliveries = Deliveries(store, pauses=(0.01, 0.01))
    with running(store) as url, speaking(url) as client:
        listening(Speaker(client), receiver, "customer.updated")
    receiver.statuses = [500, 302, 404, 500]
    deliveries.start()
    scenario.card("4242")
    wait_for(lambda: len(deliveries.log) == 3 and not deliveries.waiting())
    deliveries.stop()
    assert [each["status"] for each in deliveries.log] == [500, 302, 404]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "drop", "times": 1}, [1, 2, 3]),
        ({"kind": "double", "times": 1}, [0, 0, 1, 2, 3]),
        ({"kind": "delay", "seconds": 0.3, "times": 1}, [1, 2, 3, 0]),
        ({"kind": "drop", "type": "invoice.*"}, [0, 1, 2, 3]),
    ],
)
def test_what_may_go_wrong_on_the_way(
    speaker: Speaker, receiver: Receiver, fault: Json, expected: list[int]
) -> None:
    listening(speaker, receiver, "customer.created")
    assert speaker.client.post("/sandbox/webhooks/faults", json=fault).json()["faults"][0]["kind"]
    for number in range(4):
        speaker.post("customers", name=str(number))
    wait_for(lambda: len(receiver.bodies) == len(expected))
    assert [int(_json(body)["data"]["object"]["name"]) for body in receiver.bodies] == expected


def test_shuffled_events_all_come(speaker: Speaker, receiver: Receiver) -> None:
    listening(speaker, receiver, "customer.created")
    speaker.client.post("/sandbox/webhooks/faults", json={"kind": "shuffle", "seconds": 0.4})
    for number in range(8):
        speaker.post("customers", name=str(number))
    wait_for(lambda: len(receiver.bodies) == 8)
    names = [_json(body)["data"]["object"]["name"] for body in receiver.bodies]
    assert sorted(names) == [str(number) for number in range(8)]
    assert speaker.client.delete("/sandbox/webhooks/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    "told", [{}, {"kind": "explode"}, {"kind": "drop", "colour": 1}, {"kind": "drop", "times": "2"},
             {"kind": "delay", "seconds": -1}, {"kind": "drop", "type": 3}],
)  # fmt: skip
def test_faults_refused(speaker: Speaker, told: Json) -> None:
    assert speaker.client.post("/sandbox/webhooks/faults", json=told).status_code == 400
