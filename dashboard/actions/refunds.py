"""The command that gives a payment back: the invoice stays paid, the money goes to where it came from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions import marks
from dashboard.actions.base import Handler, Preview
from dashboard.actions.invoices import CREDIT, OfInvoice, read
from dashboard.actions.limits import Stake
from dashboard.actions.mails import DEPENDS, address
from dashboard.formatting import amount
from data.actions import Step
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]


@dataclass(frozen=True)
class RefundPayment(OfInvoice):
    """Give back what was paid of an invoice, or a part (minor units)."""

    amount: int
    why: str = ""  # one of Stripe's reasons
    mark: str = ""


def _read(gateway: Gateway, command: RefundPayment) -> Json:
    """The invoice with the charges that paid it, that with most left first, and their refunds."""
    paid = marks.everything(gateway, "/v1/invoice_payments", invoice=command.invoice_id, status="paid")
    charges = [charge for each in paid for charge in _charges(gateway, each["payment"])]
    refunds = [each for one in charges for each in marks.everything(gateway, "/v1/refunds", charge=one["id"])]
    mine = sum(int(each["amount"]) for each in refunds if marks.found(command.mark, [each]))
    charges.sort(key=_left, reverse=True)
    return {**read(gateway, command), "charges": charges, "refunds": refunds, "mine": mine}


def _charges(gateway: Gateway, payment: Json) -> list[Json]:
    """The charges behind a payment that succeeded; none where it came from outside of Stripe."""
    if charge := reference(payment.get("charge")):
        return [gateway.get(f"/v1/charges/{charge}")]
    intent = reference(payment.get("payment_intent"))
    found = marks.everything(gateway, "/v1/charges", payment_intent=intent) if intent else []
    return [each for each in found if each["status"] == "succeeded"]


def _left(charge: Json) -> int:
    return int(charge["amount"]) - int(charge.get("amount_refunded") or 0)


def seen(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    refunded = sum(int(each.get("amount_refunded") or 0) for each in obj["charges"])
    return {
        "status": obj["status"],
        "currency": obj["currency"],
        "refunded": refunded - obj["mine"],
        "refunded by this": obj["mine"],
    }


def _can_refund(command: RefundPayment, obj: Json) -> str | None:
    if obj["customer"] != command.customer_id:
        return "This invoice belongs to another customer."
    most = sum(map(_left, obj["charges"]))
    if most <= 0:
        return "Nothing that was paid through Stripe is left to be given back."
    if not 0 < command.amount <= most:
        told = amount(most, obj["currency"])
        return f"The amount must be between {amount(1, obj['currency'])} and {told}, what is left of it."
    return None


def _shares(command: RefundPayment, obj: Json) -> list[tuple[str, int]]:
    """How much is given back of which charge."""
    shares, left = [], command.amount
    for charge in obj["charges"]:
        if share := min(left, _left(charge)):
            shares.append((str(charge["id"]), share))
            left -= share
    return shares


def _preview(command: RefundPayment, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    currency, before = obj["currency"], seen(obj)["refunded"]
    shares = [amount(share, currency) for _, share in _shares(command, obj)]
    several = (("Payments", "–", " and ".join(shares)),) if len(shares) > 1 else ()
    rows = (
        ("Given back", amount(before, currency), amount(before + command.amount, currency)),
        *several,
        ("Invoice", "Paid", "Stays paid"),
    )
    return Preview(
        rows,
        seen(obj),
        at,
        currency,
        effect="No change of run rate",
        mails=(f"A notice of the refund goes to {address(obj.get('customer_email'))}, {DEPENDS}.",),
        warnings=(
            "The invoice goes on saying the full amount: where it should say less, credit it instead.",
            "A refund cannot be taken back. It reaches the customer in some days.",
        ),
        stakes=(Stake("refund", command.amount, currency),),
    )


def _steps(command: RefundPayment, obj: Json, at: datetime) -> list[Step]:
    said = ({"reason": command.why} if command.why else {}) | marks.metadata(command.mark)
    return [
        Step("post", "/v1/refunds", {"charge": charge, "amount": share, **said})
        for charge, share in _shares(command, obj)
    ]


def _is_given(command: RefundPayment, obj: Json) -> bool | None:
    """Whether all of it was given back; None where what was made has no name."""
    return bool(obj["mine"] == command.amount) if command.mark else None


HANDLERS: dict[type, Handler[Any]] = {
    RefundPayment: Handler(
        "Refund payment",
        CREDIT,
        _read,
        seen,
        _can_refund,
        _preview,
        _steps,
        _is_given,
        own=frozenset({"refunded by this"}),
    ),
}
"""What the command needs and does."""
