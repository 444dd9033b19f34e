"""The generated history: believable, complete, valid, and the same again for the same seed."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from data.sandbox import engine
from data.sandbox.billing import DAY
from data.sandbox.generate import History, generate
from data.sandbox.history import business
from data.sandbox.store import Store
from tests.data.sandbox.conftest import NOW
from tests.openapi import object_problems

Json = dict[str, Any]
RESOURCES = (
    "products prices coupons promotion_codes customers payment_methods subscriptions subscription_schedules"
    " invoices invoiceitems credit_notes charges refunds events tax_rates quotes invoice_payments"
)
STATUSES = {
    "active",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
}


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    """A history of 150 customers over 24 months; only for tests that change nothing."""
    store = Store()
    generate(store, customers=150, months=24, seed=7, until=NOW)
    yield store
    store.close()


def fingerprint(store: Store) -> str:
    """A digest of everything in a store, in its order."""
    digest = hashlib.sha256()
    for resource in RESOURCES.split():
        for obj in store.all(resource):
            digest.update(orjson.dumps(obj))
    return digest.hexdigest()


def made(seed: int, customers: int = 25, months: int = 8) -> str:
    """The fingerprint of a small history."""
    store = Store()
    generate(store, customers=customers, months=months, seed=seed, until=NOW)
    found = fingerprint(store)
    store.close()
    return found


def test_the_same_seed_gives_the_same_history_and_another_seed_another() -> None:
    assert made(7) == made(7) != made(8)


@pytest.mark.parametrize("resource", RESOURCES.split())
def test_every_object_has_stripes_shape(history: Store, resource: str) -> None:
    objects = list(history.all(resource))
    assert objects
    problems = [problem for obj in objects[:: max(1, len(objects) // 60)] for problem in object_problems(obj)]
    assert problems == []


@pytest.mark.parametrize(("customers", "months"), [(150, 24), (20, 6)])
def test_every_status_is_there_at_the_end(customers: int, months: int) -> None:
    store = Store()
    generate(store, customers=customers, months=months, seed=11, until=NOW)
    assert {each["status"] for each in store.all("subscriptions")} == STATUSES
    assert {"not_started", "active"} <= {each["status"] for each in store.all("subscription_schedules")}
    assert (store.count("customers"), store.now) == (customers, NOW)
    store.close()


def test_ids_never_repeat_and_references_lead_somewhere(history: Store) -> None:
    ids = [obj["id"] for resource in RESOURCES.split() for obj in history.all(resource)]
    assert len(ids) == len(set(ids))
    known = set(ids)
    for subscription in history.all("subscriptions"):
        referred = {subscription["customer"], subscription["latest_invoice"]}
        referred |= {item["price"]["id"] for item in subscription["items"]["data"]}
        assert referred <= known
    for invoice in history.all("invoices"):
        prices = {
            line["pricing"]["price_details"]["price"] for line in invoice["lines"]["data"] if line["pricing"]
        }
        assert prices | {invoice["customer"]} <= known


def test_nothing_happens_after_the_end_or_is_told_after_thirty_days(history: Store) -> None:
    for resource in RESOURCES.split():
        assert max(obj.get("created") or obj["date"] for obj in history.all(resource)) <= NOW
    assert min(event["created"] for event in history.all("events")) >= NOW - 30 * DAY


def test_money_adds_up_everywhere(history: Store) -> None:
    for invoice in history.all("invoices"):
        off = sum(each["amount"] for each in invoice["total_discount_amounts"])
        tax = sum(each["amount"] for each in invoice["total_taxes"])
        assert invoice["total"] == sum(line["amount"] for line in invoice["lines"]["data"]) - off + tax
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]
        assert (invoice["status"] == "paid") <= (invoice["amount_remaining"] == 0)
    for charge in history.all("charges"):
        assert 0 <= charge["amount_refunded"] <= charge["amount_captured"]


def test_the_business_is_all_there(history: Store) -> None:
    plans = {each["metadata"].get("plan") or each["metadata"]["addon"] for each in history.all("products")}
    assert plans == {offer.key for offer in business.OFFERS}
    subscriptions = list(history.all("subscriptions"))
    assert {each["currency"] for each in subscriptions} == {"usd", "eur", "gbp", "jpy"}
    assert {each["collection_method"] for each in subscriptions} == {"charge_automatically", "send_invoice"}
    recurring = [item["price"]["recurring"] for each in subscriptions for item in each["items"]["data"]]
    intervals = {(each["interval"], each["interval_count"]) for each in recurring}
    assert intervals >= {("month", 1), ("month", 3), ("month", 6), ("year", 1)}
    reasons = {
        each["cancellation_details"]["reason"] for each in subscriptions if each["status"] == "canceled"
    }
    assert {"cancellation_requested", "payment_failed"} <= reasons
    assert any(each["cancel_at_period_end"] and each["status"] == "active" for each in subscriptions)
    assert any(each["pause_collection"] for each in subscriptions)


def test_charges_lead_to_their_invoices(history: Store) -> None:
    payments = {each["payment"]["payment_intent"]: each for each in history.all("invoice_payments")}
    for charge in history.all("charges"):
        payment = payments[charge["payment_intent"]]
        invoice = history.get("invoices", payment["invoice"])
        assert invoice is not None
        assert invoice["customer"] == charge["customer"]
        if charge["paid"]:
            assert (payment["status"], payment["amount_paid"]) == ("paid", charge["amount"])


def test_old_customers_keep_the_old_price(history: Store) -> None:
    old = {price["id"] for price in history.all("prices") if not price["active"]}
    held = {
        item["price"]["id"]
        for subscription in history.all("subscriptions")
        if subscription["status"] == "active"
        for item in subscription["items"]["data"]
    }
    assert old & held


def test_the_bad_quarter_shows(history: Store) -> None:
    length = 24 * 30.4 * DAY
    ended = [
        each["ended_at"] - (NOW - length)
        for each in history.all("subscriptions")
        if each["status"] == "canceled"
    ]
    eighths = Counter(int(8 * moment // length) for moment in ended)
    assert eighths[4] + eighths[5] > 1.5 * (eighths[2] + eighths[3])


def test_names_are_awkward_and_addresses_lead_nowhere(history: Store) -> None:
    customers = list(history.all("customers"))
    names = {each["name"] for each in customers}
    assert len(names & set(business.HOSTILE_NAMES)) >= 4
    assert len(names) == len(customers)
    assert all(each["email"].endswith((".example.com", ".example.org", ".test")) for each in customers)


def test_a_generated_account_lives_on(history: Store) -> None:
    store = Store()
    generate(store, customers=25, months=4, seed=3, until=NOW)
    before = store.count("invoices")
    engine.advance(store, NOW + 45 * DAY)
    assert store.count("invoices") > before + 10
    assert min(event["created"] for event in store.all("events")) >= NOW + 15 * DAY
    store.close()


def test_the_business_that_the_app_starts_with_can_be_made() -> None:
    store = Store()
    generate(store, until=NOW + 9 * 3_600)  # a customer complains of what was refunded already
    paid = {each["payment_intent"]: each for each in store.all("charges") if each["status"] == "succeeded"}
    assert all(each["amount_refunded"] <= each["amount_captured"] for each in paid.values())
    for note in store.all("credit_notes"):
        invoice = store.get("invoices", note["invoice"])
        assert invoice is not None
        given = invoice["post_payment_credit_notes_amount"] + invoice["pre_payment_credit_notes_amount"]
        assert given <= invoice["total"]
    store.close()


def test_a_history_that_is_told_in_parts_is_the_same() -> None:
    whole, parts = Store(), Store()
    generate(whole, customers=40, months=6, seed=3, until=NOW)
    history = History(parts, 40, 6, 3, NOW)
    for days in (75, 31, 2):
        history.tell(NOW - days * DAY)
        assert not history.over
    history.tell(NOW)
    assert history.over
    for resource in RESOURCES.split():
        assert list(parts.all(resource)) == list(whole.all(resource)), resource


def test_plain_names_change_nothing_but_the_names() -> None:
    awkward, plain = Store(), Store()
    History(awkward, 30, 2, 3, NOW).tell(NOW)
    History(plain, 30, 2, 3, NOW, plain_names=True).tell(NOW)
    before, after = ([dict(each) for each in store.all("customers")] for store in (awkward, plain))
    named = dict(zip((each["name"] for each in before), (each["name"] for each in after), strict=True))
    changed = {old: new for old, new in named.items() if old != new}
    assert set(changed) <= set(business.HOSTILE_NAMES)
    assert changed
    assert not set(changed.values()) & set(business.HOSTILE_NAMES)
    for resource in RESOURCES.split():
        told = json.dumps(list(awkward.all(resource)))
        for old, new in changed.items():
            told = told.replace(json.dumps(old), json.dumps(new))
        assert told == json.dumps(list(plain.all(resource))), resource
