"""Commands about an invoice: send it again, pay it, mark it paid, void it, write it off, credit it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions import marks
from dashboard.actions.base import Handler, Preview
from dashboard.actions.charged import known_charges, left, refunded_apart
from dashboard.actions.limits import Stake
from dashboard.actions.mails import DEPENDS, address, receipt
from dashboard.formatting import amount, word
from data.actions import Step
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
ABSENT: Json = {
    "pre_payment_credit_notes_amount": 0,
    "post_payment_credit_notes_amount": 0,
    "collection_method": "charge_automatically",
}
"""What an invoice is where an answer leaves a field out."""
FINAL = "It is made final first: its lines cannot be changed any more."
COLLECT, CREDIT = "collect invoices", "credit invoices"


@dataclass(frozen=True)
class OfInvoice:
    """A command about one invoice of a customer."""

    customer_id: str
    invoice_id: str

    @property
    def subject(self) -> str:
        """The invoice."""
        return self.invoice_id


@dataclass(frozen=True)
class SendInvoice(OfInvoice):
    """E-mail an open invoice to the customer again."""


@dataclass(frozen=True)
class PayInvoice(OfInvoice):
    """Charge the card on file now."""


@dataclass(frozen=True)
class MarkInvoicePaid(OfInvoice):
    """The money came outside of Stripe."""


@dataclass(frozen=True)
class VoidInvoice(OfInvoice):
    """The invoice is not owed: it stays on record at nothing."""


@dataclass(frozen=True)
class MarkUncollectible(OfInvoice):
    """Give the money up; it may still be paid later."""


@dataclass(frozen=True)
class CreditInvoice(OfInvoice):
    """Credit an amount (minor units); of a paid invoice split over refund, balance and other."""

    amount: int
    refund: int = 0
    balance: int = 0
    elsewhere: int = 0
    why: str = ""  # one of Stripe's reasons
    memo: str = ""
    mark: str = ""


def _read_credited(gateway: Gateway, command: CreditInvoice) -> Json:
    """The invoice with its credit notes, and how it was paid."""
    notes = marks.everything(gateway, "/v1/credit_notes", invoice=command.invoice_id)
    return {**with_charges(gateway, read(gateway, command), notes), "notes": notes}


def with_charges(gateway: Gateway, obj: Json, notes: list[Json]) -> Json:
    """An invoice with what was refunded of it by itself, and what can still be refunded; notes: its own.

    The latter is None where it is not known.
    """
    charges = known_charges(gateway, obj)
    return {
        **obj,
        "refunded": refunded_apart(charges or (), notes),
        "refundable": None if charges is None else sum(map(left, charges)),
    }


def read(gateway: Gateway, command: OfInvoice) -> Json:
    """The invoice. Raises GatewayError."""
    obj = gateway.get(f"/v1/invoices/{command.invoice_id}")
    return {**ABSENT, **obj, "customer": reference(obj["customer"])}


def seen(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    return {
        "status": obj["status"],
        "currency": obj["currency"],
        "total": obj["total"],
        "still to pay": obj["amount_remaining"],
        "credited": obj["pre_payment_credit_notes_amount"] + obj["post_payment_credit_notes_amount"],
    }


def _guard(*statuses: str) -> Callable[[Any, Json], str | None]:
    def guard(command: OfInvoice, obj: Json) -> str | None:
        if obj["customer"] != command.customer_id:
            return "This invoice belongs to another customer."
        if obj["status"] not in statuses:
            return f"This cannot be done with an invoice that is {word(obj['status']).lower()}."
        return None

    return guard


def _can_send(command: SendInvoice, obj: Json) -> str | None:
    if obj["collection_method"] != "send_invoice":
        return "Stripe sends only invoices that are collected by sending them; this one charges the card."
    return _guard("open", "draft")(command, obj)


def can_credit(command: CreditInvoice, obj: Json) -> str | None:
    """Why an invoice cannot be credited so."""
    if refusal := _guard("open", "paid", "uncollectible")(command, obj):
        return refusal
    most = creditable(obj)
    if most <= 0:
        return "Nothing of this invoice is left to be credited."
    if not 0 < command.amount <= most:
        return f"The amount must be between {amount(1, obj['currency'])} and {amount(most, obj['currency'])}."
    split = command.refund + command.balance + command.elsewhere
    if obj["status"] == "paid" and split != command.amount:
        return "What is refunded, kept as credit and given back elsewhere must add up to the amount."
    refundable = obj.get("refundable")
    if obj["status"] == "paid" and refundable is not None and command.refund > refundable:
        return f"Only {amount(refundable, obj['currency'])} of it was paid by card and can be refunded."
    return None


def creditable(obj: Json) -> int:
    """The most that can still be credited of an invoice, minor units."""
    if obj["status"] != "paid":
        return int(obj["amount_remaining"])
    gone = obj["pre_payment_credit_notes_amount"] + obj["post_payment_credit_notes_amount"]
    return int(obj["total"] - gone - obj.get("refunded", 0))


def _preview(
    after: str,
    remaining: Callable[[Json], int],
    mails: Callable[[Json], tuple[str, ...]],
    at_stake: str = "",
) -> Any:
    def preview(command: Any, obj: Json, gateway: Gateway, at: datetime) -> Preview:
        told = (
            ("Status", word(obj["status"]), word(after)),
            (
                "Still to pay",
                amount(obj["amount_remaining"], obj["currency"]),
                amount(remaining(obj), obj["currency"]),
            ),
        )
        return Preview(
            told,
            seen(obj),
            at,
            obj["currency"],
            mails=mails(obj),
            effect="No change of run rate",
            warnings=(FINAL,) if obj["status"] == "draft" else (),
            stakes=(Stake(at_stake, obj["amount_remaining"], obj["currency"]),) if at_stake else (),
        )

    return preview


def _to_customer(obj: Json) -> tuple[str, ...]:
    return (f"Stripe sends the invoice to {address(obj.get('customer_email'))}.",)


def _nobody(obj: Json) -> tuple[str, ...]:
    return ()


def _receipt(obj: Json) -> tuple[str, ...]:
    return receipt(obj.get("customer_email"))


def _unpaid(obj: Json) -> int:
    return int(obj["amount_remaining"])


def _zero(obj: Json) -> int:
    return 0


def preview_credit(command: CreditInvoice, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    """What a credit note would do."""
    currency, owed = obj["currency"], obj["amount_remaining"]
    rows = [("Credited", amount(creditable(obj), currency) + " possible", amount(command.amount, currency))]
    if obj["status"] == "paid":
        rows += [
            ("Refunded to the card", "–", amount(command.refund, currency)),
            ("Kept as credit for later invoices", "–", amount(command.balance, currency)),
            ("Given back outside of Stripe", "–", amount(command.elsewhere, currency)),
        ]
    else:
        rows.append(("Still to pay", amount(owed, currency), amount(owed - command.amount, currency)))
    given = {"refund": command.refund, "credit": command.amount - command.refund}
    return Preview(
        tuple(rows),
        seen(obj),
        at,
        currency,
        mails=(f"The credit note goes to {address(obj.get('customer_email'))}, {DEPENDS}.",),
        effect="No change of run rate",
        stakes=tuple(Stake(kind, size, currency) for kind, size in given.items() if size),
    )


def credit_steps(command: CreditInvoice, obj: Json, at: datetime) -> list[Step]:
    """The request that makes a credit note."""
    params: Json = {"invoice": command.invoice_id, "amount": command.amount}
    if obj["status"] == "paid":
        split = {
            "refund_amount": command.refund,
            "credit_amount": command.balance,
            "out_of_band_amount": command.elsewhere,
        }
        params |= {name: value for name, value in split.items() if value}
    params |= {name: value for name, value in (("reason", command.why), ("memo", command.memo)) if value}
    return [Step("post", "/v1/credit_notes", {**params, **marks.metadata(command.mark)})]


def _post(what: str, **params: Any) -> Callable[[Any, Json, datetime], list[Step]]:
    def steps(command: OfInvoice, obj: Json, at: datetime) -> list[Step]:
        return [Step("post", f"/v1/invoices/{command.invoice_id}/{what}", params)]

    return steps


def _status(status: str) -> Callable[[Any, Json], bool]:
    def achieved(command: OfInvoice, obj: Json) -> bool:
        return bool(obj["status"] == status)

    return achieved


def _untold(command: Any, obj: Json) -> None:
    """Sending leaves no state by which one could tell that just this was done."""


def _handler(name: str, permission: str, *parts: Any) -> Handler[Any]:
    return Handler(name, permission, read, seen, *parts)


HANDLERS: dict[type, Handler[Any]] = {
    SendInvoice: _handler(
        "Send invoice", COLLECT, _can_send, _preview("open", _unpaid, _to_customer), _post("send"), _untold
    ),
    PayInvoice: _handler(
        "Charge the card",
        COLLECT,
        _guard("open", "uncollectible"),
        _preview("paid", _zero, _receipt),
        _post("pay"),
        _status("paid"),
    ),
    MarkInvoicePaid: _handler(
        "Mark as paid",
        COLLECT,
        _guard("open", "uncollectible"),
        _preview("paid", _zero, _nobody, "paid_elsewhere"),
        _post("pay", paid_out_of_band=True),
        _status("paid"),
    ),
    VoidInvoice: _handler(
        "Void invoice",
        CREDIT,
        _guard("open", "uncollectible"),
        _preview("void", _zero, _nobody, "write_off"),
        _post("void"),
        _status("void"),
    ),
    MarkUncollectible: _handler(
        "Mark as uncollectible",
        CREDIT,
        _guard("open"),
        _preview("uncollectible", _unpaid, _nobody, "write_off"),
        _post("mark_uncollectible"),
        _status("uncollectible"),
    ),
    CreditInvoice: Handler(
        "Credit invoice",
        CREDIT,
        _read_credited,
        seen,
        can_credit,
        preview_credit,
        credit_steps,
        lambda command, obj: marks.found(command.mark, obj["notes"]),
    ),
}
"""What each command needs and does."""
