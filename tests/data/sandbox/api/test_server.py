"""The server itself: keys, headers, its clock, and where it listens."""

import base64
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from data.clock import from_epoch
from data.sandbox.api.serving import NotLoopbackError, bound, serve, url_of
from data.sandbox.store import Store
from tests.data.sandbox.conftest import NOW, speaking
from tests.data.sandbox.factories import customer, subscription
from tests.sandbox_server import running


def sentence(answer: httpx.Response) -> str:
    """What an error says."""
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize("key", ["sk_test_1", "rk_test_abc"])
def test_any_test_key_by_bearer_or_basic(store: Store, key: str) -> None:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    with running(store) as url:
        for authorization in (f"Bearer {key}", f"Basic {basic}"):
            answer = httpx.get(f"{url}/v1/account", headers={"Authorization": authorization})
            assert answer.json()["object"] == "account"


@pytest.mark.parametrize("key", ["sk_live_51secret", "rk_live_51secret"])
def test_a_live_key_is_refused_and_never_repeated(store: Store, key: str) -> None:
    with running(store) as url, speaking(url, key) as client:
        answer = client.get("/v1/customers")
        assert answer.status_code == 401
        assert "live key" in sentence(answer)
        assert "51secret" not in answer.text


def test_no_key_or_a_wrong_one(store: Store) -> None:
    with running(store, api_key="sk_test_right") as url:
        answer = httpx.get(f"{url}/v1/customers")
        assert (answer.status_code, "did not provide an API key" in sentence(answer)) == (401, True)
        with speaking(url, "sk_test_wrong_key_9876") as client:
            assert sentence(client.get("/v1/customers")) == "Invalid API Key provided: sk_test_********9876"
        with speaking(url, "sk_test_right") as client:
            assert client.get("/v1/customers").status_code == 200
        for authorization in ("Basic %%%", "Digest x", "Bearer nonsense"):
            told = httpx.get(f"{url}/v1/customers", headers={"Authorization": authorization})
            assert told.status_code == 401


def test_headers(client: httpx.Client) -> None:
    answer = client.get("/v1/customers", headers={"Stripe-Version": "2026-10-28.endive"})
    assert parsedate_to_datetime(answer.headers["date"]) == from_epoch(NOW)
    assert answer.headers["stripe-version"] == "2026-10-28.endive"
    assert answer.headers["request-id"].startswith("req_")
    assert "server" not in answer.headers
    again = client.get("/v1/customers")
    assert again.headers["request-id"] != answer.headers["request-id"]
    assert again.headers["stripe-version"] == "2026-08-26.dahlia"


def test_an_error_has_stripes_envelope(client: httpx.Client) -> None:
    answer = client.get("/v1/customers/cus_none")
    assert answer.json()["error"] == {
        "code": "resource_missing",
        "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
        "message": "No such customer: 'cus_none'",
        "param": "id",
        "request_log_url": f"https://dashboard.stripe.com/test/logs/{answer.headers['request-id']}",
        "type": "invalid_request_error",
    }


def test_a_method_that_an_endpoint_has_not(client: httpx.Client) -> None:
    answer = client.post("/v1/events", data={"a": "1"})
    assert answer.status_code == 404
    assert sentence(answer).startswith("Unrecognized request URL (POST: /v1/events)")


def test_the_clock_moves_forward_only(client: httpx.Client) -> None:
    assert client.get("/sandbox/clock").json() == {"now": NOW}
    assert client.post("/sandbox/clock", json={"to": NOW + 60}).json() == {"now": NOW + 60}
    for told in ({"to": NOW}, {"to": "tomorrow"}, {}, [1]):
        assert client.post("/sandbox/clock", json=told).status_code == 400
    assert client.post("/sandbox/clock", content=b"{").status_code == 400
    assert client.get("/sandbox/clock").json() == {"now": NOW + 60}


def test_a_clock_that_cannot_move_says_why_and_stays(store: Store, client: httpx.Client) -> None:
    store.put("subscriptions", subscription("sub_1", items=[]))
    answer = client.post("/sandbox/clock", json={"to": NOW + 60})
    assert answer.status_code == 500
    assert "could not be done, and nothing was" in sentence(answer)
    assert client.get("/sandbox/clock").json() == {"now": NOW}


def test_what_was_asked_is_counted(store: Store, client: httpx.Client) -> None:
    store.put("customers", customer("cus_1"))
    client.get("/v1/customers", params={"limit": 3})
    client.get("/v1/customers/cus_2")
    told = client.get("/sandbox/requests").json()
    assert told["paths"] == {"GET /v1/customers": 1, "GET /v1/customers/cus_2": 1}
    assert told["requests"][0] == {
        "method": "GET",
        "path": "/v1/customers",
        "query": "limit=3",
        "status": 200,
    }
    assert told["requests"][1]["status"] == 404
    assert client.delete("/sandbox/requests").json()["total"] == 0


def test_a_page_under_another_name_is_refused(client: httpx.Client) -> None:
    answer = client.get("/sandbox/clock", headers={"Host": "evil.example:80"})
    assert (answer.status_code, "only on this machine" in answer.text) == (403, True)
    assert client.get("/sandbox/clock", headers={"Host": "localhost:1"}).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])
def test_it_binds_to_loopback_only(host: str) -> None:
    with pytest.raises(NotLoopbackError, match="loopback only"), bound(host, 0):
        pass


def test_a_taken_port_is_an_error(store: Store) -> None:
    with bound("127.0.0.1", 0) as listener:
        listener.listen()
        with pytest.raises(OSError, match="in use"):
            serve(store, "127.0.0.1", listener.getsockname()[1])


def test_an_address_of_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    with bound("::1", 0) as listener:
        assert url_of(listener).startswith("http://[::1]:")


def test_serve_says_when_it_listens(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.db")
    addresses: list[str] = []
    thread = threading.Thread(target=serve, args=(store, "localhost", 0, addresses.append), daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not addresses and time.monotonic() < deadline:
        time.sleep(0.01)
    with speaking(addresses[0]) as client:
        assert client.get("/v1/customers").json()["data"] == []
