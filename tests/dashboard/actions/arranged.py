"""For every kind of command: somebody for whom it can be done, and the command that does it.

A new kind of command needs a row here, and is then met with every fault of test_every_fault.
"""

import json
from collections.abc import Callable
from typing import Any

from dashboard.actions.base import Command
from dashboard.actions.collecting import SetCollection, UseCard
from dashboard.actions.customers import EditBillingDetails
from dashboard.actions.downtime import CreditDowntime
from dashboard.actions.drafts import AddLine, ChangeLine, FinalizeInvoice, RemoveLine
from dashboard.actions.ending import CancelSubscription, KeepSubscription
from dashboard.actions.invoices import (
    CreditInvoice,
    MarkInvoicePaid,
    MarkUncollectible,
    PayInvoice,
    SendInvoice,
    VoidInvoice,
)
from dashboard.actions.items import ChangeItems
from dashboard.actions.planned import DropPlannedChange
from dashboard.actions.prospects import AddCustomer
from dashboard.actions.pushing import PushCatalog
from dashboard.actions.quoting import AcceptQuote, CancelQuote, ReplaceQuote, SendQuote
from dashboard.actions.quoting_joining import JoinSubscription
from dashboard.actions.quoting_preparing import PrepareJoining
from dashboard.actions.quoting_ramp import PlanRamp
from dashboard.actions.quoting_writing import WriteQuote
from dashboard.actions.refunds import RefundPayment
from dashboard.actions.starting import StartSubscription
from dashboard.actions.tax_ids import AddTaxId, RemoveTaxId
from dashboard.actions.terms import ApplyCoupon, EndDiscount, PauseCollection, ResumeCollection, SetTrialEnd
from data.sandbox.billing import people
from tests.dashboard.actions.claimed import SETUP, claimed
from tests.dashboard.actions.conftest import Desk
from tests.dashboard.actions.planted import Planted

Arrange = Callable[[Desk], Command]
SENT: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 30}
MARK = "mark-1"


def _running(desk: Desk, **given: Any) -> tuple[str, str]:
    """A customer and their subscription of $50 a month."""
    return desk.scenario.customer, desk.scenario.subscribe(5_000, **given)


def _changed(desk: Desk, **given: Any) -> tuple[str, str]:
    """The same after a change that somebody made before."""
    customer, name = _running(desk)
    assert desk.client.post(f"/v1/subscriptions/{name}", data=given).is_success
    return customer, name


def _paid(desk: Desk) -> tuple[str, str]:
    """A customer and an invoice of $50 that the card paid."""
    customer, name = _running(desk)
    return customer, str(desk.scenario.subscription(name)["latest_invoice"])


def paid_in_two(desk: Desk) -> tuple[str, str]:
    """A customer and an invoice of $50 that two payments paid, of $20 and $30."""
    customer, invoice = _paid(desk)
    (payment,), (charge,) = (desk.scenario.store.all(name) for name in ("invoice_payments", "charges"))
    for number, amount in enumerate((2_000, 3_000)):
        intent, name = f"pi_{number}", f"ch_{number}"
        told = {"amount": amount, "amount_captured": amount, "payment_intent": intent}
        desk.scenario.store.put("charges", {**charge, "id": name, **told})
        paid = {"amount_paid": amount, "payment": {"type": "payment_intent", "payment_intent": intent}}
        desk.scenario.store.put("invoice_payments", {**payment, "id": f"inpay_{number}", **paid})
    desk.scenario.store.delete("charges", charge["id"])
    desk.scenario.store.delete("invoice_payments", payment["id"])
    return customer, invoice


def _draft(desk: Desk) -> tuple[str, str]:
    """A customer and a draft of $50 with a line of $3 beside its own."""
    customer, name = _running(desk, **SENT)
    draft = str(desk.scenario.subscription(name)["latest_invoice"])
    line = {"customer": customer, "invoice": draft, "amount": 300, "currency": "usd", "description": "x"}
    assert desk.client.post("/v1/invoiceitems", data=line).is_success
    return customer, draft


def _line(desk: Desk) -> tuple[str, str, str]:
    """A customer, a draft, and its line that can be changed."""
    customer, draft = _draft(desk)
    lines = desk.scenario.found("invoices", draft)["lines"]["data"]
    return customer, draft, str(next(each["id"] for each in lines if each["description"] == "x"))


def _open(desk: Desk) -> tuple[str, str]:
    """A customer and an invoice of $50 that was sent and not paid."""
    customer, name = _running(desk, **SENT)
    draft = str(desk.scenario.subscription(name)["latest_invoice"])
    assert desk.client.post(f"/v1/invoices/{draft}/finalize").is_success
    return customer, draft


def _planned(desk: Desk) -> tuple[str, str]:
    """A customer and a subscription that a schedule governs."""
    customer, name = _running(desk)
    assert desk.client.post("/v1/subscription_schedules", data={"from_subscription": name}).is_success
    return customer, name


