"""Quotes at a sandbox over HTTP: what Stripe bills for the whole term is what the quote says, to the cent."""

import json
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dashboard.actions import carrying, quoting_stages
from dashboard.actions.base import ActionError
from dashboard.actions.quoting import CancelQuote
from dashboard.actions.quoting_completing import complete
from data import config, letters
from data.actions import filled
from data.gateway import Gateway, GatewayError
from data.quotes.offers import Offer
from data.sandbox.billing.people import create_tax_rate
from tests.dashboard.actions.conftest import Desk
from tests.dashboard.actions.quoted import ENTERPRISE, Quoted
from tests.openapi import described_body

PREVIEW = "/v1/invoices/create_preview"


def do(desk: Desk, command: Any) -> None:
    """Carry a command out whose requests are what Stripe describes."""
    handler, shown = carrying.handler_of(command), desk.preview(command)
    for step in handler.steps(command, handler.read(desk.gateway, command), shown.at):
        validator = Draft202012Validator(described_body(step.method, step.path.format("x_1")))
        told = json.loads(json.dumps(filled(step.params, ["x_1"] * 9)))
        assert [each.message for each in validator.iter_errors(told)] == []
    desk.do(command, shown)


def test_a_quote_that_cannot_be_completed_holds_up_no_other() -> None:
    nothing: dict[str, Any] = {each.name: None for each in fields(Offer)}
    odd = [Offer(**nothing | {"id": name, "wanted": {}}) for name in ("qt_1", "qt_2")]
    with Gateway("sk_test_1", "http://127.0.0.1:9") as gateway:
        left = dict(complete("sqlite://", gateway, odd))
    assert left == dict.fromkeys(("qt_1", "qt_2"), "The app failed (KeyError): the log has the details.")


def test_a_ramped_contract_is_written_sent_accepted_and_billed_for_its_term_with_tax(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate = desk.scenario.do(create_tax_rate, "DE", "19", "VAT")
    for wrong, told in (({"inclusive": True}, "comes on top"), ({"active": False}, "is archived")):
        with desk.scenario.store.transaction():
            desk.scenario.store.put("tax_rates", {**rate, **wrong})
        with pytest.raises(ActionError, match=rf"{rate['id']} of QUOTE_TAX \(.*{told}"):
            desk.preview(Quoted(desk, ENTERPRISE, tax=(rate["id"],)).write())
    with pytest.raises(ActionError, match="txr_none of QUOTE_TAX is not at Stripe"):
        desk.preview(Quoted(desk, ENTERPRISE, tax=("txr_none",)).write())
    with desk.scenario.store.transaction():
        desk.scenario.store.put("tax_rates", rate)
    quoted = Quoted(desk, ENTERPRISE, tax=(rate["id"],))
    do(desk, quoted.write())
    assert (quoted.offer.state, quoted.state()) == ("written", "approved")
    write, described = desk.gateway.write, Draft202012Validator(described_body("post", PREVIEW))

    def checked(method: str, path: str, asked: Any, key: str) -> Any:
        assert (path, described.is_valid(asked)) == (PREVIEW, True)
        return write(method, path, asked, key)

    with monkeypatch.context() as patch:
        patch.setattr(desk.gateway, "write", checked)
        assert list(quoting_stages.differences(desk.gateway, quoted.customer, quoted.offer.wanted)) == []
    do(desk, quoted.send())
    assert (quoted.offer.state, quoted.state(), quoted.at_stripe()["status"]) == ("open", "sent", "open")
    do(desk, quoted.accept())
    assert (quoted.offer.state, quoted.state()) == ("accepted", "accepted")
    assert (quoted.offer.signatory, quoted.offer.completed_at) == ("Ada Byron", None)
    do(desk, quoted.ramp())
    assert quoted.offer.completed_at is not None
    desk.scenario.until("2028-12-30")
    invoices = sorted(desk.scenario.store.all("invoices"), key=lambda each: each["created"])
    assert [each["total_excluding_tax"] for each in invoices] == [year.billed for year in quoted.priced.years]
    assert all(each["total"] > each["total_excluding_tax"] for each in invoices)


def test_stripes_own_document_is_there_once_it_is_sent(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    quoted = Quoted(desk, ENTERPRISE)
    desk.do(quoted.write())
    with pytest.raises(GatewayError, match="must be finalized"):
        desk.gateway.quote_pdf(quoted.offer.id)
    desk.do(quoted.send())
    found = desk.gateway.quote_pdf(quoted.offer.id)
    assert found.startswith(b"%PDF-")
    assert b"Quote QT-" in found


def test_stripe_tax_is_asked_for_in_every_phase_once_it_knows_where_the_customer_is(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    quoted = Quoted(desk, ENTERPRISE, tax=("automatic",))
    address = {"address[country]": ""}
    assert desk.client.post(f"/v1/customers/{quoted.customer}", data=address).is_success
    do(desk, quoted.write())
    with pytest.raises(ActionError, match="needs to know where the customer is"):
        desk.preview(quoted.send())
    lines = desk.gateway.get(f"/v1/quotes/{quoted.offer.id}/line_items")["data"]
    assert {each["price"]["tax_behavior"] for each in lines} == {"exclusive"}  # as the order form says
    address = {"address[country]": "DE", "address[postal_code]": "10115"}
    assert desk.client.post(f"/v1/customers/{quoted.customer}", data=address).is_success
    desk.do(CancelQuote(**quoted.named))
    for command in (quoted.write, quoted.send, quoted.accept, quoted.ramp):
        do(desk, command())
    [schedule] = desk.scenario.store.all("subscription_schedules")
    assert [each["automatic_tax"]["enabled"] for each in schedule["phases"]] == [True] * 3
    assert desk.scenario.subscription(schedule["subscription"])["automatic_tax"]["enabled"]


def test_whoever_sells_it_hears_that_it_was_accepted(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = sqlite_desk
    for name, value in (("SMTP_HOST", "127.0.0.1"), ("MAIL_FROM", "ops@example.com")):
        monkeypatch.setenv(name, value)
    config.use(None)
    quoted = Quoted(desk, ENTERPRISE)
    quoted.wanted = json.dumps({**json.loads(quoted.wanted), "owner": "Sam@example.com"})
    for command in (quoted.write, quoted.send, quoted.accept):
        desk.do(command())
    config.use(None)
    [told] = letters.claim(desk.url)
    assert told.recipient == "sam@example.com"
    assert told.subject.startswith("Accepted: quote for ")
