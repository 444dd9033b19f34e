"""Every request that an action sends is one that Stripe describes: path, names, shapes, values."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dashboard.actions import carrying
from dashboard.actions.base import Command
from dashboard.actions.collecting import SetCollection, UseCard
from dashboard.actions.customers import LABELS, EditBillingDetails, card_link, checkout_link
from dashboard.actions.downtime import CreditDowntime
from dashboard.actions.drafts import AddLine, ChangeLine, FinalizeInvoice, RemoveLine
from dashboard.actions.ending import CancelSubscription, KeepSubscription
from dashboard.actions.handlers import HANDLERS
from dashboard.actions.invoices import CreditInvoice, MarkInvoicePaid, PayInvoice, SendInvoice
from dashboard.actions.items import ChangeItems
from dashboard.actions.planned import DropPlannedChange
from dashboard.actions.prospects import AddCustomer
from dashboard.actions.refunds import RefundPayment
from dashboard.actions.starting import StartSubscription
from dashboard.actions.tax_ids import AddTaxId, RemoveTaxId
from dashboard.actions.terms import ApplyCoupon, EndDiscount, PauseCollection, ResumeCollection, SetTrialEnd
from data.clock import from_epoch
from tests.dashboard.actions.conftest import Desk
from tests.data.sandbox.scenario import at
from tests.openapi import described_body

FILLED = tuple(
    (name, "DE" if name == "country" else "exempt" if name == "tax_exempt" else "x@y") for name in LABELS
)
CUSTOMER, NAME, INVOICE = "cus_1", "sub_1", "in_1"
COMMANDS: tuple[Command, ...] = (
    CancelSubscription(CUSTOMER, NAME, "period_end", "too_expensive", "words"),
    CancelSubscription(CUSTOMER, NAME, "now", credit=True),
    CancelSubscription(CUSTOMER, NAME, at("2027-01-01")),
    KeepSubscription(CUSTOMER, NAME),
    ChangeItems(CUSTOMER, NAME, (("si_1", "price_1", 2), ("", "price_2", 1)), "now", "always_invoice"),
    ChangeItems(CUSTOMER, NAME, (("", "price_2", 1),), "now", "none"),
    ChangeItems(CUSTOMER, NAME, (("si_1", "price_1", 2), ("", "price_2", 1)), "period_end"),
    DropPlannedChange(CUSTOMER, NAME),
    ApplyCoupon(CUSTOMER, NAME, "C1"),
    EndDiscount(CUSTOMER, NAME, "di_1"),
    PauseCollection(CUSTOMER, NAME, "void", at("2027-01-01")),
    ResumeCollection(CUSTOMER, NAME),
    SetTrialEnd(CUSTOMER, NAME, at("2027-01-01")),
    SetTrialEnd(CUSTOMER, NAME),
    AddCustomer("Ada", "ada@example.com", "de", "mark", "acc_1"),
    StartSubscription(CUSTOMER, (("price_1", 2),), "mark", 14, "C1", 30, tax=("txr_1",)),
    EditBillingDetails(CUSTOMER, FILLED),
    EditBillingDetails(CUSTOMER, tuple((name, "") for name in LABELS if name != "language")),
    SendInvoice(CUSTOMER, INVOICE),
    PayInvoice(CUSTOMER, INVOICE),
    MarkInvoicePaid(CUSTOMER, INVOICE),
    CreditInvoice(CUSTOMER, INVOICE, 100, 40, 30, 30, "duplicate", "words", "mark"),
    RefundPayment(CUSTOMER, INVOICE, 100, "duplicate", "mark"),
    AddLine(CUSTOMER, INVOICE, "words", -100, "mark"),
    ChangeLine(CUSTOMER, INVOICE, "il_1", "words", -100),
    RemoveLine(CUSTOMER, INVOICE, "il_1"),
    FinalizeInvoice(CUSTOMER, INVOICE),
    AddTaxId(CUSTOMER, "eu_vat", "DE123456789"),
    RemoveTaxId(CUSTOMER, "txi_1"),
    SetCollection(CUSTOMER, NAME, "send_invoice", 30),
    UseCard(CUSTOMER, "pm_1"),
    CreditDowntime(CUSTOMER, INVOICE, "set-up", "2026-10", 60, 100, "usd", "words", refund=True),
)


def everything() -> dict[str, Any]:
    """A subscription, a customer and a paid invoice in one, with all that a request may repeat."""
    item = {
        "id": "si_1",
        "price": {"id": "price_1"},
        "quantity": 1,
        "current_period_start": at("2026-01-01"),
        "current_period_end": at("2026-02-01"),
        "discounts": ["di_2"],
        "tax_rates": [{"id": "txr_1"}],
    }
    fields = [{"name": "PO number", "value": "1"}, {"name": "Project", "value": "x"}]
    return {
        "status": "paid",
        "currency": "usd",
        "mine": 0,
        "charges": [{"id": "ch_1", "amount": 500, "amount_refunded": 100}],
        "all_lines": [
            {"id": "il_1", "amount": 5, "parent": {"invoice_item_details": {"invoice_item": "ii_1"}}}
        ],
        "prices": {
            name: {"recurring": {"interval": "month", "interval_count": 3}} for name in ("price_1", "price_2")
        },
        "items": {"data": [item]},
        "discounts": [{"id": "di_1"}],
        "default_tax_rates": [{"id": "txr_2"}],
        "cancel_at_period_end": False,
        "schedule": "sub_sched_1",
        **dict.fromkeys(("name", "email", "phone"), "before"),
        "tax_exempt": "reverse",
        "address": {"line1": "before", "country": "NO"},
        "preferred_locales": ["nb"],
        "invoice_settings": {"footer": "before", "custom_fields": fields},
    }


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: type(each).__name__)
def test_what_is_sent_is_what_stripe_describes(command: Command) -> None:
    moment = from_epoch(at("2026-01-10"))
    assert moment is not None
    for step in carrying.handler_of(command).steps(command, everything(), moment):
        schema = described_body(step.method, step.path.format("sub_sched_1"))
        told = json.loads(json.dumps(step.params))
        assert [each.message for each in Draft202012Validator(schema).iter_errors(told)] == []


def test_every_kind_of_request_is_looked_at() -> None:
    untold = {"VoidInvoice", "MarkUncollectible"}  # they send nothing but their path
    untold |= {"PushCatalog"}  # test_pushing looks at all of its
    untold |= {"WriteQuote", "PlanRamp"}  # test_quoting looks at all of theirs
    untold |= {"PrepareJoining", "JoinSubscription"}  # test_quoting_joining looks at theirs
    untold |= {"SendQuote", "ReplaceQuote", "AcceptQuote", "CancelQuote"}  # they send nothing but their path
    assert {each.__name__ for each in HANDLERS} - untold == {type(each).__name__ for each in COMMANDS}


def test_what_a_preview_asks_is_what_stripe_describes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    name, dearer = desk.scenario.subscribe(1_000), desk.scenario.price(3_000)
    customer, coupon = desk.scenario.customer, desk.scenario.coupon("forever", percent_off=25)
    asked: list[tuple[str, Any]] = []
    write = desk.gateway.write

    def noting(method: Any, path: str, params: Any, key: str) -> Any:
        asked.append((path, params))
        return write(method, path, params, key)

    monkeypatch.setattr(desk.gateway, "write", noting)
    for command in (
        ChangeItems(customer, name, (("", dearer, 1),)),
        CancelSubscription(customer, name, "now", credit=True),
        ApplyCoupon(customer, name, coupon),
        SetTrialEnd(customer, name, at("2026-02-20")),
        StartSubscription(customer, ((dearer, 3),), "mark-1", coupon_id=coupon, tax=("automatic",)),
    ):
        desk.preview(command)
    assert [path for path, _ in asked] == ["/v1/invoices/create_preview"] * 5
    card_link(desk.gateway, customer, "key-1", "https://example.com")
    checkout_link(desk.gateway, customer, "key-2", "https://example.com", "usd")
    problems = [
        each.message
        for path, params in asked
        for each in Draft202012Validator(described_body("post", path)).iter_errors(params)
    ]
    assert problems == []
