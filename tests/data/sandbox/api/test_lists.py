"""List endpoints over HTTP: pages, filters, refusals."""

from typing import Any

import httpx
import pytest

from data.sandbox.store import Store
from tests.data.sandbox.conftest import NOW
from tests.data.sandbox.factories import customer, invoice, subscription

STATUSES = (
    "trialing",
    "active",
    "past_due",
    "unpaid",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "paused",
)


def ids(client: httpx.Client, path: str, **params: Any) -> list[str]:
    """The ids that a list answers."""
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


def refused(client: httpx.Client, path: str) -> tuple[int, str | None, str | None]:
    """Status, code and parameter of a refusal."""
    answer = client.get(path)
    error = answer.json()["error"]
    assert error["message"]
    return answer.status_code, error.get("code"), error.get("param")


@pytest.fixture
def many(store: Store) -> Store:
    """120 customers, and a subscription of each status."""
    with store.transaction():
        for number in range(120):
            store.put("customers", customer(f"cus_{number}", NOW - number, email=f"{number}@example.com"))
        for status in STATUSES:
            store.put("subscriptions", subscription(f"sub_{status}", status=status))
    return store


@pytest.mark.parametrize(
    ("limit", "rows"), [(None, 10), ("0", 1), ("-3", 1), ("7", 7), ("100", 100), ("500", 100)]
)
def test_limits_are_clamped(many: Store, client: httpx.Client, limit: str | None, rows: int) -> None:
    answer = client.get("/v1/customers", params={} if limit is None else {"limit": limit}).json()
    assert len(answer["data"]) == rows
    assert answer["has_more"] is True
    assert (answer["object"], answer["url"]) == ("list", "/v1/customers")


def test_pages_both_ways(many: Store, client: httpx.Client) -> None:
    assert ids(client, "/v1/customers", limit=2) == ["cus_0", "cus_1"]
    assert ids(client, "/v1/customers", limit=2, starting_after="cus_1") == ["cus_2", "cus_3"]
    assert ids(client, "/v1/customers", limit=2, ending_before="cus_4") == ["cus_2", "cus_3"]
    last = client.get("/v1/customers", params={"limit": 100, "starting_after": "cus_100"}).json()
    assert (len(last["data"]), last["has_more"]) == (19, False)


def test_created_as_an_instant_or_a_range(many: Store, client: httpx.Client) -> None:
    assert ids(client, "/v1/customers", created=NOW - 5) == ["cus_5"]
    between = {"created[gt]": NOW - 6, "created[lte]": NOW - 4}
    assert ids(client, "/v1/customers", **between) == ["cus_4", "cus_5"]
    assert ids(client, "/v1/customers", **{"created[gte]": NOW - 1}) == ["cus_0", "cus_1"]
    assert ids(client, "/v1/customers", **{"created[lt]": NOW - 118}) == ["cus_119"]
    assert ids(client, "/v1/customers", email="7@example.com") == ["cus_7"]


def test_subscriptions_are_not_canceled_unless_asked_for(many: Store, client: httpx.Client) -> None:
    def statuses(**params: Any) -> set[str]:
        return {identity.removeprefix("sub_") for identity in ids(client, "/v1/subscriptions", **params)}

    assert statuses() == set(STATUSES) - {"canceled"}
    assert statuses(status="all") == set(STATUSES)
    assert statuses(status="ended") == {"canceled", "incomplete_expired"}
    assert statuses(status="past_due") == {"past_due"}
    assert statuses(customer="cus_1", status="canceled") == {"canceled"}
    assert statuses(customer="cus_2") == set()


def test_filters_of_prices_products_and_items(store: Store, client: httpx.Client) -> None:
    store.put("products", {"id": "prod_1", "object": "product", "created": 1, "active": False})
    store.put("products", {"id": "prod_2", "object": "product", "created": 2, "active": True})
    for identity, active, interval in (
        ("price_1", True, "month"),
        ("price_2", False, "year"),
        ("price_3", True, None),
    ):
        store.put("prices", {
            "id": identity, "object": "price", "created": 1, "active": active, "product": "prod_1",
            "currency": "usd", "lookup_key": f"key_{identity}",
            "type": "recurring" if interval else "one_time",
            "recurring": {"interval": interval, "usage_type": "licensed"} if interval else None})  # fmt: skip
    assert ids(client, "/v1/products", active="false") == ["prod_1"]
    assert ids(client, "/v1/products", **{"ids[]": ["prod_2"]}) == ["prod_2"]
    assert ids(client, "/v1/prices", active="true", type="recurring", product="prod_1") == ["price_1"]
    assert ids(client, "/v1/prices", **{"recurring[interval]": "year"}) == ["price_2"]
    assert ids(client, "/v1/prices", **{"lookup_keys[0]": "key_price_3"}) == ["price_3"]
    assert ids(client, "/v1/prices", product="prod_2") == []


