"""Quotes as rows. Amounts are integer minor units."""

from datetime import datetime

from data.clock import from_epoch
from data.records.fields import Json, Row, reference


def quote(obj: Json, observed_at: datetime) -> Row:
    """A Stripe quote as a row of `quote`; the recurring columns are null when nothing in it recurs."""
    get = obj.get
    recurring = (get("computed") or {}).get("recurring") or {}
    moments = get("status_transitions") or {}
    return {
        "id": obj["id"],
        "number": get("number"),
        "customer_id": reference(get("customer")),
        "subscription_id": reference(get("subscription")),
        "subscription_schedule_id": reference(get("subscription_schedule")),
        "invoice_id": reference(get("invoice")),
        "status": get("status"),
        "currency": get("currency"),
        "amount_subtotal": get("amount_subtotal"),
        "amount_total": get("amount_total"),
        "recurring_amount_total": recurring.get("amount_total"),
        "recurring_interval": recurring.get("interval"),
        "recurring_interval_count": recurring.get("interval_count"),
        "description": get("description"),
        "expires_at": from_epoch(get("expires_at")),
        "finalized_at": from_epoch(moments.get("finalized_at")),
        "accepted_at": from_epoch(moments.get("accepted_at")),
        "canceled_at": from_epoch(moments.get("canceled_at")),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }
