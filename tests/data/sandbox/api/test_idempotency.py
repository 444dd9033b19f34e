"""The same POST twice is done once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from data.sandbox.store import Store
from tests.data.sandbox.conftest import speaking
from tests.data.sandbox.factories import customer
from tests.sandbox_server import running

PATH = "/v1/customers/cus_1"


@pytest.fixture(autouse=True)
def _one_customer(store: Store) -> None:
    store.put("customers", customer("cus_1"))


def post(client: httpx.Client, key: str, **fields: Any) -> httpx.Response:
    """Change the customer under a key."""
    return client.post(PATH, data=fields, headers={"Idempotency-Key": key})


def test_a_replay_does_nothing_and_says_so(store: Store, client: httpx.Client) -> None:
    first = post(client, "k1", name="Ada", email="ada@example.com")
    post(client, "k2", name="Grace")
    second = post(client, "k1", email="ada@example.com", name="Ada")
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert second.headers["idempotency-key"] == "k1"
    assert "idempotent-replayed" not in first.headers
    assert client.get(PATH).json()["name"] == "Grace"
    assert store.count("events") == 2


def test_other_parameters_under_the_same_key(client: httpx.Client) -> None:
    post(client, "k1", name="Ada")
    answer = post(client, "k1", name="Grace")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    with speaking(str(client.base_url), "sk_test_another") as other:
        assert post(other, "k1", name="Grace").status_code == 200


def test_a_refused_request_may_be_corrected(client: httpx.Client) -> None:
    assert post(client, "k1", colour="red").status_code == 400
    assert post(client, "k1", name="Ada").status_code == 200
    assert post(client, "x" * 256, name="Ada").status_code == 400


def test_the_same_request_at_the_same_time(client: httpx.Client) -> None:
    client.post("/sandbox/faults", json={"kind": "slow", "seconds": 0.4, "times": 1})
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: post(client, "k1", name="Ada"), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert post(client, "k1", name="Ada").headers["idempotent-replayed"] == "true"


def test_a_lost_reply_is_found_again(store: Store, client: httpx.Client) -> None:
    client.post("/sandbox/faults", json={"kind": "drop", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        post(client, "k1", name="Ada")
    assert post(client, "k1", name="Ada").headers["idempotent-replayed"] == "true"
    assert store.count("events") == 1


def test_keys_outlive_the_process(tmp_path: Path) -> None:
    replayed = []
    for _ in range(2):
        store = Store(tmp_path / "sandbox.db")
        store.put("customers", customer("cus_1"))
        with running(store) as url, speaking(url) as client:
            replayed.append(post(client, "k1", name="Ada").headers.get("idempotent-replayed"))
        store.close()
    assert replayed == [None, "true"]
