"""The sandbox fails when told to, as told."""

import time
from typing import Any

import httpx
import pytest

from data.sandbox.store import Store
from tests.data.sandbox.conftest import speaking
from tests.data.sandbox.factories import customer


def told(client: httpx.Client, **fault: Any) -> None:
    """Tell the sandbox to fail."""
    answer = client.post("/sandbox/faults", json=fault)
    assert answer.status_code == 200, answer.text


def statuses(client: httpx.Client, times: int, path: str = "/v1/customers") -> list[int]:
    """What so many requests are answered."""
    return [client.get(path).status_code for _ in range(times)]


def test_a_status_after_some_and_for_some(client: httpx.Client) -> None:
    told(client, path="/v1/customers", kind="status", status=429, retry_after=2, after=1, times=2)
    assert client.get("/v1/customers").status_code == 200
    limited = client.get("/v1/customers")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "2")
    assert limited.json()["error"]["code"] == "rate_limit"
    assert client.get("/v1/products").status_code == 200
    assert statuses(client, 2) == [429, 200]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"), (401, "invalid_request_error"), (402, "card_error"),
        (403, "invalid_request_error"), (404, "invalid_request_error"), (409, "invalid_request_error"),
        (429, "invalid_request_error"), (500, "api_error"), (503, "api_error"),
    ],
)  # fmt: skip
def test_every_status_has_its_envelope(client: httpx.Client, status: int, kind: str) -> None:
    told(client, status=status)
    answer = client.get("/v1/quotes")
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert answer.json()["error"]["message"]


def test_a_restricted_key_may_not_read_everything(client: httpx.Client) -> None:
    told(client, path="/v1/quotes", status=403, key="rk_test_narrow")
    assert client.get("/v1/quotes").status_code == 200
    with speaking(str(client.base_url), "rk_test_narrow") as narrow:
        answer = narrow.get("/v1/quotes")
        assert (answer.status_code, narrow.get("/v1/customers").status_code) == (403, 200)
        assert "does not have the required permissions" in answer.json()["error"]["message"]
        assert "rk_test_narrow" not in answer.text


def test_a_lost_reply(store: Store, client: httpx.Client) -> None:
    store.put("customers", customer("cus_1"))
    told(client, kind="drop", method="POST", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        client.post("/v1/customers/cus_1", data={"name": "Ada"})
    assert client.get("/v1/customers/cus_1").json()["name"] == "Ada"


def test_half_a_reply_and_garbage(store: Store, client: httpx.Client) -> None:
    store.put("customers", customer("cus_1"))
    told(client, kind="truncate", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        client.get("/v1/customers")
    told(client, kind="garbage", times=1)
    answer = client.get("/v1/customers")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert statuses(client, 1) == [200]


def test_a_slow_answer_holds_up_nobody_else(client: httpx.Client) -> None:
    told(client, path="/v1/prices", kind="slow", seconds=0.3, times=1)
    begun = time.monotonic()
    assert statuses(client, 1) == [200]
    assert time.monotonic() - begun < 0.25
    assert statuses(client, 1, "/v1/prices") == [200]
    assert time.monotonic() - begun >= 0.3


def test_now_and_then(client: httpx.Client) -> None:
    told(client, status=500, probability=0.5)
    assert set(statuses(client, 40)) == {200, 500}


def test_faults_are_listed_and_taken_back(client: httpx.Client) -> None:
    told(client, status=500)
    (fault,) = client.get("/sandbox/faults").json()["faults"]
    assert (fault["path"], fault["status"], fault["times"]) == ("/v1/", 500, None)
    assert client.delete("/sandbox/faults").json() == {"faults": []}
    assert statuses(client, 1) == [200]


@pytest.mark.parametrize(
    "fault", [{"kind": "explode"}, {"colour": "red"}, {"status": "429"}, {"seconds": "long"}, {"times": 1.5}]
)
def test_a_fault_that_makes_no_sense(client: httpx.Client, fault: dict[str, Any]) -> None:
    answer = client.post("/sandbox/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
