"""The command that gives a payment back: the invoice stays paid, the money goes to where it came from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions import marks
from dashboard.actions.base import Handler, Preview
from dashboard.actions.charged import charges_of, left
from dashboard.actions.invoices import CREDIT, OfInvoice, read
from dashboard.actions.limits import Stake
from dashboard.actions.mails import DEPENDS, address
from dashboard.formatting import amount
from data.actions import Step
from data.gateway import Gateway

Json = dict[str, Any]
BLOCKED = "As fraudulent, the card and the e-mail address go on Stripe's block lists: they cannot pay again."


@dataclass(frozen=True)
class RefundPayment(OfInvoice):
    """Give back what was paid of an invoice, or a part (minor units)."""

    amount: int
    why: str = ""  # one of Stripe's reasons
    mark: str = ""


def _read(gateway: Gateway, command: RefundPayment) -> Json:
    """The invoice with the charges that paid it, that with most left first, and their refunds."""
    charges = charges_of(gateway, command.invoice_id)
    refunds = [each for one in charges for each in marks.everything(gateway, "/v1/refunds", charge=one["id"])]
    mine = sum(int(each["amount"]) for each in refunds if marks.found(command.mark, [each]))
    return {**read(gateway, command), "charges": charges, "refunds": refunds, "mine": mine}


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
    most = sum(map(left, obj["charges"]))
    if most <= 0:
        return "Nothing that was paid through Stripe is left to be given back."
    if not 0 < command.amount <= most:
        told = amount(most, obj["currency"])
        return f"The amount must be between {amount(1, obj['currency'])} and {told}, what is left of it."
    return None


def _shares(command: RefundPayment, obj: Json) -> list[tuple[str, int]]:
    """How much is given back of which charge."""
    shares, open_still = [], command.amount
    for charge in obj["charges"]:
        if share := min(open_still, left(charge)):
            shares.append((str(charge["id"]), share))
            open_still -= share
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
            *(BLOCKED,) * (command.why == "fraudulent"),
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
