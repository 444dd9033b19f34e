"""Tax ids, how a subscription is paid, and which card is charged."""

import pytest

from dashboard.actions import customers, tax_ids
from dashboard.actions.base import ActionError
from dashboard.actions.collecting import SetCollection, UseCard
from dashboard.actions.items import ChangeItems
from dashboard.actions.tax_ids import AddTaxId, RemoveTaxId
from tests.dashboard.actions.conftest import Desk
from tests.openapi import described_body


def test_the_kinds_are_those_that_stripe_describes() -> None:
    described = described_body("post", "/v1/customers/cus_1/tax_ids")["properties"]["type"]["enum"]
    assert set(described) == tax_ids.KINDS


def test_a_tax_id_is_added_and_taken_off(desk: Desk) -> None:
    customer = desk.scenario.customer
    add = AddTaxId(customer, "eu_vat", "de123456789")
    shown = desk.preview(add)
    assert shown.rows == (("Tax ids", "–", "EU VAT number DE123456789"),)
    desk.do(add, shown)
    with pytest.raises(ActionError, match="has this tax id already"):
        desk.preview(AddTaxId(customer, "eu_vat", "DE 123456789".replace(" ", "")))
    (held,) = desk.scenario.store.all("tax_ids")
    assert (held["type"], held["value"]) == ("eu_vat", "DE123456789")
    desk.do(RemoveTaxId(customer, held["id"]))
    assert list(desk.scenario.store.all("tax_ids")) == []
    with pytest.raises(ActionError, match="not there any more"):
        desk.preview(RemoveTaxId(customer, held["id"]))
    assert [each.after for each in desk.audited()] == [
        {"tax ids": ["EU VAT number DE123456789"]},
        {"tax ids": []},
    ]


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [("xx_vat", "1", "no tax id of the kind"), ("gb_vat", "", "Type the"), ("eu_vat", "123", "looks like")],
)
def test_a_tax_id_that_cannot_be(desk: Desk, kind: str, value: str, said: str) -> None:
    with pytest.raises(ActionError, match=said):
        desk.preview(AddTaxId(desk.scenario.customer, kind, value))


def test_from_the_card_to_invoices_and_back(desk: Desk) -> None:
    customer, name = desk.scenario.customer, desk.scenario.subscribe(1_000)
    invoices = SetCollection(customer, name, "send_invoice", 30)
    shown = desk.preview(invoices)
    assert shown.rows == (("Paid by", "The card is charged", "Invoices, due after 30 days"),)
    assert "From the next invoice on: the invoice goes to acme@example.com" in shown.mails[0]
    desk.do(invoices, shown)
    after = desk.scenario.subscription(name)
    assert (after["collection_method"], after["days_until_due"]) == ("send_invoice", 30)
    with pytest.raises(ActionError, match="collected already"):
        desk.preview(invoices)
    with pytest.raises(ActionError, match="1 to 365 days"):
        desk.preview(SetCollection(customer, name, "send_invoice"))
    desk.do(SetCollection(customer, name, "charge_automatically"))
    assert desk.scenario.subscription(name)["collection_method"] == "charge_automatically"


def test_a_card_left_at_checkout_is_charged_once_it_is_chosen(desk: Desk) -> None:
    customer = desk.scenario.customer
    url = customers.checkout_link(desk.gateway, customer, "key-1", "https://example.com/thanks", "usd")
    page = desk.client.get(url)
    assert page.status_code == 200
    desk.client.post(url, data={"number": "5555 5555 5555 4444", "month": "12", "year": "2031"})
    cards = desk.gateway.page(f"/v1/customers/{customer}/payment_methods", {"type": "card"}).objects
    before = desk.scenario.customer_now()["invoice_settings"]["default_payment_method"]
    other = next(each["id"] for each in cards if each["id"] != before)
    shown = desk.preview(UseCard(customer, other))
    assert "ending in" in shown.rows[0][1]
    desk.do(UseCard(customer, other), shown)
    assert desk.scenario.customer_now()["invoice_settings"]["default_payment_method"] == other
    with pytest.raises(ActionError, match="charged already"):
        desk.preview(UseCard(customer, other))


def test_a_declined_card_may_leave_all_as_it_is(desk: Desk) -> None:
    customer, name = desk.scenario.customer, desk.scenario.subscribe(1_000)
    item = desk.scenario.item(name)
    desk.scenario.card("0341")
    more = ChangeItems(
        customer,
        name,
        ((item["id"], item["price"]["id"], 5),),
        proration="always_invoice",
        declined="error_if_incomplete",
    )
    shown = desk.preview(more)
    assert shown.warnings == ("If the card is declined, nothing is changed.",)
    with pytest.raises(ActionError, match="nothing was changed"):
        desk.do(more, shown)
    assert desk.scenario.item(name)["quantity"] == 1
