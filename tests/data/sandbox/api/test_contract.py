"""The sandbox keeps Stripe's published contract: what it answers, and what it takes."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from data.sandbox.api.lists import PAGING
from data.sandbox.api.resources import EMBEDDED, OWNED, RESOURCES
from tests.data.sandbox.conftest import speaking
from tests.openapi import answer_problems, description, object_problems, query_parameters

# The description's name of the id in a path, where it is not simply {id}.
_IDS = {
    "prices": "price", "coupons": "coupon", "promotion_codes": "promotion_code", "customers": "customer",
    "payment_methods": "payment_method", "subscriptions": "subscription_exposed_id",
    "subscription_schedules": "schedule", "invoices": "invoice", "invoiceitems": "invoiceitem",
    "charges": "charge", "refunds": "refund", "quotes": "quote", "tax_rates": "tax_rate",
    "invoice_payments": "invoice_payment", "credit_notes": "id", "checkout/sessions": "session",
    "setup_intents": "intent", "webhook_endpoints": "webhook_endpoint",
}  # fmt: skip
EXPANSIONS = {
    "subscriptions": ("data.discounts.source.coupon", "data.customer", "data.latest_invoice.discounts"),
    "invoices": (
        "data.discounts.source.coupon",
        "data.customer",
        "data.total_taxes.tax_rate_details.tax_rate",
    ),
    "customers": ("data.subscriptions.data.schedule", "data.tax_ids", "data.tax", "data.sources"),
    "prices": ("data.product",),
    "promotion_codes": ("data.promotion.coupon",),
    "subscription_schedules": ("data.phases.items.price", "data.subscription.customer"),
    "charges": ("data.refunds", "data.customer"),
    "refunds": ("data.charge", "data.payment_method"),
    "credit_notes": ("data.invoice.customer",),
    "payment_methods": ("data.customer",),
    "invoiceitems": ("data.pricing.price_details.price", "data.discounts"),
}


@pytest.fixture(scope="module")
def reference(reference_url: str) -> Iterator[httpx.Client]:
    """Speaks to the reference account."""
    description()
    with speaking(reference_url) as client:
        yield client


def single_path(name: str) -> str:
    """A resource's single-object path as the description writes it."""
    return f"/v1/{name}/{{{_IDS.get(name, 'id')}}}"


def pages(client: httpx.Client, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every page of a list."""
    more, after = True, dict[str, str]()
    while more:
        page = client.get(path, params={"limit": 100, **params, **after}).json()
        yield page
        more = page["has_more"]
        after = {"starting_after": page["data"][-1]["id"]} if more else {}


def asked(name: str) -> dict[str, str]:
    """Parameters with which a list leaves nothing out."""
    return {"status": "all"} if name == "subscriptions" else {}


@pytest.mark.parametrize("name", RESOURCES)
def test_lists_take_the_parameters_that_stripe_takes(name: str) -> None:
    assert set(RESOURCES[name].filters) | PAGING == query_parameters(f"/v1/{name}")


def test_lists_inside_and_under_objects_take_what_stripe_takes() -> None:
    for owned in OWNED:
        path = f"{single_path(owned.owner)}/{owned.name}"
        assert set(owned.filters) | PAGING == query_parameters(path)
    for name, inside in EMBEDDED:
        assert query_parameters(f"/v1/{name}/{{{_EMBEDDING[name]}}}/{inside}") == PAGING
    assert query_parameters("/v1/subscription_items") == PAGING | {"subscription"}


_EMBEDDING = {"invoices": "invoice", "credit_notes": "credit_note", "quotes": "quote"}


@pytest.mark.parametrize("name", RESOURCES)
def test_every_page_and_object_is_as_described(reference: httpx.Client, name: str) -> None:
    problems: list[str] = []
    identities: Counter[str] = Counter()
    for page in pages(reference, f"/v1/{name}", **asked(name)):
        problems += answer_problems(f"/v1/{name}", {**page, "data": []})
        for obj in page["data"]:
            identities[obj["id"]] += 1
            problems += object_problems(obj)
    assert problems[:5] == []
    assert set(identities.values()) <= {1}


@pytest.mark.parametrize("name", RESOURCES)
def test_single_objects_are_as_described_and_as_listed(reference: httpx.Client, name: str) -> None:
    listed = reference.get(f"/v1/{name}", params={"limit": 20, **asked(name)}).json()["data"]
    for obj in listed:
        answer = reference.get(f"/v1/{name}/{obj['id']}").json()
        assert answer == obj
        assert answer_problems(single_path(name), answer) == []


@pytest.mark.parametrize("name", EXPANSIONS)
def test_expanded_objects_are_as_described(reference: httpx.Client, name: str) -> None:
    params: dict[str, Any] = {"limit": 30, **asked(name), "expand[]": list(EXPANSIONS[name])}
    answer = reference.get(f"/v1/{name}", params=params)
    assert answer.status_code == 200, answer.text
    assert [problem for obj in answer.json()["data"] for problem in object_problems(obj)] == []


def test_lists_of_one_object_are_as_described(reference: httpx.Client) -> None:
    invoice = reference.get("/v1/invoices?limit=1").json()["data"][0]
    lines = reference.get(f"/v1/invoices/{invoice['id']}/lines").json()
    assert answer_problems("/v1/invoices/{invoice}/lines", lines) == []
    subscription = reference.get("/v1/subscriptions?limit=1").json()["data"][0]
    items = reference.get("/v1/subscription_items", params={"subscription": subscription["id"]}).json()
    assert answer_problems("/v1/subscription_items", items) == []
    for name in ("payment_methods", "tax_ids", "subscriptions"):
        answer = reference.get(f"/v1/customers/{subscription['customer']}/{name}").json()
        assert answer_problems(f"/v1/customers/{{customer}}/{name}", answer) == []


def test_the_account_is_as_described(reference: httpx.Client) -> None:
    assert answer_problems("/v1/account", reference.get("/v1/account").json()) == []


@pytest.mark.parametrize(
    "path", ["/v1/customers/x", "/v1/customers?a=1", "/v1/nothing", "/v1/customers?limit=a"]
)
def test_errors_are_as_described(reference: httpx.Client, path: str) -> None:
    assert object_problems({"object": "error", **reference.get(path).json()}) == []
