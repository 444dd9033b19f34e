"""Charges, refunds and what pays an invoice as rows. Amounts are integer minor units."""

from datetime import datetime

from data.clock import from_epoch
from data.records.fields import Json, Row, reference


def charge(obj: Json, observed_at: datetime) -> Row:
    """A Stripe charge as a row of `charge`, with why it failed."""
    get = obj.get
    return {
        "id": obj["id"],
        "customer_id": reference(get("customer")),
        "payment_intent_id": reference(get("payment_intent")),
        "payment_method_id": reference(get("payment_method")),
        "status": get("status"),
        "currency": get("currency"),
        "amount": get("amount"),
        "amount_captured": get("amount_captured"),
        "amount_refunded": get("amount_refunded"),
        "disputed": get("disputed"),
        "failure_code": get("failure_code"),
        "failure_message": get("failure_message"),
        "decline_reason": (get("outcome") or {}).get("reason"),
        "description": get("description"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def refund(obj: Json, observed_at: datetime) -> Row:
    """A Stripe refund as a row of `refund`."""
    get = obj.get
    return {
        "id": obj["id"],
        "charge_id": reference(get("charge")),
        "payment_intent_id": reference(get("payment_intent")),
        "currency": get("currency"),
        "amount": get("amount"),
        "status": get("status"),
        "reason": get("reason"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def invoice_payment(obj: Json, invoice_id: str, observed_at: datetime) -> Row:
    """A Stripe invoice payment as a row: which payment intent or charge pays an invoice."""
    get = obj.get
    payment, moments = get("payment") or {}, get("status_transitions") or {}
    return {
        "id": obj["id"],
        "invoice_id": invoice_id,
        "status": get("status"),
        "currency": get("currency"),
        "amount_requested": get("amount_requested"),
        "amount_paid": get("amount_paid"),
        "type": payment.get("type"),
        "payment_intent_id": reference(payment.get("payment_intent")),
        "charge_id": reference(payment.get("charge")),
        "is_default": get("is_default"),
        "paid_at": from_epoch(moments.get("paid_at")),
        "canceled_at": from_epoch(moments.get("canceled_at")),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }
