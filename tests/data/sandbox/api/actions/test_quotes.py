"""Quotes over HTTP: written, offered, revised, accepted; what acceptance makes, and the document."""

from typing import Any

import pytest

from tests.data.sandbox.api.actions.conftest import Json, Speaker
from tests.data.sandbox.scenario import Scenario, at


def written(scenario: Scenario, speaker: Speaker, **fields: Any) -> Json:
    """A draft of three yearly seats and a fee that is paid once."""
    return speaker.post("quotes", data={
        "customer": scenario.customer, "line_items[0][price]": scenario.price(10_000, "year"),
        "line_items[0][quantity]": "3", "line_items[1][price]": scenario.do_price(5_000),
        **fields})  # fmt: skip


def test_a_quote_from_draft_to_subscription(scenario: Scenario, speaker: Speaker) -> None:
    coupon, half = scenario.coupon("forever", percent_off=10), scenario.coupon("once", percent_off=50)
    draft = written(scenario, speaker, **{
        "discounts[0][coupon]": coupon, "line_items[0][discounts][0][coupon]": half,
        "collection_method": "send_invoice", "invoice_settings[days_until_due]": "30",
        "metadata[owner]": "sales", "subscription_data[metadata][capacity]": "300"})  # fmt: skip
    assert (draft["status"], draft["amount_subtotal"], draft["amount_total"]) == ("draft", 35_000, 18_000)
    assert draft["computed"]["upfront"]["amount_total"] == 18_000
    recurring = draft["computed"]["recurring"]
    assert (recurring["amount_total"], recurring["interval"]) == (27_000, "year")
    path = f"quotes/{draft['id']}"
    assert speaker.post(f"{path}/accept", 400)["message"].startswith("A quote that is draft")
    assert speaker.client.get(f"/v1/{path}/pdf").status_code == 400
    changed = speaker.post(path, data={"header": "Offer", "discounts[0][discount]": draft["discounts"][0]})
    assert (changed["header"], changed["amount_total"]) == ("Offer", 18_000)
    offered = speaker.post(f"{path}/finalize", expires_at=at("2026-01-20"))
    assert (offered["status"], offered["expires_at"]) == ("open", at("2026-01-20"))
    assert offered["number"].endswith("-1")
    assert "Only a draft" in speaker.post(path, 400, header="Late")["message"]
    document = speaker.client.get(f"/v1/{path}/pdf")
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert b"Total $180.00" in document.content
    lines = speaker.client.get(f"/v1/{path}/line_items").json()["data"]
    assert [line["amount_total"] for line in lines] == [13_500, 4_500]
    done = speaker.post(f"{path}/accept")
    subscription = scenario.subscription(done["subscription"])
    assert (subscription["days_until_due"], subscription["metadata"]) == (30, {"capacity": "300"})
    assert scenario.found("invoices", done["invoice"])["total"] == 18_000
    assert speaker.post(f"{path}/accept", 400)["message"].startswith("A quote that is accepted")
    assert scenario.events("quote.") == ["quote.created", "quote.finalized", "quote.accepted"]


@pytest.mark.parametrize(
    ("lasts", "recurs"),
    [(("once", {}), 30_000), (("repeating", {"duration_in_months": 12}), 30_000), (("forever", {}), 27_000)],
)
def test_what_recurs_is_told_less_what_is_taken_off_forever(
    scenario: Scenario, speaker: Speaker, lasts: tuple[str, dict[str, int]], recurs: int
) -> None:
    coupon = scenario.coupon(lasts[0], percent_off=10, **lasts[1])
    draft = written(scenario, speaker, **{"discounts[0][coupon]": coupon})
    assert draft["computed"]["upfront"]["amount_total"] == 31_500
    assert draft["computed"]["recurring"]["amount_total"] == recurs


def test_a_quote_that_begins_later_makes_a_schedule(scenario: Scenario, speaker: Speaker) -> None:
    draft = written(scenario, speaker, **{"subscription_data[effective_date]": at("2026-02-01")})
    assert draft["computed"]["upfront"]["amount_total"] == 5_000
    upfront = speaker.client.get(f"/v1/quotes/{draft['id']}/computed_upfront_line_items").json()["data"]
    assert [line["amount_total"] for line in upfront] == [5_000]
    speaker.post(f"quotes/{draft['id']}/finalize")
    done = speaker.post(f"quotes/{draft['id']}/accept")
    assert (done["subscription"], scenario.store.count("subscriptions")) == (None, 0)
    scenario.until("2026-02-02")
    schedule = scenario.found("subscription_schedules", done["subscription_schedule"])
    assert scenario.status(schedule["subscription"]) == "active"
    assert scenario.last_invoice()["total"] == 35_000


def test_a_quote_of_a_fee_alone_makes_an_invoice(scenario: Scenario, speaker: Speaker) -> None:
    draft = speaker.post("quotes", data={
        "customer": scenario.customer, "line_items[0][price]": scenario.do_price(5_000)})  # fmt: skip
    assert draft["computed"]["recurring"] is None
    speaker.post(f"quotes/{draft['id']}/finalize")
    done = speaker.post(f"quotes/{draft['id']}/accept")
    invoice = scenario.found("invoices", done["invoice"])
    assert (invoice["billing_reason"], invoice["total"], invoice["parent"]["type"]) == (
        "quote_accept",
        5_000,
        "quote_details",
    )
    assert speaker.client.get(f"/v1/invoices/{invoice['id']}").status_code == 200


