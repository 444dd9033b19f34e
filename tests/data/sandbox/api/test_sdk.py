"""Stripe's own package works against the sandbox."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import stripe

from data.sandbox.store import Store
from tests.data.sandbox.conftest import speaking
from tests.data.sandbox.factories import customer
from tests.sandbox_server import API_KEY, running

SERVICES = {
    "products": "products", "prices": "prices", "coupons": "coupons", "promotion_codes": "promotion_codes",
    "customers": "customers", "payment_methods": "payment_methods", "subscriptions": "subscriptions",
    "subscription_schedules": "subscription_schedules", "invoices": "invoices",
    "invoiceitems": "invoice_items",
    "credit_notes": "credit_notes", "charges": "charges", "refunds": "refunds", "quotes": "quotes",
    "events": "events", "tax_rates": "tax_rates",
}  # fmt: skip


def client_of(url: str, key: str = API_KEY, retries: int = 0) -> stripe.StripeClient:
    """Stripe's client, turned to the sandbox."""
    http = stripe.RequestsClient()
    return stripe.StripeClient(
        key, base_addresses={"api": url}, max_network_retries=retries, http_client=http
    )


@pytest.fixture
def writable(store: Store) -> Iterator[str]:
    """A server on one customer."""
    store.put("customers", customer("cus_1"))
    with running(store) as url:
        yield url


@pytest.mark.parametrize("name", SERVICES)
def test_paging_through_everything(reference_url: str, stripe_account: Path, name: str) -> None:
    service = getattr(client_of(reference_url).v1, SERVICES[name])
    params = {"limit": 100, **({"status": "all"} if name == "subscriptions" else {})}
    found = [obj.id for obj in service.list(params).auto_paging_iter()]
    path = stripe_account / f"{name}.jsonl"
    kept = [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    kept.sort(key=lambda obj: -obj.get("created", obj.get("date", 0)))
    assert found == [obj["id"] for obj in kept]


def test_paging_backwards(reference_url: str) -> None:
    customers = client_of(reference_url).v1.customers
    forwards = [each.id for each in customers.list({"limit": 100}).auto_paging_iter()]
    backwards = customers.list({"limit": 30, "ending_before": forwards[-1]}).auto_paging_iter()
    assert [each.id for each in backwards] == forwards[-2::-1]


def test_expanding_and_typed_fields(reference_url: str) -> None:
    subscriptions = client_of(reference_url).v1.subscriptions
    expand = ["data.discounts.source.coupon", "data.customer"]
    page = subscriptions.list({"limit": 100, "status": "all", "expand": expand})
    discounted = next(each for each in page.data if each.discounts)
    assert isinstance(discounted.customer, stripe.Customer)
    discount = discounted.discounts[0]
    assert isinstance(discount, stripe.Discount)
    assert isinstance(discount.source.coupon, stripe.Coupon)
    single = subscriptions.retrieve(discounted.id, {"expand": ["items.data.price.product"]})
    assert isinstance(single["items"].data[0].price.product, stripe.Product)
    assert single.discounts == [discount.id]


def test_typed_errors(reference_url: str) -> None:
    customers = client_of(reference_url).v1.customers
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_none'") as missing:
        customers.retrieve("cus_none")
    assert (missing.value.http_status, missing.value.code, missing.value.param) == (
        404,
        "resource_missing",
        "id",
    )
    with pytest.raises(stripe.AuthenticationError, match="live key"):
        client_of(reference_url, "sk_live_x").v1.customers.list()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (402, stripe.CardError), (403, stripe.PermissionError), (429, stripe.RateLimitError),
        (500, stripe.APIError), (401, stripe.AuthenticationError),
    ],
)  # fmt: skip
def test_faults_become_typed_errors(writable: str, status: int, error: type[Exception]) -> None:
    with speaking(writable) as control:
        control.post("/sandbox/faults", json={"status": status})
    with pytest.raises(error):
        client_of(writable).v1.customers.list()


def test_the_packages_own_retries_change_something_once(store: Store, writable: str) -> None:
    with speaking(writable) as control:
        control.post("/sandbox/faults", json={"kind": "drop", "method": "POST", "times": 1})
    changed = client_of(writable, retries=2).v1.customers.update(
        "cus_1", {"name": "Ada", "metadata": {"a": "1"}}
    )
    assert changed.metadata is not None
    assert (changed.name, changed.metadata["a"]) == ("Ada", "1")
    assert store.count("events") == 1


def test_deleting(writable: str) -> None:
    client = client_of(writable)
    assert client.v1.customers.delete("cus_1").deleted is True
    assert client.v1.customers.retrieve("cus_1").deleted is True
