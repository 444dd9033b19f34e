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
    assert speaker.post("refunds", charge=charge["id"], amount=100)["amount"] == 100
    assert speaker.post("refunds", 400, charge=charge["id"], amount=9_999)["param"] == "amount"


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


def test_tax_ids_and_billing_details(scenario: Scenario, speaker: Speaker) -> None:
    path = f"customers/{scenario.customer}"
    made = speaker.post(f"{path}/tax_ids", type="eu_vat", value="DE123456789")
    assert (made["country"], made["verification"]["status"]) == ("DE", "pending")
    assert speaker.delete(f"{path}/tax_ids/{made['id']}")["deleted"] is True
    assert speaker.delete(f"{path}/tax_ids/{made['id']}", 404)["code"] == "resource_missing"
    after = speaker.post(path, data={"invoice_settings[footer]": "PO 7", "preferred_locales[0]": "de"})
    assert (after["invoice_settings"]["footer"], after["preferred_locales"]) == ("PO 7", ["de"])
    new = speaker.post("customers", name="New Ltd", email="new@example.com")
    assert (new["name"], new["balance"]) == ("New Ltd", 0)