def test_a_revision_takes_the_place_of_what_it_revises(scenario: Scenario, speaker: Speaker) -> None:
    first = written(scenario, speaker)
    refused = {"from_quote[quote]": first["id"], "from_quote[is_revision]": "true"}
    assert speaker.post("quotes", 400, data=refused)["param"] == "from_quote[quote]"
    speaker.post(f"quotes/{first['id']}/finalize")
    second = speaker.post("quotes", data=refused)
    assert (second["from_quote"]["is_revision"], second["amount_total"]) == (True, 35_000)
    offered = speaker.post(f"quotes/{second['id']}/finalize")
    assert offered["number"].endswith("-2")
    assert scenario.found("quotes", first["id"])["status"] == "canceled"
    accepted = speaker.post(f"quotes/{second['id']}/accept")
    more = speaker.post("quotes", data={**refused, "from_quote[quote]": second["id"]})
    seats = {"line_items[0][price]": scenario.item(accepted["subscription"])["price"]["id"],
             "line_items[0][quantity]": "5"}  # fmt: skip
    speaker.post(f"quotes/{more['id']}", data=seats)
    speaker.post(f"quotes/{more['id']}/finalize")
    assert speaker.post(f"quotes/{more['id']}/accept")["subscription"] == accepted["subscription"]
    assert scenario.item(accepted["subscription"])["quantity"] == 5
    assert scenario.store.count("subscriptions") == 1


def test_a_quote_is_taken_back_and_copied(scenario: Scenario, speaker: Speaker) -> None:
    first = written(scenario, speaker, description="Offer")
    assert speaker.post(f"quotes/{first['id']}/cancel")["status"] == "canceled"
    copy = speaker.post("quotes", data={"from_quote[quote]": first["id"]})
    assert (copy["status"], copy["description"], copy["amount_total"]) == ("draft", "Offer", 35_000)
    listed = speaker.client.get("/v1/quotes?status=canceled").json()["data"]
    assert [each["id"] for each in listed] == [first["id"]]


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({}, "customer"),
        ({"customer": "?", "line_items[0][price]": "price_9"}, "line_items[0][price]"),
        ({"customer": "?", "header": "x" * 51}, "header"),
        ({"customer": "?", "expires_at": "5"}, "expires_at"),
        ({"customer": "?", "collection_method": "send_invoice"}, "invoice_settings[days_until_due]"),
        ({"customer": "?", "discounts[0][coupon]": "no"}, "discounts[0][coupon]"),
        ({"customer": "?", "subscription_data[effective_date]": "current_period_end"},
         "subscription_data[effective_date]"),
        ({"customer": "?", "from_quote[quote]": "qt_9"}, "customer"),
    ],
)  # fmt: skip
def test_refusals(scenario: Scenario, speaker: Speaker, asked: dict[str, str], param: str) -> None:
    filled = {name: scenario.customer if value == "?" else value for name, value in asked.items()}
    assert speaker.post("quotes", 400, data=filled)["param"] == param
    assert scenario.store.count("quotes") == 0


def test_prices_made_for_a_quote_are_billed_and_never_sold_again(
    scenario: Scenario, speaker: Speaker
) -> None:
    made = {"currency": "usd", "product": scenario.product, "unit_amount": "7000"}
    monthly = {**made, "recurring": {"interval": "month"}}
    row = {f"line_items[0][price_data][{name}]": value for name, value in made.items()}
    row["line_items[0][price_data][recurring][interval]"] = "month"
    refused = speaker.post("quotes", 400, data={
        "customer": scenario.customer, **row, "line_items[0][price]": scenario.price(1)})  # fmt: skip
    assert "either `price` or `price_data`" in refused["message"]
    draft = speaker.post("quotes", data={
        "customer": scenario.customer, **row, "line_items[0][quantity]": "2"})  # fmt: skip
    assert draft["amount_total"] == 14_000
    speaker.post(f"quotes/{draft['id']}/finalize")
    done = speaker.post(f"quotes/{draft['id']}/accept")
    assert scenario.found("invoices", done["invoice"])["total"] == 14_000
    price = scenario.item(done["subscription"])["price"]
    assert (price["active"], price["unit_amount"]) == (False, 7_000)
    plan = speaker.post("subscription_schedules", from_subscription=done["subscription"])
    now = {"items[0][price]": price["id"], "items[0][quantity]": "2",
           "start_date": at("2026-01-03"), "duration[interval]": "month"}  # fmt: skip
    then = {f"items[0][price_data][{name}]": value for name, value in made.items()}
    then |= {"items[0][price_data][recurring][interval]": monthly["recurring"]["interval"],
             "items[0][price_data][unit_amount]": "9000", "duration[interval]": "month",
             "proration_behavior": "none"}  # fmt: skip
    phases = {f"phases[{place}]{_bracketed(name)}": value
              for place, phase in enumerate((now, then)) for name, value in phase.items()}  # fmt: skip
    speaker.post(f"subscription_schedules/{plan['id']}", data=phases)
    scenario.until("2026-02-04")
    assert scenario.last_invoice()["total"] == 9_000


def _bracketed(name: str) -> str:
    """ "items[0][price]" as "[items][0][price]"."""
    head, _, rest = name.partition("[")
    return f"[{head}][{rest}" if rest else f"[{head}]"
