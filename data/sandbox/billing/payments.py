"""Paying invoices: cards that are charged, transfers that arrive, and what it does to the subscription."""

from datetime import UTC, datetime
from typing import Any

from data.sandbox.billing import Billing, dunning
from data.sandbox.billing.invoicing import close_payment, finalize, mark_paid, payment_id
from data.sandbox.conditions import Condition
from data.sandbox.factory import charge as new_charge
from data.sandbox.factory import invoice_payment

Json = dict[str, Any]

# Stripe's test cards: the last four digits say how the bank answers.
DECLINED = "0341"
NO_FUNDS = "9995"  # the first two attempts of an invoice fail, the third is paid


def payment_method_of(billing: Billing, invoice: Json) -> Json | None:
    """The card that pays an invoice: its own, its subscription's or its customer's default."""
    subscription = subscription_of(billing, invoice)
    customer = billing.get("customers", invoice["customer"])
    chosen = (
        invoice["default_payment_method"]
        or (subscription or {}).get("default_payment_method")
        or customer["invoice_settings"]["default_payment_method"]
    )
    return billing.get("payment_methods", chosen) if chosen else None


def subscription_of(billing: Billing, invoice: Json) -> Json | None:
    """The subscription that an invoice bills, or None."""
    details = (invoice["parent"] or {}).get("subscription_details")
    return billing.get("subscriptions", details["subscription"]) if details else None


def declines(card: Json, invoice: Json, now: int) -> str | None:
    """Why a card's bank declines an invoice now (a key of the factory's DECLINES), or None when it pays."""
    today = datetime.fromtimestamp(now, UTC)
    if (card["exp_year"], card["exp_month"]) < (today.year, today.month):
        return "expired_card"
    if card["last4"] == DECLINED:
        return "card_declined"
    if card["last4"] == NO_FUNDS and invoice["attempt_count"] < 2:
        return "insufficient_funds"
    return None


def collect(billing: Billing, invoice: Json) -> bool:
    """Finalise a draft and do what its collection method says; whether it is paid afterwards."""
    finalize(billing, invoice)
    if settle_empty(billing, invoice):
        return True
    if invoice["collection_method"] == "send_invoice":
        billing.emit("invoice.sent", invoice)
        return False
    return attempt(billing, invoice)


def settle_empty(billing: Billing, invoice: Json) -> bool:
    """A finalised invoice with nothing due is paid; whether it is."""
    if invoice["amount_due"] == 0:
        settle(billing, invoice)
    return bool(invoice["amount_due"] == 0)


def settle(billing: Billing, invoice: Json, amount: int = 0, off_stripe: int = 0) -> None:
    """The invoice is paid, by a card or by other money of that amount; the subscription recovers."""
    mark_paid(billing, invoice, amount, off_stripe)
    dunning.recovered(billing, invoice, subscription_of(billing, invoice))


def attempt(billing: Billing, invoice: Json) -> bool:
    """Charge the card for what is open; when that fails, the next attempt is planned or dunning ends."""
    if billing.confirming:
        dunning.awaited(billing, subscription_of(billing, invoice))
        return False
    method = payment_method_of(billing, invoice)
    decline = "no card" if method is None else declines(method["card"], invoice, billing.now)
    values = {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    if method is not None:
        _charge(billing, invoice, method, decline)
    if decline is None:
        invoice.update(values)
        close_payment(billing, invoice, "paid", "paid_at", invoice["amount_remaining"])
        settle(billing, invoice, invoice["amount_remaining"])
        return True
    retry = dunning.next_attempt(billing, invoice, values["attempt_count"])
    billing.change("invoices", invoice, "invoice.updated", **values, next_payment_attempt=retry)
    billing.emit("invoice.payment_failed", invoice)
    dunning.failed(billing, invoice, subscription_of(billing, invoice))
    return False


def _charge(billing: Billing, invoice: Json, method: Json, decline: str | None) -> None:
    if billing.find("invoice_payments", payment_id(invoice)) is None:
        intent = payment_intent_of(invoice)
        billing.add("invoice_payments", invoice_payment(payment_id(invoice), billing.now, invoice, intent))
    charge = new_charge(
        billing.new_id("ch_3"),
        billing.now,
        invoice,
        method,
        decline,
        payment_intent=payment_intent_of(invoice),
        description=_DESCRIPTIONS.get(invoice["billing_reason"], "Payment for Invoice"),
    )
    billing.add("charges", charge, "charge.succeeded" if decline is None else "charge.failed")


_DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def payment_intent_of(invoice: Json) -> str:
    """The id of the payment intent that all charges of an invoice share."""
    return f"pi_3{invoice['id'][4:]}"


def charge_of(billing: Billing, invoice: Json) -> Json | None:
    """The charge that paid an invoice, or None when no card did."""
    intent = payment_intent_of(invoice)
    charges = billing.where(
        "charges", Condition("customer", "=", invoice["customer"]), Condition("status", "=", "succeeded")
    )
    return next((each for each in charges if each["payment_intent"] == intent), None)


def pay(billing: Billing, invoice_id: str, *, out_of_band: bool = False) -> Json:
    """Pay an open or uncollectible invoice now: with the customer's card, or out of band by a transfer."""
    invoice = billing.get("invoices", invoice_id)
    if invoice["status"] == "draft":
        finalize(billing, invoice)
    if out_of_band:
        settle(billing, invoice, invoice["amount_remaining"], invoice["amount_remaining"])
    elif invoice["status"] in ("open", "uncollectible"):
        attempt(billing, invoice)
    return invoice
