"""What can be changed and deleted, and the events that tell of it."""

from typing import Any

import httpx
import pytest

from data.sandbox.store import Store
from tests.data.sandbox.conftest import NOW
from tests.data.sandbox.factories import customer


def last_event(store: Store) -> dict[str, Any]:
    """The newest event."""
    return store.page("events")[0][0]


@pytest.fixture(autouse=True)
def _objects(store: Store) -> None:
    store.put("customers", customer("cus_1", name="Ada", metadata={"segment": "mid", "ref": "1"}))
    product = {"id": "prod_1", "object": "product", "created": 1, "updated": 1, "name": "Professional"}
    store.put("products", {**product, "active": True, "metadata": {}, "description": None})


def test_changing_a_customer(store: Store, client: httpx.Client) -> None:
    answer = client.post("/v1/customers/cus_1", data={
        "name": "", "email": "ada@example.com", "address[city]": "Paris", "metadata[ref]": "",
        "metadata[segment]": "large"}, headers={"Idempotency-Key": "k1"})  # fmt: skip
    after = answer.json()
    assert (after["name"], after["email"], after["metadata"]) == (
        None,
        "ada@example.com",
        {"segment": "large"},
    )
    assert after["address"]["city"] == "Paris"
    assert after["address"]["country"] is None
    event = last_event(store)
    assert (event["type"], event["created"], event["data"]["object"]) == ("customer.updated", NOW, after)
    assert event["data"]["previous_attributes"] == {
        "name": "Ada", "email": None, "address": None, "metadata": {"segment": "mid", "ref": "1"},
    }  # fmt: skip
    assert event["request"] == {"id": answer.headers["request-id"], "idempotency_key": "k1"}


def test_changing_nothing_emits_nothing(store: Store, client: httpx.Client) -> None:
    assert client.post("/v1/customers/cus_1", data={"name": "Ada"}).status_code == 200
    assert store.count("events") == 0


def test_changing_a_product(store: Store, client: httpx.Client) -> None:
    after = client.post("/v1/products/prod_1", data={"name": "Pro", "active": "false"}).json()
    assert (after["name"], after["active"], after["updated"]) == ("Pro", False, NOW)
    previous = last_event(store)["data"]["previous_attributes"]
    assert previous == {"name": "Professional", "active": True, "updated": 1}


def test_deleting_a_customer(store: Store, client: httpx.Client) -> None:
    gone = {"id": "cus_1", "object": "customer", "deleted": True}
    assert client.delete("/v1/customers/cus_1").json() == gone
    assert client.get("/v1/customers/cus_1").json() == gone
    assert client.get("/v1/customers").json()["data"] == []
    assert client.delete("/v1/customers/cus_1").status_code == 404
    assert client.post("/v1/customers/cus_1", data={"name": "x"}).status_code == 404
    event = last_event(store)
    assert (event["type"], event["data"]["object"]["name"]) == ("customer.deleted", "Ada")


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"email": "nobody"}, "email"),
        ({"colour": "red"}, "colour"),
        ({"address[planet]": "Mars"}, "address[planet]"),
        ({"address": "Paris"}, "address"),
        ({"tax_exempt": "perhaps"}, "tax_exempt"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata[a]": "v" * 501}, "metadata[a]"),
        ({f"metadata[{number}x]": "v" for number in range(51)}, "metadata"),
        ({"name[first]": "Ada"}, "name"),
    ],
)
def test_refusals(store: Store, client: httpx.Client, data: dict[str, str], param: str) -> None:
    answer = client.post("/v1/customers/cus_1", data=data)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert store.count("events") == 0


def test_a_product_keeps_its_name(client: httpx.Client) -> None:
    answer = client.post("/v1/products/prod_1", data={"name": ""})
    assert answer.json()["error"]["code"] == "parameter_invalid_empty"