def test_pending_invoice_items(store: Store, client: httpx.Client) -> None:
    store.put("invoices", invoice("in_1"))
    for identity, on in (("ii_1", None), ("ii_2", "in_1")):
        store.put("invoiceitems", {"id": identity, "object": "invoiceitem", "date": 5, "invoice": on})
    assert ids(client, "/v1/invoiceitems", pending="true") == ["ii_1"]
    assert ids(client, "/v1/invoiceitems", pending="false") == ["ii_2"]
    assert ids(client, "/v1/invoiceitems", invoice="in_1") == ["ii_2"]


def test_event_types_groups_and_lists(store: Store, client: httpx.Client) -> None:
    for kind in ("invoice.paid", "invoice.created", "customer.created"):
        store.emit(kind, customer("cus_1"))
    names = {event["id"]: event["type"] for event in store.all("events")}

    def kinds(**params: Any) -> set[str]:
        return {names[identity] for identity in ids(client, "/v1/events", **params)}

    assert kinds(type="invoice.*") == {"invoice.paid", "invoice.created"}
    assert kinds(type="customer.created") == {"customer.created"}
    assert kinds(**{"types[]": ["invoice.paid", "customer.created"]}) == {"invoice.paid", "customer.created"}
    assert refused(client, "/v1/events?type=a&types[]=b")[0] == 400
    assert refused(client, "/v1/events?" + "&".join(f"types[]={n}" for n in range(21)))[2] == "types"


def test_lines_beyond_the_embedded_page(store: Store, client: httpx.Client) -> None:
    store.put("invoices", invoice("in_1", lines=25))
    embedded = client.get("/v1/invoices/in_1").json()["lines"]
    assert (len(embedded["data"]), embedded["has_more"]) == (10, True)
    path = "/v1/invoices/in_1/lines"
    whole = [f"il_in_1_{number}" for number in range(25)]
    assert ids(client, path, limit=100) == whole
    assert ids(client, path, starting_after=whole[9]) == whole[10:20]
    assert ids(client, path, ending_before=whole[3], limit=2) == whole[1:3]
    assert client.get(path, params={"starting_after": whole[19]}).json()["has_more"] is False
    assert client.get(path, params={"limit": 100}).json()["url"] == path


def test_lists_of_a_customer_and_of_a_subscription(store: Store, client: httpx.Client) -> None:
    store.put("customers", customer("cus_1"))
    store.put("subscriptions", subscription("sub_1", items=3))
    for identity, kind in (("pm_1", "card"), ("pm_2", "sepa_debit")):
        method = {"id": identity, "object": "payment_method", "created": 1, "customer": "cus_1", "type": kind}
        store.put("payment_methods", method)
    assert ids(client, "/v1/customers/cus_1/payment_methods", type="card") == ["pm_1"]
    assert ids(client, "/v1/customers/cus_1/subscriptions") == ["sub_1"]
    assert ids(client, "/v1/customers/cus_1/tax_ids") == []
    assert ids(client, "/v1/subscription_items", subscription="sub_1", limit=2) == [
        "si_sub_1_0",
        "si_sub_1_1",
    ]
    assert client.get("/v1/subscription_items/si_sub_1_2").json()["subscription"] == "sub_1"
    assert refused(client, "/v1/customers/cus_9/payment_methods") == (404, "resource_missing", "customer")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/customers/cus_none", (404, "resource_missing", "id")),
        ("/v1/invoices/in_none", (404, "resource_missing", "invoice")),
        ("/v1/subscription_items/si_none", (404, "resource_missing", "item")),
        ("/v1/customers?starting_after=cus_none", (400, "resource_missing", "starting_after")),
        ("/v1/invoices?customer=cus_none", (400, "resource_missing", "customer")),
        ("/v1/customers?colour=red", (400, "parameter_unknown", "colour")),
        ("/v1/customers?created[near]=1", (400, "parameter_unknown", "created[near]")),
        ("/v1/customers/cus_0?limit=1", (400, "parameter_unknown", "limit")),
        ("/v1/customers?limit=ten", (400, "parameter_invalid_integer", "limit")),
        ("/v1/customers?created=today", (400, "parameter_invalid_integer", "created")),
        ("/v1/customers?email=", (400, "parameter_invalid_empty", "email")),
        ("/v1/subscriptions?status=happy", (400, None, "status")),
        ("/v1/products?active=yes", (400, None, "active")),
        ("/v1/products?ids=prod_1", (400, None, "ids")),
        ("/v1/prices?recurring=month", (400, None, "recurring")),
        ("/v1/customers?limit=1&limit[a]=2", (400, None, "limit")),
        ("/v1/subscription_items", (400, "parameter_missing", "subscription")),
        ("/v1/unicorns", (404, None, None)),
    ],
)
def test_refusals(client: httpx.Client, path: str, expected: tuple[int, str | None, str | None]) -> None:
    assert refused(client, path) == expected
