"""Changing and ending subscriptions over HTTP, and the previews of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.sandbox.api.actions import previews, subscriptions
from data.sandbox.api.calls import Call
from data.sandbox.store import Store
from tests.data.sandbox.api.actions.conftest import Speaker
from tests.data.sandbox.scenario import Scenario, at


def test_canceled_at_the_period_end_and_taken_back(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    after = speaker.post(f"subscriptions/{name}", data={
        "cancel_at_period_end": "true", "cancellation_details[feedback]": "too_expensive"})  # fmt: skip
    assert (after["cancel_at_period_end"], after["cancel_at"]) == (True, at("2026-02-03"))
    assert after["cancellation_details"]["feedback"] == "too_expensive"
    kept = speaker.post(f"subscriptions/{name}", cancel_at_period_end="false")
    assert (kept["cancel_at"], kept["canceled_at"]) == (None, None)


def test_canceled_at_a_date(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    assert speaker.post(f"subscriptions/{name}", cancel_at=at("2026-05-01"))["cancel_at"] == at("2026-05-01")
    assert speaker.post(f"subscriptions/{name}", cancel_at="")["cancel_at"] is None


def test_canceled_at_once_with_credit(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe(3_100)
    scenario.until("2026-01-18 22:00")
    ended = speaker.delete(f"subscriptions/{name}", prorate="true", invoice_now="true")
    assert (ended["status"], ended["ended_at"]) == ("canceled", at("2026-01-18 22:00"))
    assert scenario.customer_now()["balance"] == -1_550
    assert speaker.delete(f"subscriptions/{name}", 404)["code"] == "resource_missing"


def test_seats_with_proration(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe(1_000, 2)
    scenario.until("2026-01-18 22:00")
    item = scenario.item(name)["id"]
    after = speaker.post(f"subscriptions/{name}", data={
        "items[0][id]": item, "items[0][quantity]": "4", "proration_behavior": "always_invoice"})  # fmt: skip
    assert after["items"]["data"][0]["quantity"] == 4
    invoice = scenario.store.get("invoices", after["latest_invoice"])
    assert invoice is not None
    assert [line["amount"] for line in invoice["lines"]["data"]] == [2_000, -1_000]
    assert (invoice["status"], invoice["total"]) == ("paid", 1_000)


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"items[0][id]": "si_9"}, "resource_missing", "items[0][id]"),
        ({"items[0][price]": "price_9"}, "resource_missing", "items[0][price]"),
        ({"cancel_at": "12"}, "parameter_invalid_integer", "cancel_at"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"collection_method": "send_invoice"}, None, "days_until_due"),
        ({"pause_collection[behavior]": "sleep"}, None, "pause_collection[behavior]"),
        ({"discounts[0][coupon]": "C9"}, "resource_missing", "discounts[0][coupon]"),
    ],
)
def test_refusals_change_nothing(
    scenario: Scenario, speaker: Speaker, asked: dict[str, str], code: str | None, param: str
) -> None:
    name = scenario.subscribe()
    before = scenario.subscription(name)
    refused = speaker.post(f"subscriptions/{name}", 400, data={"description": "new", **asked})
    assert (refused.get("code"), refused["param"]) == (code, param)
    assert scenario.subscription(name) == before


def test_discounts_trial_and_collection(scenario: Scenario, speaker: Speaker) -> None:
    name, coupon = scenario.subscribe(), scenario.coupon("forever", percent_off=10)
    after = speaker.post(
        f"subscriptions/{name}", data={"discounts[0][coupon]": coupon, "expand[]": "discounts"}
    )
    assert [each["source"]["coupon"] for each in after["discounts"]] == [coupon]
    kept = speaker.post(f"subscriptions/{name}", data={"discounts[0][discount]": after["discounts"][0]["id"]})
    assert kept["discounts"] == [after["discounts"][0]["id"]]
    assert speaker.post(f"subscriptions/{name}", discounts="")["discounts"] == []
    paused = speaker.post(f"subscriptions/{name}", data={"pause_collection[behavior]": "void"})
    assert paused["pause_collection"] == {"behavior": "void", "resumes_at": None}
    assert speaker.post(f"subscriptions/{name}", pause_collection="")["pause_collection"] is None
    trial = speaker.post(f"subscriptions/{name}", trial_end=at("2026-02-20"))
    assert (trial["status"], trial["trial_end"]) == ("trialing", at("2026-02-20"))
    assert speaker.post(f"subscriptions/{name}", trial_end="now")["status"] == "active"


def test_a_canceled_subscription_takes_only_its_reason(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    speaker.delete(f"subscriptions/{name}")
    assert "can only update" in speaker.post(f"subscriptions/{name}", 400, cancel_at="")["message"]
    after = speaker.post(f"subscriptions/{name}", data={"cancellation_details[comment]": "moved away"})
    assert after["cancellation_details"]["comment"] == "moved away"


def test_a_change_at_the_period_end_by_a_schedule(scenario: Scenario, speaker: Speaker) -> None:
    name, dearer = scenario.subscribe(1_000), scenario.price(3_000)
    schedule = speaker.post("subscription_schedules", from_subscription=name)
    cheap, end = scenario.item(name)["price"]["id"], at("2026-02-03")
    speaker.post(f"subscription_schedules/{schedule['id']}", data={
        "phases[0][items][0][price]": cheap, "phases[0][start_date]": schedule["phases"][0]["start_date"],
        "phases[0][end_date]": end, "phases[1][items][0][price]": dearer,
        "phases[1][end_date]": at("2026-03-03"), "phases[1][proration_behavior]": "none"})  # fmt: skip
    told = speaker.post(f"subscriptions/{name}", 400, cancel_at_period_end="true")["message"]
    assert "managed by the subscription schedule" in told
    scenario.until("2026-02-04")
    assert scenario.item(name)["price"]["id"] == dearer
    speaker.post(f"subscription_schedules/{schedule['id']}/release")
    assert scenario.subscription(name)["schedule"] is None


def test_a_preview_changes_nothing(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    before, events = scenario.subscription(name), scenario.store.count("events")
    shown = speaker.post("invoices/create_preview", data={
        "subscription": name, "subscription_details[items][0][id]": scenario.item(name)["id"],
        "subscription_details[items][0][quantity]": "5"})  # fmt: skip
    assert shown["billing_reason"] == "upcoming"
    assert scenario.subscription(name) == before
    assert scenario.store.count("events") == events
    assert scenario.store.count("invoices") == 1


def test_nothing_is_coming_after_a_cancellation(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    refused = speaker.post("invoices/create_preview", 400, data={
        "subscription": name, "subscription_details[cancel_at_period_end]": "true"})  # fmt: skip
    assert refused["code"] == "invoice_upcoming_none"


def call(body: str, **path: str) -> Call:
    """A POST as the sandbox reads it."""
    return Call("POST", "/", "", body, path, "sk_test_1", None, None)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quantity=st.integers(0, 40),
    amount=st.integers(1, 90_000),
    seconds=st.integers(1, 27 * 86_400),
    percent=st.sampled_from([None, 10, 33]),
    own=st.sampled_from(["", "15", "amount"]),
    yearly=st.booleans(),
    behaviour=st.sampled_from(["always_invoice", "create_prorations", "none"]),
)
def test_a_preview_is_what_is_billed(
    quantity: int, amount: int, seconds: int, percent: int | None, own: str, yearly: bool, behaviour: str
) -> None:
    store = Store()
    scenario = Scenario(store, "2026-01-03")
    coupons = [scenario.coupon("forever", percent_off=percent)] if percent else []
    name = scenario.subscribe(1_999, 3, coupons=coupons)
    scenario.until(f"2026-01-{3 + seconds // 86_400:02d} 11:07")
    price = scenario.price(amount, "year" if yearly else "month")
    item = scenario.item(name)["id"]
    asked = {
        f"items[0][{key}]": value for key, value in (("id", item), ("price", price), ("quantity", quantity))
    }
    if own:
        off = {"amount_off": 450, "currency": "usd"} if own == "amount" else {"percent_off": float(own)}
        asked["items[0][discounts][0][coupon]"] = scenario.coupon("once", **off)
    inside = {f"subscription_details[{key.replace('[', '][', 1)}": value for key, value in asked.items()}
    preview = "&".join(f"{key}={value}" for key, value in inside.items())
    preview += f"&subscription={name}&subscription_details[proration_behavior]={behaviour}"
    shown = previews.create(store, call(preview))
    known = {each["id"] for each in store.all("invoices")}
    change = "&".join(f"{key}={value}" for key, value in asked.items())
    subscriptions.update(store, call(f"{change}&proration_behavior={behaviour}", id=name))
    if not {each["id"] for each in store.all("invoices")} - known:
        scenario.until("2026-02-03 12:00")
    billed = next(each for each in store.all("invoices") if each["id"] not in known)
    lines = [
        [
            (line["amount"], line["description"], [off["amount"] for off in line["discount_amounts"]])
            for line in each["lines"]["data"]
        ]
        for each in (shown, billed)
    ]
    assert lines[0] == lines[1]
    assert (shown["total"], shown["subtotal"]) == (billed["total"], billed["subtotal"])
    store.close()


def test_items_have_discounts_of_their_own(scenario: Scenario, speaker: Speaker) -> None:
    half, tenth = scenario.coupon("once", percent_off=50), scenario.coupon("forever", percent_off=10)
    price, other = scenario.price(2_000), scenario.price(1_000)
    made = speaker.post("subscriptions", data={
        "customer": scenario.customer, "items[0][price]": price, "items[0][discounts][0][coupon]": half,
        "items[1][price]": other, "discounts[0][coupon]": tenth})  # fmt: skip
    assert scenario.last_invoice()["total"] == 900 + 900
    first, second = made["items"]["data"]
    assert (first["discounts"], second["discounts"]) == ([], [])  # once is used up
    after = speaker.post(f"subscriptions/{made['id']}", data={
        "items[0][id]": second["id"], "items[0][discounts][0][coupon]": half,
        "expand[]": "items.data.discounts"})  # fmt: skip
    held = after["items"]["data"][1]["discounts"][0]
    assert (held["source"]["coupon"], held["subscription_item"]) == (half, second["id"])
    assert scenario.store.count("invoiceitems") == 0  # another discount alone is not prorated
    speaker.post(f"subscriptions/{made['id']}", data={
        "items[0][id]": second["id"], "items[0][discounts]": ""})  # fmt: skip
    assert scenario.subscription(made["id"])["items"]["data"][1]["discounts"] == []
    assert scenario.events("customer.discount")[-2:] == [
        "customer.discount.created",
        "customer.discount.deleted",
    ]


def test_an_items_repeating_discount_ends(scenario: Scenario, speaker: Speaker) -> None:
    coupon = scenario.coupon("repeating", percent_off=50, duration_in_months=2)
    speaker.post("subscriptions", data={
        "customer": scenario.customer, "items[0][price]": scenario.price(1_000),
        "items[0][discounts][0][coupon]": coupon})  # fmt: skip
    scenario.until("2026-04-05")
    assert [total for _, _, total, _ in scenario.invoices()] == [500, 500, 1_000, 1_000]


def test_another_price_without_a_quantity_is_one(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe(1_000, 5)
    asked = {"items[0][id]": scenario.item(name)["id"], "proration_behavior": "none"}
    same = {**asked, "items[0][price]": scenario.item(name)["price"]["id"]}
    assert speaker.post(f"subscriptions/{name}", data=same)["items"]["data"][0]["quantity"] == 5
    other = {**asked, "items[0][price]": scenario.price(3_000)}
    assert speaker.post(f"subscriptions/{name}", data=other)["items"]["data"][0]["quantity"] == 1


def test_a_declined_change_is_a_402_and_nothing_changed(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    scenario.card("0341")
    before, invoices = scenario.subscription(name), scenario.store.count("invoices")
    asked = {"items[0][id]": scenario.item(name)["id"], "items[0][quantity]": "9",
             "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}  # fmt: skip
    refused = speaker.post(f"subscriptions/{name}", 402, data=asked)
    assert refused["code"] == "card_declined"
    assert (scenario.subscription(name), scenario.store.count("invoices")) == (before, invoices)
    speaker.post("subscriptions", 402, data={
        "customer": scenario.customer, "items[0][price]": before["items"]["data"][0]["price"]["id"],
        "payment_behavior": "error_if_incomplete"})  # fmt: skip
    assert scenario.store.count("subscriptions") == 1
    late = speaker.post(f"subscriptions/{name}", data={**asked, "payment_behavior": "default_incomplete"})
    assert late["status"] == "past_due"
    assert scenario.found("invoices", late["latest_invoice"])["attempt_count"] == 0
    pending = {**asked, "payment_behavior": "pending_if_incomplete"}
    assert speaker.post(f"subscriptions/{name}", 400, data=pending)["param"] == "payment_behavior"


def test_no_card_is_told_before_anything_is_made(store: Store, scenario: Scenario, speaker: Speaker) -> None:
    bare = speaker.post("customers", name="New Ltd")["id"]
    asked = {"customer": bare, "items[0][price]": scenario.price(1_000)}
    assert speaker.post("subscriptions", 400, data=asked)["code"] == "resource_missing"
    assert store.count("subscriptions") == 0
    waits = speaker.post("subscriptions", data={**asked, "payment_behavior": "default_incomplete"})
    assert waits["status"] == "incomplete"
    assert speaker.post("subscriptions", data={**asked, "trial_period_days": "7"})["status"] == "trialing"


def test_a_trial_gives_back_only_where_it_is_asked(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe(3_100)
    scenario.until("2026-01-18 22:00")
    asked = {"trial_end": str(at("2026-03-01")), "proration_date": str(at("2026-01-18 22:00"))}
    quiet = {f"subscription_details[{key}]": value for key, value in asked.items()}
    shown = speaker.post("invoices/create_preview", data={
        **quiet, "subscription": name, "subscription_details[proration_behavior]": "none"})  # fmt: skip
    assert [line["amount"] for line in shown["lines"]["data"]] == [3_100]
    scenario.until("2026-01-19")
    speaker.post(f"subscriptions/{name}", data=asked)
    assert [item["amount"] for item in scenario.store.all("invoiceitems")] == [-1_550]


def test_what_a_new_subscription_would_cost_is_what_it_costs(scenario: Scenario, speaker: Speaker) -> None:
    own, all_ = scenario.coupon("once", percent_off=20), scenario.coupon("forever", percent_off=10)
    items = {"[items][0][price]": scenario.price(2_345), "[items][0][quantity]": "3",
             "[items][0][discounts][0][coupon]": own}  # fmt: skip
    top = {"customer": scenario.customer, "discounts[0][coupon]": all_}
    shown = speaker.post("invoices/create_preview", data={
        **top, **{f"subscription_details{name}": value for name, value in items.items()}})  # fmt: skip
    plain = {name[1:].replace("]", "", 1): value for name, value in items.items()}
    made = speaker.post("subscriptions", data={**top, **plain})
    billed = scenario.found("invoices", made["latest_invoice"])
    assert (shown["total"], shown["billing_reason"]) == (billed["total"], "upcoming")
    assert billed["total"] == 5_065


def test_subscribing_over_http(scenario: Scenario, speaker: Speaker) -> None:
    price = scenario.price(2_000)
    coupon = speaker.post("coupons", duration="repeating", duration_in_months=3, percent_off="12.5")
    made = speaker.post("subscriptions", data={
        "customer": scenario.customer, "items[0][price]": price, "items[0][quantity]": "2",
        "discounts[0][coupon]": coupon["id"], "metadata[ref]": "7"})  # fmt: skip
    assert (made["status"], made["metadata"]) == ("active", {"ref": "7"})
    invoice = scenario.store.get("invoices", made["latest_invoice"])
    assert invoice is not None
    assert invoice["total"] == 3_500
    trial = speaker.post("subscriptions", data={
        "customer": scenario.customer, "items[0][price]": price, "trial_period_days": "14"})  # fmt: skip
    assert trial["status"] == "trialing"
    sent = speaker.post("subscriptions", data={
        "customer": scenario.customer, "items[0][price]": price, "collection_method": "send_invoice",
        "days_until_due": "30"})  # fmt: skip
    assert sent["days_until_due"] == 30


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({}, "customer"),
        ({"customer": "cus_9", "items[0][price]": "price_9"}, "customer"),
        ({"customer": "", "items[0][price]": "x"}, "customer"),
    ],
)
def test_subscribing_refused(speaker: Speaker, asked: dict[str, str], param: str) -> None:
    assert speaker.post("subscriptions", 400, data=asked)["param"] == param


@pytest.mark.parametrize("asked", [{}, {"percent_off": "120"}, {"percent_off": "5", "amount_off": "5"}])
def test_coupons_refused(speaker: Speaker, asked: dict[str, str]) -> None:
    assert "percent_off" in speaker.post("coupons", 400, data=asked)["message"]
