"""Money that goes back: credit notes on open and on paid invoices, refunds of charges."""

from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.payments import charge_of, settle
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.conditions import Condition
from data.sandbox.factory import credit_note as new_credit_note
from data.sandbox.factory import refund as new_refund

Json = dict[str, Any]


def create_credit_note(
    billing: Billing,
    invoice_id: str,
    amount: int,
    *,
    reason: str | None = None,
    memo: str | None = None,
    refund_amount: int = 0,
    credit_amount: int = 0,
    out_of_band_amount: int = 0,
) -> Json:
    """Credit an amount of an invoice: off what is open; of a paid one split over refund, balance and other.

    Raises RefusedError when the amounts do not fit.
    """
    invoice = billing.get("invoices", invoice_id)
    paid = invoice["status"] == "paid"
    split = refund_amount + credit_amount + out_of_band_amount
    _check(invoice, amount, split if paid else amount)
    identity = billing.new_id("cn_1")
    note = new_credit_note(
        identity,
        billing.now,
        invoice,
        amount,
        _number(billing, invoice),
        reason=reason,
        memo=memo,
        out_of_band_amount=out_of_band_amount or None,
        refunds=_refunds(billing, invoice, refund_amount),
        customer_balance_transaction=f"cbtxn_{identity[3:]}" if credit_amount else None,
        **{"post_payment_amount" if paid else "pre_payment_amount": amount},
        type="post_payment" if paid else "pre_payment",
    )
    billing.add("credit_notes", note, "credit_note.created")
    _credit_balance(billing, invoice, credit_amount)
    _note_on_invoice(billing, invoice, amount, paid)
    return note


def of_customer(customer_id: str) -> Condition:
    """What belongs to a customer."""
    return Condition("customer", "=", customer_id)


def _check(invoice: Json, amount: int, split: int) -> None:
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise RefusedError("Credit notes need a finalized invoice that is not void.", "invoice")
    most = invoice["amount_remaining"]
    if invoice["status"] == "paid":
        most = invoice["total"] - invoice["pre_payment_credit_notes_amount"]
        most -= invoice["post_payment_credit_notes_amount"]
    if not 0 < amount <= most:
        raise RefusedError(f"The amount must be between 1 and {most}.", "amount")
    if split != amount:
        raise RefusedError(
            "refund_amount, credit_amount and out_of_band_amount must sum to amount.", "amount"
        )


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


def _note_on_invoice(billing: Billing, invoice: Json, amount: int, paid: bool) -> None:
    if paid:
        total = invoice["post_payment_credit_notes_amount"] + amount
        billing.change("invoices", invoice, "invoice.updated", post_payment_credit_notes_amount=total)
        return
    billing.change(
        "invoices",
        invoice,
        "invoice.updated",
        pre_payment_credit_notes_amount=invoice["pre_payment_credit_notes_amount"] + amount,
        amount_due=invoice["amount_due"] - amount,
        amount_remaining=invoice["amount_remaining"] - amount,
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
