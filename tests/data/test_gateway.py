"""The gateway against a real server that fails as it is told to."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from data.gateway import (
    BadAnswer,
    Forbidden,
    Gateway,
    LiveKeyRefused,
    NotFound,
    RateLimited,
    Refused,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)
from data.gateway_errors import GatewayError
from data.limiter import unlimited
from data.sandbox.store import Store
from tests.sandbox_server import API_KEY, running

CUSTOMERS = "/v1/customers"


@pytest.fixture
def base() -> Iterator[str]:
    store = Store(None)
    store.set_now(1_795_302_000)
    for number in range(5):
        store.put(
            "customers", {"id": f"cus_{number}", "object": "customer", "created": 1_795_000_000 + number}
        )
    with running(store) as url:
        yield url
    store.close()


@pytest.fixture
def gateway(base: str) -> Iterator[Gateway]:
    with Gateway(API_KEY, base, limiter=unlimited(), attempts=3, first_pause=0.01) as found:
        yield found


def tell(base: str, **fault: Any) -> None:
    httpx.post(f"{base}/sandbox/faults", json=fault).raise_for_status()


def test_pages_follow_each_other(gateway: Gateway) -> None:
    first = gateway.page(CUSTOMERS, {"limit": 3})
    rest = gateway.page(CUSTOMERS, {"limit": 3, "starting_after": first.objects[-1]["id"]})
    assert [obj["id"] for obj in first.objects + rest.objects] == [f"cus_{n}" for n in (4, 3, 2, 1, 0)]
    assert (first.has_more, rest.has_more) == (True, False)
    assert int(first.server_time.timestamp()) in range(1_795_301_998, 1_795_302_002)
    assert rest.server_time > first.server_time


def test_the_version_of_the_sdk_is_asked_for(gateway: Gateway, base: str) -> None:
    assert gateway.get(f"{CUSTOMERS}/cus_1")["id"] == "cus_1"
    assert gateway.api_version == "2026-10-28.endive"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 403}, Forbidden),
        ({"status": 401}, Unauthorized),
        ({"status": 400}, Refused),
        ({"status": 404}, NotFound),
        ({"status": 500}, ServerTrouble),
        ({"status": 429}, RateLimited),
        ({"kind": "garbage"}, BadAnswer),
        ({"kind": "drop"}, Unreachable),
        ({"kind": "truncate"}, Unreachable),
    ],
)
def test_every_failure_is_a_sentence(
    gateway: Gateway, base: str, fault: dict[str, Any], error: type[GatewayError]
) -> None:
    tell(base, path=CUSTOMERS, **fault)
    with pytest.raises(error) as caught:
        gateway.page(CUSTOMERS, {})
    assert caught.value.sentence.endswith(".")
    assert API_KEY not in str(caught.value)
    assert gateway.requests == (3 if error.passing else 1)


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}, {"kind": "garbage"}, {"kind": "drop"}])
def test_trouble_that_passes_is_not_noticed(gateway: Gateway, base: str, fault: dict[str, Any]) -> None:
    tell(base, path=CUSTOMERS, times=2, **fault)
    assert len(gateway.page(CUSTOMERS, {}).objects) == 5
    assert gateway.requests == 3


def test_retry_after_is_honoured(gateway: Gateway, base: str) -> None:
    tell(base, path=CUSTOMERS, status=429, retry_after=0.8, times=1)
    began = time.monotonic()
    gateway.page(CUSTOMERS, {})
    assert time.monotonic() - began >= 0.8


def test_a_pause_of_hours_is_an_error(gateway: Gateway, base: str) -> None:
    tell(base, path=CUSTOMERS, status=429, retry_after=7200, times=1)
    with pytest.raises(RateLimited):
        gateway.page(CUSTOMERS, {})


def test_an_unknown_object_is_told_from_an_unknown_address(gateway: Gateway) -> None:
    with pytest.raises(NotFound) as caught:
        gateway.get(f"{CUSTOMERS}/cus_none")
    assert caught.value.code == "resource_missing"
    with pytest.raises(NotFound) as caught:
        gateway.get("/v1/nothing_of_the_kind")
    assert caught.value.code != "resource_missing"


ODD_ERRORS = {
    "/v1/detail": b'{"detail": "Not Found"}',
    "/v1/word": b'{"error": "not_found"}',
    "/v1/page": b"<h1>Not found</h1>",
    "/v1/nothing": b"",
}


class OddServer(BaseHTTPRequestHandler):
    """Answers 404 in every shape but Stripe's."""

    def do_GET(self) -> None:
        body = ODD_ERRORS[self.path]
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def odd_base() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OddServer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ODD_ERRORS)
def test_errors_that_are_not_shaped_like_stripes_are_understood(odd_base: str, path: str) -> None:
    with Gateway(API_KEY, odd_base, limiter=unlimited()) as gateway, pytest.raises(NotFound, match="404"):
        gateway.get(path)


def test_nobody_there_is_said_in_words() -> None:
    with (
        Gateway(API_KEY, "http://127.0.0.1:9", limiter=unlimited(), attempts=2, first_pause=0.01) as gateway,
        pytest.raises(Unreachable, match="cannot be reached"),
    ):
        gateway.page(CUSTOMERS, {})


def test_a_live_key_goes_to_stripe_alone() -> None:
    with pytest.raises(LiveKeyRefused):
        Gateway("sk_live_123", "http://127.0.0.1:9")
    with pytest.raises(LiveKeyRefused):
        Gateway("rk_live_123", "https://api.stripe.com.example.org")
    Gateway("sk_live_123").close()


def test_the_key_is_never_shown() -> None:
    gateway = Gateway("sk_test_secret", "http://127.0.0.1:9")
    assert "secret" not in repr(gateway)
    assert "secret" not in gateway.fingerprint
    gateway.close()


def test_a_closed_gateway_asks_nothing(gateway: Gateway) -> None:
    gateway.close()
    with pytest.raises(GatewayError, match="stopping"):
        gateway.page(CUSTOMERS, {})
