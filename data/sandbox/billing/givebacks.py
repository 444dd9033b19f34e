"""Money that goes back: credit notes on open and on paid invoices, refunds of charges."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.payments import charge_of, settle
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.conditions import Condition
from data.sandbox.factory import credit_note as new_credit_note
from data.sandbox.factory import refund as new_refund
from data.sandbox.factory.credits import credited

Json = dict[str, Any]


def create_credit_note(
    billing: Billing,
    invoice_id: str,
    amount: int,
    *,
    refund_amount: int = 0,
    credit_amount: int = 0,
    out_of_band_amount: int = 0,
    lines: Sequence[Json] = (),
    **fields: Any,
) -> Json:
    """Credit an amount of an invoice: off what is open first; the rest, which was paid, is split over refund,
    balance and other.

    lines: what it is for, one line of the whole amount otherwise; fields: reason, memo, metadata. Raises
    RefusedError when the amounts do not fit.
    """
    invoice = billing.get("invoices", invoice_id)
    paid = invoice["status"] == "paid"
    before = 0 if paid else min(amount, invoice["amount_remaining"])
    _check(billing, invoice, amount)
    if refund_amount + credit_amount + out_of_band_amount != amount - before:
        raise RefusedError(
            "The sum of refund_amount, credit_amount and out_of_band_amount must equal the part of the credit"
            f" note that was paid already ({amount - before}).",
            "amount",
        )
    identity = billing.new_id("cn_1")
    note = new_credit_note(
        identity,
        billing.now,
        invoice,
        amount,
        _number(billing, invoice),
        out_of_band_amount=out_of_band_amount or None,
        refunds=_refunds(billing, invoice, refund_amount),
        customer_balance_transaction=f"cbtxn_{identity[3:]}" if credit_amount else None,
        pre_payment_amount=before,
        post_payment_amount=amount - before,
        type="pre_payment" if before == amount else "mixed" if before else "post_payment",
        **fields,
    )
    if lines:
        note["lines"] = {
            **note["lines"],
            "data": [credited(identity, place, each) for place, each in enumerate(lines)],
        }
    billing.add("credit_notes", note, "credit_note.created")
    _credit_balance(billing, invoice, credit_amount)
    _note_on_invoice(billing, invoice, before, amount - before)
    return note


def void_credit_note(billing: Billing, note: Json) -> Json:
    """Take back a credit note that lowered what is open. Raises RefusedError for any other."""
    invoice = billing.get("invoices", note["invoice"])
    if note["status"] == "void":
        raise RefusedError("This credit note is already void.", "id")
    if note["type"] != "pre_payment" or invoice["status"] != "open":
        raise RefusedError("Only credit notes on open invoices can be voided.", "id")
    billing.change("credit_notes", note, None, status="void", voided_at=billing.now)
    billing.emit("credit_note.voided", note)
    _note_on_invoice(billing, invoice, -note["amount"], 0)
    return note


def of_customer(customer_id: str) -> Condition:
    """What belongs to a customer."""
    return Condition("customer", "=", customer_id)


def _check(billing: Billing, invoice: Json, amount: int) -> None:
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise RefusedError("Credit notes need a finalized invoice that is not void.", "invoice")
    most = creditable(billing, invoice)
    if not 0 < amount <= most:
        raise RefusedError(f"The amount must be between 1 and {most}.", "amount")


def creditable(billing: Billing, invoice: Json) -> int:
    """What can still be credited of a finalised invoice, minor units."""
    given = invoice["pre_payment_credit_notes_amount"] + invoice["post_payment_credit_notes_amount"]
    return int(invoice["total"] - given - _refunded_apart(billing, invoice))


def _refunded_apart(billing: Billing, invoice: Json) -> int:
    """What was refunded of an invoice by itself, not by its credit notes."""
    charge = charge_of(billing, invoice) if invoice["status"] == "paid" else None
    if charge is None:
        return 0
    notes = billing.where("credit_notes", Condition("invoice", "=", invoice["id"]))
    by_notes = sum(each["amount_refunded"] for note in notes for each in note["refunds"])
    return int(charge["amount_refunded"] - by_notes)


def _number(billing: Billing, invoice: Json) -> str:
    earlier = billing.where("credit_notes", Condition("invoice", "=", invoice["id"]))
    return f"{invoice['number']}-CN-{len(earlier) + 1:02d}"


def _refunds(billing: Billing, invoice: Json, amount: int) -> list[Json]:
    if not amount:
        return []
    charge = charge_of(billing, invoice)
    if charge is None:
        raise RefusedError("No charge paid this invoice.", "refund_amount")
    made = refund(billing, charge["id"], amount, None)
    return [
        {"amount_refunded": amount, "payment_record_refund": None, "refund": made["id"], "type": "refund"}
    ]


def _credit_balance(billing: Billing, invoice: Json, amount: int) -> None:
    if amount:
        customer = billing.get("customers", invoice["customer"])
        balance = customer["balance"] - amount
        billing.change("customers", customer, "customer.updated", balance=balance)


def _note_on_invoice(billing: Billing, invoice: Json, before: int, after: int) -> None:
    """Count a credit note's amounts, before and after payment (negative: it was voided), on its invoice."""
    billing.change(
        "invoices",
        invoice,
        "invoice.updated",
        pre_payment_credit_notes_amount=invoice["pre_payment_credit_notes_amount"] + before,
        post_payment_credit_notes_amount=invoice["post_payment_credit_notes_amount"] + after,
        amount_due=invoice["amount_due"] - before,
        amount_remaining=invoice["amount_remaining"] - before,
    )
    if invoice["amount_remaining"] == 0 and invoice["status"] == "open":
        settle(billing, invoice)


def refund(billing: Billing, charge_id: str, amount: int | None = None, reason: str | None = None) -> Json:
    """Refund a charge, all that is left of it when no amount is given; reason: Stripe's values or None.

    Raises RefusedError when the charge has not so much left.
    """
    charge = billing.get("charges", charge_id)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise RefusedError(f"Refund amount is greater than what is left of the charge ({left}).", "amount")
    made = new_refund(billing.new_id("re_3"), billing.now, charge, amount, reason)
    billing.add("refunds", made, "refund.created")
    refunded = charge["amount_refunded"] + amount
    charge.update(amount_refunded=refunded, refunded=refunded == charge["amount"])
    billing.add("charges", charge, "charge.refunded")
    return made
