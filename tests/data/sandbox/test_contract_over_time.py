"""What the sandbox makes itself keeps the contract too: a generated history, and an account that lives on."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from data.sandbox.account import load
from data.sandbox.api.resources import RESOURCES
from data.sandbox.generate import generate
from data.sandbox.store import DAY, Store
from tests.data.sandbox.conftest import NOW, speaking
from tests.openapi import description, object_problems
from tests.sandbox_server import running


@pytest.fixture(scope="module")
def generated() -> Iterator[httpx.Client]:
    """A small generated history."""
    description()
    store = Store()
    generate(store, customers=60, months=10, seed=3, until=NOW)
    with running(store) as url, speaking(url) as client:
        yield client
    store.close()


@pytest.fixture(scope="module")
def moved(stripe_account: Path) -> Iterator[httpx.Client]:
    """The reference account 75 days later, without one of its customers and one of its coupons."""
    description()
    store = Store()
    load(store, stripe_account, NOW)
    with running(store) as url, speaking(url) as client:
        remove(client)
        answer = client.post("/sandbox/clock", json={"to": NOW + 75 * DAY}, timeout=60)
        assert answer.json() == {"now": NOW + 75 * DAY}
        yield client
    store.close()


def remove(client: httpx.Client) -> None:
    """Delete a coupon, and a customer with each status."""
    assert client.delete("/v1/coupons/YEAR15").json()["deleted"] is True
    for status in ("active", "trialing", "past_due", "unpaid", "incomplete", "paused"):
        for subscription in client.get(f"/v1/subscriptions?limit=1&status={status}").json()["data"]:
            assert client.delete(f"/v1/customers/{subscription['customer']}").json()["deleted"] is True
            assert client.get(f"/v1/subscriptions/{subscription['id']}").json()["status"] == "canceled"


@pytest.mark.parametrize("account", ["generated", "moved"])
@pytest.mark.parametrize("name", RESOURCES)
def test_what_is_new_is_as_described(request: pytest.FixtureRequest, account: str, name: str) -> None:
    client: httpx.Client = request.getfixturevalue(account)
    status = {"status": "all"} if name == "subscriptions" else {}
    newest = client.get(f"/v1/{name}", params={"limit": 100, **status}).json()["data"]
    assert [problem for obj in newest for problem in object_problems(obj)][:5] == []


def test_time_leaves_its_marks(moved: httpx.Client) -> None:
    cycles = moved.get("/v1/invoices", params={"limit": 100, "created[gt]": NOW}).json()
    assert len(cycles["data"]) == 100
    assert {each["billing_reason"] for each in cycles["data"]} >= {"subscription_cycle"}
    oldest = moved.get("/v1/events", params={"created[lt]": NOW + 45 * DAY}).json()
    assert oldest["data"] == []
    due = moved.get(
        "/v1/subscriptions", params={"current_period_end[lt]": NOW + 75 * DAY, "limit": 100}
    ).json()
    assert {each["status"] for each in due["data"]} <= {"incomplete", "incomplete_expired", "paused"}
