"""What can be done with invoices over HTTP, credit notes, refunds, and a customer's card and tax ids."""

from data.sandbox.billing import payments
from data.sandbox.conditions import Condition
from tests.data.sandbox.api.actions.conftest import Json, Speaker
from tests.data.sandbox.scenario import Scenario


def first_invoice(scenario: Scenario, name: str) -> Json:
    """The first invoice of a subscription."""
    return scenario.store.select("invoices", (Condition("subscription", "=", name),))[0]


def test_an_open_invoice_is_sent_and_paid_outside_of_stripe(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe(collection_method="send_invoice", days_until_due=30)
    draft = first_invoice(scenario, name)["id"]
    sent = speaker.post(f"invoices/{draft}/send")
    assert sent["status"] == "open"
    paid = speaker.post(f"invoices/{draft}/pay", paid_out_of_band="true")
    assert (paid["status"], paid["amount_paid_off_stripe"]) == ("paid", 1_000)
    assert speaker.post(f"invoices/{draft}/pay", 400)["message"] == "Invoice is already paid"
    assert "status `paid`" in speaker.post(f"invoices/{draft}/void", 400)["message"]


def test_a_declined_card_is_a_402_and_the_attempt_stays(scenario: Scenario, speaker: Speaker) -> None:
    scenario.card("0341")
    name = scenario.subscribe()
    invoice = first_invoice(scenario, name)
    refused = speaker.post(f"invoices/{invoice['id']}/pay", 402)
    assert (refused["type"], refused["decline_code"]) == ("card_error", "generic_decline")
    assert first_invoice(scenario, name)["attempt_count"] == invoice["attempt_count"] + 1


def test_void_and_uncollectible(scenario: Scenario, speaker: Speaker) -> None:
    names = [scenario.subscribe(collection_method="send_invoice", days_until_due=30) for _ in range(2)]
    first, second = (first_invoice(scenario, name)["id"] for name in names)
    assert "finalize" not in speaker.post(f"invoices/{first}/finalize")
    assert speaker.post(f"invoices/{first}/void")["status"] == "void"
    speaker.post(f"invoices/{second}/finalize")
    assert speaker.post(f"invoices/{second}/mark_uncollectible")["status"] == "uncollectible"
    assert speaker.post(f"invoices/{second}/finalize", 400)["message"].startswith("This invoice is already")


def test_credit_note_split_and_refund(scenario: Scenario, speaker: Speaker) -> None:
    invoice = first_invoice(scenario, scenario.subscribe(5_000))
    refused = speaker.post("credit_notes", 400, invoice=invoice["id"], amount=1_000)
    assert refused["param"] == "amount"
    note = speaker.post(
        "credit_notes",
        invoice=invoice["id"],
        amount=1_000,
        refund_amount=400,
        credit_amount=600,
        reason="order_change",
    )
    assert (note["total"], note["post_payment_amount"]) == (1_000, 1_000)
    assert scenario.customer_now()["balance"] == -600
    with scenario.work() as billing:
        charge = payments.charge_of(billing, invoice)
    assert charge is not None
    assert charge["amount_refunded"] == 400


def test_a_credit_note_of_lines_and_one_taken_back(scenario: Scenario, speaker: Speaker) -> None:
    scenario.subscribe(5_000, collection_method="send_invoice", days_until_due=30)
    invoice = scenario.last_invoice()
    speaker.post(f"invoices/{invoice['id']}/finalize")
    note = speaker.post("credit_notes", data={
        "invoice": invoice["id"], "lines[0][type]": "invoice_line_item", "lines[0][amount]": "700",
        "lines[0][invoice_line_item]": invoice["lines"]["data"][0]["id"],
        "lines[1][type]": "custom_line_item", "lines[1][unit_amount]": "50", "lines[1][quantity]": "2",
        "metadata[mark]": "m1"})  # fmt: skip
    assert [line["amount"] for line in note["lines"]["data"]] == [700, 100]
    assert (note["pre_payment_amount"], note["metadata"]) == (800, {"mark": "m1"})
    assert scenario.last_invoice()["amount_remaining"] == 4_200
    assert speaker.post(f"credit_notes/{note['id']}/void")["status"] == "void"
    assert scenario.last_invoice()["amount_remaining"] == 5_000
    assert speaker.post(f"credit_notes/{note['id']}/void", 400)["message"].endswith("already void.")
    assert speaker.post("credit_notes", 400, invoice=invoice["id"])["param"] == "amount"


def test_refunds_and_credit_notes_together_never_give_more_than_was_paid(
    scenario: Scenario, speaker: Speaker
) -> None:
    invoice = first_invoice(scenario, scenario.subscribe(5_000))
    with scenario.work() as billing:
        charge = payments.charge_of(billing, invoice)
    assert charge is not None
    speaker.post("refunds", charge=charge["id"], amount=2_000)
    asked = {"invoice": invoice["id"], "amount": 3_001, "credit_amount": 3_001}
    assert (
        speaker.post("credit_notes", 400, data=asked)["message"] == "The amount must be between 1 and 3000."
    )


def test_refunds_of_a_charge_and_of_a_payment_intent(scenario: Scenario, speaker: Speaker) -> None:
    invoice = first_invoice(scenario, scenario.subscribe(5_000))
    with scenario.work() as billing:
        charge = payments.charge_of(billing, invoice)
    assert charge is not None
    part = speaker.post("refunds", data={
        "payment_intent": charge["payment_intent"], "amount": "100", "metadata[ref]": "7"})  # fmt: skip
    assert (part["amount"], part["charge"], part["metadata"]) == (100, charge["id"], {"ref": "7"})
    assert speaker.post("refunds", 400, charge=charge["id"], amount=9_999)["param"] == "amount"
    rest = speaker.post("refunds", charge=charge["id"], reason="requested_by_customer")
    assert (rest["amount"], scenario.found("charges", charge["id"])["refunded"]) == (4_900, True)
    again = speaker.post("refunds", 400, charge=charge["id"])
    assert again["code"] == "charge_already_refunded"
    assert "payment_intent or charge" in speaker.post("refunds", 400)["message"]
    assert speaker.post("refunds", 400, payment_intent="pi_9")["param"] == "payment_intent"
    assert scenario.events("charge.refunded", "refund.created").count("refund.created") == 2


def test_a_customer_changes_the_card_by_a_link(scenario: Scenario, speaker: Speaker) -> None:
    session = speaker.post("billing_portal/sessions", data={
        "customer": scenario.customer, "flow_data[type]": "payment_method_update"})  # fmt: skip
    path = session["url"].removeprefix(str(speaker.client.base_url).rstrip("/"))
    assert "Update your card" in speaker.client.get(path).text
    wrong = speaker.client.post(path, data={"number": "1", "month": "1", "year": "2030"})
    assert wrong.status_code == 400
    form = {"number": "5555 5555 5555 4444", "month": "4", "year": "2031"}
    assert "It ends in 4444" in speaker.client.post(path, data=form).text
    default = scenario.customer_now()["invoice_settings"]["default_payment_method"]
    card = scenario.store.get("payment_methods", default)
    assert card is not None
    assert (card["card"]["last4"], card["card"]["exp_year"]) == ("4444", 2031)
    assert speaker.client.get("/sandbox/portal/bps_9").status_code == 404


def test_a_checkout_session_leaves_a_card(scenario: Scenario, speaker: Speaker) -> None:
    asked = {"mode": "setup", "customer": scenario.customer, "currency": "usd"}
    assert speaker.post("checkout/sessions", 400, data=asked)["param"] == "success_url"
    asked["success_url"] = "https://example.com/done?s={CHECKOUT_SESSION_ID}"
    session = speaker.post("checkout/sessions", data=asked)
    assert (session["status"], session["payment_status"]) == ("open", "no_payment_required")
    path = session["url"].removeprefix(str(speaker.client.base_url).rstrip("/"))
    declined = speaker.client.post(path, data={"number": "4000000000000002", "month": "4", "year": "2031"})
    assert (declined.status_code, "Your card was declined." in declined.text) == (400, True)
    form = {"number": "5555 5555 5555 4444", "month": "4", "year": "2031"}
    done = speaker.client.post(path, data=form)
    assert done.headers["location"] == f"https://example.com/done?s={session['id']}"
    intent = speaker.client.get(f"/v1/setup_intents/{session['setup_intent']}?expand[]=payment_method").json()
    assert (intent["status"], intent["payment_method"]["card"]["last4"]) == ("succeeded", "4444")
    default = scenario.customer_now()["invoice_settings"]["default_payment_method"]
    assert default != intent["payment_method"]["id"]
    assert speaker.client.get(f"/v1/checkout/sessions/{session['id']}").json()["status"] == "complete"
    assert speaker.client.get(path).status_code == 404
    assert speaker.post(f"checkout/sessions/{session['id']}/expire", 400)["message"].startswith("Only")
    assert "checkout.session.completed" in scenario.events("checkout.")


def test_a_checkout_session_is_over_after_a_day(scenario: Scenario, speaker: Speaker) -> None:
    session = speaker.post("checkout/sessions", data={
        "mode": "setup", "customer": scenario.customer, "payment_method_types[0]": "card",
        "success_url": "https://example.com"})  # fmt: skip
    scenario.until("2026-01-05")
    assert scenario.found("checkout/sessions", session["id"])["status"] == "expired"
    assert scenario.found("setup_intents", session["setup_intent"])["status"] == "canceled"


def test_cards_are_attached_and_taken_off(scenario: Scenario, speaker: Speaker) -> None:
    old = scenario.customer_now()["invoice_settings"]["default_payment_method"]
    card = speaker.post("payment_methods/pm_card_mastercard/attach", customer=scenario.customer)
    assert card["card"]["brand"] == "mastercard"
    changed = speaker.post(f"payment_methods/{card['id']}", data={"card[exp_year]": "2040"})
    assert changed["card"]["exp_year"] == 2040
    assert speaker.post(f"payment_methods/{old}/detach")["customer"] is None
    assert scenario.customer_now()["invoice_settings"]["default_payment_method"] is None
    speaker.post(f"payment_methods/{old}/detach", 400)
    chosen = {"invoice_settings[default_payment_method]": card["id"]}
    after = speaker.post(f"customers/{scenario.customer}", data=chosen)
    assert after["invoice_settings"]["default_payment_method"] == card["id"]


def test_tax_ids_and_billing_details(scenario: Scenario, speaker: Speaker) -> None:
    path = f"customers/{scenario.customer}"
    made = speaker.post(f"{path}/tax_ids", type="eu_vat", value="DE123456789")
    assert (made["country"], made["verification"]["status"]) == ("DE", "pending")
    assert speaker.delete(f"{path}/tax_ids/{made['id']}")["deleted"] is True
    assert speaker.delete(f"{path}/tax_ids/{made['id']}", 404)["code"] == "resource_missing"
    assert speaker.post(f"{path}/tax_ids", 400, type="eu_vat", value="12")["code"] == "tax_id_invalid"
    assert speaker.post(f"{path}/tax_ids", 400, type="planet", value="12")["param"] == "type"
    gb = {"type": "gb_vat", "value": "GB123456789"}
    owned = speaker.post("tax_ids", data={
        **gb, "owner[type]": "customer", "owner[customer]": scenario.customer})  # fmt: skip
    scenario.subscribe()
    assert scenario.last_invoice()["customer_tax_ids"] == [gb]
    assert speaker.delete(f"tax_ids/{owned['id']}")["deleted"] is True
    after = speaker.post(path, data={"invoice_settings[footer]": "PO 7", "preferred_locales[0]": "de"})
    assert (after["invoice_settings"]["footer"], after["preferred_locales"]) == ("PO 7", ["de"])
    new = speaker.post("customers", name="New Ltd", email="new@example.com")
    assert (new["name"], new["balance"]) == ("New Ltd", 0)
