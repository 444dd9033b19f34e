"""Subscriptions, their items and discounts, and schedules."""

from typing import Any

Json = dict[str, Any]

_SELF = {"type": "self"}
_NO_TAX: Json = {"disabled_reason": None, "enabled": False, "liability": None}
_NOT_CANCELED = {"comment": None, "feedback": None, "feedback_option": None, "reason": None}


def automatic_tax(enabled: bool) -> Json:
    """Whether Stripe Tax works taxes out, of a subscription or a phase."""
    return {**_NO_TAX, "enabled": True, "liability": _SELF} if enabled else _NO_TAX


_SUBSCRIPTION: Json = {
    "object": "subscription",
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": _NO_TAX,
    "billing_cycle_anchor_config": None,
    "billing_schedules": [],
    "billing_thresholds": None,
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "cancellation_details": _NOT_CANCELED,
    "collection_method": "charge_automatically",
    "customer_account": None,
    "days_until_due": None,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "ended_at": None,
    "invoice_settings": {
        "account_tax_ids": None,
        "custom_fields": None,
        "description": None,
        "footer": None,
        "issuer": _SELF,
    },
    "latest_invoice": None,
    "livemode": False,
    "managed_payments": None,
    "metadata": {},
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pause_collection": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "status": "active",
    "test_clock": None,
    "transfer_data": None,
    "trial_end": None,
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    "trial_start": None,
}
"""What every new subscription starts with."""


def subscription(identity: str, created: int, customer_id: str, currency: str, **fields: Any) -> Json:
    """A subscription without items; the caller gives those, the status, the anchor and what else differs."""
    return {
        **_SUBSCRIPTION,
        "id": identity,
        "billing_cycle_anchor": created,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": created,
        },
        "created": created,
        "currency": currency,
        "customer": customer_id,
        "items": listed([], f"/v1/subscription_items?subscription={identity}"),
        "start_date": created,
        **fields,
    }


def listed(rows: list[Json], url: str) -> Json:
    """An embedded list that has all its rows."""
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def subscription_item(
    identity: str, created: int, subscription_id: str, price: Json, quantity: int, period: tuple[int, int]
) -> Json:
    """An item with its price embedded; period is its current start and end."""
    return {
        "id": identity,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": created,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": subscription_id,
        "tax_rates": [],
    }


def discount(identity: str, start: int, coupon_id: str, end: int | None, **fields: Any) -> Json:
    """A coupon given to a subscription or customer; fields: customer, subscription, promotion_code."""
    return {
        "id": identity,
        "object": "discount",
        "checkout_session": None,
        "customer": None,
        "customer_account": None,
        "end": end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon_id, "type": "coupon"},
        "start": start,
        "subscription": None,
        "subscription_item": None,
        **fields,
    }


def phase(start: int, end: int, currency: str, items: list[tuple[str, int]], **fields: Any) -> Json:
    """A phase of a schedule; items are (price id, quantity)."""
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": _NO_TAX,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": [_phase_item(price_id, quantity) for price_id, quantity in items],
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
        **fields,
    }


def _phase_item(price_id: str, quantity: int) -> Json:
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "price": price_id,
        "quantity": quantity,
        "tax_rates": [],
    }


def schedule(identity: str, created: int, customer_id: str, phases: list[Json], **fields: Any) -> Json:
    """A subscription schedule that has not started; fields: end_behavior, subscription, status, metadata."""
    return {
        "id": identity,
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": created,
        },
        "canceled_at": None,
        "completed_at": None,
        "created": created,
        "current_phase": None,
        "customer": customer_id,
        "customer_account": None,
        "default_settings": default_settings(),
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "phases": phases,
        "released_at": None,
        "released_subscription": None,
        "status": "not_started",
        "subscription": None,
        "test_clock": None,
        **fields,
    }


def default_settings() -> Json:
    """What a new schedule's phases do where they say nothing."""
    return {
        "application_fee_percent": None,
        "automatic_tax": _NO_TAX,
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": "charge_automatically",
        "default_payment_method": None,
        "description": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "days_until_due": None,
            "description": None,
            "footer": None,
            "issuer": _SELF,
        },
        "on_behalf_of": None,
        "transfer_data": None,
    }
