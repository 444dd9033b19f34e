"""Charges and refunds as rows. Amounts are integer minor units."""

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
