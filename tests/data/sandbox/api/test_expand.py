"""expand[]: references become objects where Stripe allows it, four levels deep."""

from typing import Any

import httpx
import pytest

from data.sandbox.store import Store
from tests.data.sandbox.factories import customer, discount, invoice, subscription


@pytest.fixture
def business(store: Store) -> Store:
    """A customer whose discounted subscription has an invoice."""
    store.put("coupons", {"id": "HALF", "object": "coupon", "created": 1, "percent_off": 50})
    store.put("products", {"id": "prod_1", "object": "product", "created": 1, "name": "Professional"})
    store.put("prices", {"id": "price_1", "object": "price", "created": 1, "product": "prod_1"})
    store.put("customers", customer("cus_1", invoice_settings={"default_payment_method": "pm_1"}))
    store.put(
        "payment_methods", {"id": "pm_1", "object": "payment_method", "created": 1, "customer": "cus_1"}
    )
    half = discount("di_1", customer="cus_1", promotion_code=None)
    store.put("subscriptions", subscription("sub_1", discounts=[half], latest_invoice="in_1", schedule=None))
    store.put("invoices", invoice("in_1", discounts=[half]))
    return store


def expanded(client: httpx.Client, path: str, *paths: str, status: int = 200) -> Any:
    """The answer with these things expanded."""
    answer = client.get(path, params={"expand[]": list(paths)})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_references_are_ids_until_expanded(business: Store, client: httpx.Client) -> None:
    plain = expanded(client, "/v1/subscriptions/sub_1")
    assert (plain["customer"], plain["discounts"], plain["latest_invoice"]) == ("cus_1", ["di_1"], "in_1")
    assert plain["items"]["data"][0]["price"]["product"] == "prod_1"
    assert "subscriptions" not in expanded(client, "/v1/customers/cus_1")


def test_expanding_an_object(business: Store, client: httpx.Client) -> None:
    full = expanded(
        client, "/v1/subscriptions/sub_1",
        "customer.invoice_settings.default_payment_method", "discounts.source.coupon",
        "items.data.price.product", "latest_invoice.discounts", "schedule",
    )  # fmt: skip
    assert full["customer"]["invoice_settings"]["default_payment_method"]["id"] == "pm_1"
    assert full["discounts"][0]["source"]["coupon"]["percent_off"] == 50
    assert full["items"]["data"][0]["price"]["product"]["name"] == "Professional"
    assert full["latest_invoice"]["discounts"][0]["source"]["coupon"] == "HALF"
    assert full["latest_invoice"]["customer"] == "cus_1"
    assert full["schedule"] is None


def test_expanding_a_list(business: Store, client: httpx.Client) -> None:
    (row,) = expanded(client, "/v1/subscriptions", "data.discounts.source.coupon", "data.customer")["data"]
    assert row["discounts"][0]["source"]["coupon"]["id"] == "HALF"
    assert row["customer"]["object"] == "customer"
    (line,) = expanded(client, "/v1/invoices/in_1/lines", "data.discounts")["data"]
    assert line["discounts"] == []
    (item,) = client.get(
        "/v1/subscription_items", params={"subscription": "sub_1", "expand[]": "data.price.product"}
    ).json()["data"]
    assert item["price"]["product"]["id"] == "prod_1"


def test_what_only_appears_when_expanded(business: Store, client: httpx.Client) -> None:
    full = expanded(
        client, "/v1/customers/cus_1", "subscriptions.data.latest_invoice", "tax_ids", "tax", "sources"
    )
    assert full["subscriptions"]["data"][0]["latest_invoice"]["id"] == "in_1"
    assert full["tax_ids"]["data"] == full["sources"]["data"] == []
    assert full["tax"]["automatic_tax"] == "unrecognized_location"


def test_a_price_shows_its_tiers_only_when_expanded(business: Store, client: httpx.Client) -> None:
    tiers = [{"up_to": None, "unit_amount": 5}]
    business.put(
        "prices", {"id": "price_2", "object": "price", "created": 1, "product": "prod_1", "tiers": tiers}
    )
    assert "tiers" not in expanded(client, "/v1/prices/price_2")
    assert expanded(client, "/v1/prices/price_2", "tiers", "product")["tiers"] == tiers
    assert expanded(client, "/v1/prices", "data.tiers")["data"][0]["tiers"] == tiers


@pytest.mark.parametrize(
    ("path", "what", "sentence"),
    [
        ("/v1/subscriptions", "customer", "This property cannot be expanded (customer). You may want to try"),
        ("/v1/subscriptions", "data.status", "This property cannot be expanded (data.status)."),
        ("/v1/subscriptions/sub_1", "colour", "This property cannot be expanded (colour)."),
        ("/v1/subscriptions/sub_1", "items.price", "This property cannot be expanded (items.price)."),
        (
            "/v1/subscriptions/sub_1",
            "items.data.subscription",
            "This property cannot be expanded (items.data",
        ),
        ("/v1/subscriptions", "data.items.data.price.product", "You cannot expand more than 4 levels"),
    ],
)
def test_refused(business: Store, client: httpx.Client, path: str, what: str, sentence: str) -> None:
    error = expanded(client, path, what, status=400)["error"]
    assert error["message"].startswith(sentence)
    assert error["param"] == "expand"


def test_what_is_gone_stays_readable_where_others_refer_to_it(business: Store, client: httpx.Client) -> None:
    assert client.delete("/v1/coupons/HALF").json() == {"id": "HALF", "object": "coupon", "deleted": True}
    assert client.get("/v1/coupons/HALF").status_code == 404
    coupon = expanded(client, "/v1/subscriptions/sub_1", "discounts.source.coupon")["discounts"][0]["source"]
    assert coupon["coupon"]["valid"] is False
