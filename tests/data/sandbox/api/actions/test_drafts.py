"""Drafts that people write: items on them, their lines and discounts, and what may not be changed."""

import pytest

from tests.data.sandbox.api.actions.conftest import Json, Speaker
from tests.data.sandbox.scenario import Scenario, at


@pytest.fixture
def draft(scenario: Scenario, speaker: Speaker) -> Json:
    """An empty draft that is sent and due in 14 days."""
    return speaker.post(
        "invoices", customer=scenario.customer, collection_method="send_invoice", days_until_due=14
    )


def again(speaker: Speaker, invoice: Json) -> Json:
    """An invoice as it is now."""
    found: Json = speaker.client.get(f"/v1/invoices/{invoice['id']}").json()
    return found


def test_items_on_a_draft_are_added_changed_and_removed(
    scenario: Scenario, speaker: Speaker, draft: Json
) -> None:
    assert (draft["status"], draft["total"], draft["auto_advance"]) == ("draft", 0, False)
    assert draft["due_date"] == at("2026-01-17")
    once = scenario.do_price(4_000)
    fee = speaker.post("invoiceitems", data={
        "invoice": draft["id"], "pricing[price]": once, "quantity": "2"})  # fmt: skip
    other = speaker.post(
        "invoiceitems", invoice=draft["id"], customer=scenario.customer, amount=-500, description="Thanks"
    )
    assert (fee["amount"], other["discountable"]) == (8_000, False)
    assert again(speaker, draft)["total"] == 7_500
    speaker.post(f"invoiceitems/{fee['id']}", quantity=3)
    lines = again(speaker, draft)["lines"]["data"]
    assert [(line["amount"], line["quantity"]) for line in lines] == [(12_000, 3), (-500, 1)]
    changed = speaker.post(f"invoices/{draft['id']}/lines/{lines[1]['id']}", amount=-700)
    assert (changed["amount"], changed["subtotal"]) == (-700, -700)
    assert scenario.found("invoiceitems", other["id"])["amount"] == -700
    assert speaker.delete(f"invoiceitems/{fee['id']}")["deleted"] is True
    assert again(speaker, draft)["subtotal"] == -700
    assert "invoiceitem.deleted" in scenario.events("invoiceitem.")


def test_a_draft_has_discounts_of_its_own_and_of_its_lines(
    scenario: Scenario, speaker: Speaker, draft: Json
) -> None:
    coupon, tenth = scenario.coupon("once", percent_off=50), scenario.coupon("once", percent_off=10)
    item = speaker.post("invoiceitems", data={
        "invoice": draft["id"], "amount": "1000", "discounts[0][coupon]": coupon})  # fmt: skip
    assert item["net_amount"] == 500
    speaker.post(f"invoices/{draft['id']}", data={"discounts[0][coupon]": tenth})
    after = again(speaker, draft)
    assert (after["subtotal"], after["total"]) == (1_000, 450)
    held = after["discounts"][0]
    assert speaker.post(f"invoices/{draft['id']}", data={"discounts[0][discount]": held})["total"] == 450
    assert speaker.post(f"invoices/{draft['id']}", discounts="")["total"] == 500


def test_what_waits_is_taken_up_where_it_is_asked(scenario: Scenario, speaker: Speaker) -> None:
    speaker.post("invoiceitems", customer=scenario.customer, amount=900, currency="usd")
    assert speaker.post("invoices", customer=scenario.customer)["total"] == 0
    taken = speaker.post("invoices", customer=scenario.customer, pending_invoice_items_behavior="include")
    assert (taken["total"], taken["billing_reason"]) == (900, "manual")
    assert speaker.delete(f"invoices/{taken['id']}")["deleted"] is True
    again = speaker.post("invoices", customer=scenario.customer, pending_invoice_items_behavior="include")
    assert again["total"] == 900


def test_finalising_with_and_without_collection(scenario: Scenario, speaker: Speaker) -> None:
    left, charged = (speaker.post("invoices", customer=scenario.customer) for _ in range(2))
    for invoice in (left, charged):
        speaker.post("invoiceitems", invoice=invoice["id"], amount=900)
    assert speaker.post(f"invoices/{left['id']}/finalize")["status"] == "open"
    done = speaker.post(f"invoices/{charged['id']}/finalize", auto_advance="true")
    assert (done["status"], done["amount_paid"]) == ("paid", 900)
    assert speaker.post(f"invoices/{left['id']}", description="For January")["description"] == "For January"
    for path, data in (
        (f"invoices/{left['id']}", {"discounts": ""}),
        ("invoiceitems", {"invoice": left["id"], "customer": scenario.customer, "amount": "1"}),
        (f"invoices/{left['id']}/lines/{done['lines']['data'][0]['id']}", {"amount": "1"}),
    ):
        assert speaker.post(path, 404 if "lines" in path else 400, data=data)["code"] in (
            "invoice_not_editable",
            "resource_missing",
        )
    assert speaker.delete(f"invoices/{left['id']}", 400)["code"] == "invoice_not_editable"


def test_a_subscriptions_line_keeps_what_it_charges(scenario: Scenario, speaker: Speaker) -> None:
    scenario.subscribe(1_000, collection_method="send_invoice", days_until_due=30)
    invoice = scenario.last_invoice()
    line = f"invoices/{invoice['id']}/lines/{invoice['lines']['data'][0]['id']}"
    assert speaker.post(line, 400, amount=1)["param"] == "amount"
    half = scenario.coupon("once", percent_off=50)
    after = speaker.post(line, data={"description": "Seats", "discounts[0][coupon]": half})
    assert (after["description"], [each["amount"] for each in after["discount_amounts"]]) == ("Seats", [500])
    assert again(speaker, invoice)["total"] == 500
    speaker.delete(f"invoices/{invoice['id']}", 400)


@pytest.mark.parametrize(
    ("path", "asked", "param"),
    [
        ("invoices", {}, "customer"),
        ("invoices", {"customer": "cus_9"}, "customer"),
        ("invoices", {"customer": "?", "collection_method": "send_invoice"}, "days_until_due"),
        ("invoices", {"customer": "?", "days_until_due": "3"}, "days_until_due"),
        ("invoices", {"customer": "?", "colour": "red"}, "colour"),
        ("invoiceitems", {}, "customer"),
        ("invoiceitems", {"customer": "?"}, None),
        ("invoiceitems", {"customer": "?", "amount": "1", "quantity": "2"}, "quantity"),
        ("invoiceitems", {"customer": "?", "amount": "1", "unit_amount_decimal": "2"}, "unit_amount_decimal"),
        ("invoiceitems", {"customer": "?", "amount": "1.5"}, "amount"),
        ("invoiceitems", {"customer": "?", "amount": "1", "period[start]": "2", "period[end]": "1"},
         "period[end]"),
        ("invoiceitems", {"customer": "?", "unit_amount_decimal": "x"}, "unit_amount_decimal"),
        ("invoiceitems", {"customer": "?", "amount": "1", "discounts[0][coupon]": "no"},
         "discounts[0][coupon]"),
    ],
)  # fmt: skip
def test_refusals(
    scenario: Scenario, speaker: Speaker, path: str, asked: dict[str, str], param: str | None
) -> None:
    filled = {name: scenario.customer if value == "?" else value for name, value in asked.items()}
    assert speaker.post(path, 400, data=filled).get("param") == param
    assert scenario.store.count("invoices") == scenario.store.count("invoiceitems") == 0