def _discounted(desk: Desk) -> tuple[str, str, str]:
    """A customer, a subscription with a discount, and that."""
    customer, name = _changed(
        desk, **{"discounts[0][coupon]": desk.scenario.coupon("forever", percent_off=25)}
    )
    return customer, name, str(desk.scenario.subscription(name)["discounts"][0]["id"])


def _another_card(desk: Desk) -> tuple[str, str]:
    """A customer and a card of theirs that is not charged."""
    customer = desk.scenario.customer
    other = desk.scenario.do(people.attach_card, customer, last4="4444")["id"]
    desk.scenario.card("4242")
    return customer, str(other)


def _tax_id(desk: Desk) -> tuple[str, str]:
    """A customer and their tax id."""
    customer, told = desk.scenario.customer, {"type": "eu_vat", "value": "DE123456789"}
    return customer, str(desk.client.post(f"/v1/customers/{customer}/tax_ids", data=told).json()["id"])


def _later(desk: Desk) -> Command:
    customer, name = _running(desk)
    return ChangeItems(customer, name, (("", desk.scenario.price(9_000), 2),), "period_end")


def _downtime(desk: Desk) -> Command:
    claimed(desk, "2026-10")
    return CreditDowntime(*_paid(desk), SETUP, "2026-10", 60, 700, "usd", "Downtime")


def _catalog(desk: Desk) -> Command:
    price = {"currency": "usd", "interval": "month", "amount": 900, "interval_count": 1}
    plan = {"key": "team", "name": "Team", "kind": "plan", "unit": "seat", "metadata": {"plan": "team"}}
    return PushCatalog(json.dumps([{**plan, "prices": [price], "quoted": False}]))


ARRANGED: dict[type[Command], Arrange] = {
    CancelSubscription: lambda desk: CancelSubscription(*_running(desk), "now", credit=True),
    KeepSubscription: lambda desk: KeepSubscription(*_changed(desk, cancel_at_period_end="true")),
    ChangeItems: _later,
    DropPlannedChange: lambda desk: DropPlannedChange(*_planned(desk)),
    StartSubscription: lambda desk: StartSubscription(
        desk.scenario.customer, ((desk.scenario.price(3_000), 2),), MARK
    ),
    PauseCollection: lambda desk: PauseCollection(*_running(desk)),
    ResumeCollection: lambda desk: ResumeCollection(
        *_changed(desk, **{"pause_collection[behavior]": "void"})
    ),
    ApplyCoupon: lambda desk: ApplyCoupon(*_running(desk), desk.scenario.coupon("forever", percent_off=25)),
    EndDiscount: lambda desk: EndDiscount(*_discounted(desk)),
    SetTrialEnd: lambda desk: SetTrialEnd(*_running(desk, trial_days=14)),
    EditBillingDetails: lambda desk: EditBillingDetails(desk.scenario.customer, (("name", "Beta"),)),
    AddTaxId: lambda desk: AddTaxId(desk.scenario.customer, "eu_vat", "DE123456789"),
    RemoveTaxId: lambda desk: RemoveTaxId(*_tax_id(desk)),
    SetCollection: lambda desk: SetCollection(*_running(desk), "send_invoice", 30),
    UseCard: lambda desk: UseCard(*_another_card(desk)),
    SendInvoice: lambda desk: SendInvoice(*_open(desk)),
    PayInvoice: lambda desk: PayInvoice(*_open(desk)),
    MarkInvoicePaid: lambda desk: MarkInvoicePaid(*_open(desk)),
    VoidInvoice: lambda desk: VoidInvoice(*_open(desk)),
    MarkUncollectible: lambda desk: MarkUncollectible(*_open(desk)),
    CreditInvoice: lambda desk: CreditInvoice(*_paid(desk), 700, refund=700, mark=MARK),
    CreditDowntime: _downtime,
    RefundPayment: lambda desk: RefundPayment(*paid_in_two(desk), 4_000, mark=MARK),
    AddLine: lambda desk: AddLine(*_draft(desk), "Set-up", 900, MARK),
    ChangeLine: lambda desk: ChangeLine(*_line(desk), "Training", 500),
    RemoveLine: lambda desk: RemoveLine(*_line(desk)),
    FinalizeInvoice: lambda desk: FinalizeInvoice(*_draft(desk)),
    PushCatalog: _catalog,
    AddCustomer: lambda desk: AddCustomer("Ada Ltd", "ada@example.com", "de", MARK),
    WriteQuote: lambda desk: Planted(desk).write(),
    SendQuote: lambda desk: Planted(desk).revise(),
    ReplaceQuote: lambda desk: Planted(desk).replace(),
    AcceptQuote: lambda desk: Planted(desk).accept(),
    CancelQuote: lambda desk: Planted(desk).cancel(),
    PrepareJoining: lambda desk: Planted(desk).prepare(),
    JoinSubscription: lambda desk: Planted(desk).join(),
    PlanRamp: lambda desk: Planted(desk).ramp(),
}
"""How each is arranged, on a desk of its own."""
