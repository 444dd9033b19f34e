"""Invoices, their lines and the items that wait for one."""

from typing import Any

from data.sandbox.factory.subscriptions import listed

Json = dict[str, Any]

_SELF = {"type": "self"}


_INVOICE: Json = {
    "object": "invoice",
    "account_country": "US",
    "account_name": "Example Software",
    "account_tax_ids": None,
    "amount_due": 0,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_paid_off_stripe": 0,
    "amount_remaining": 0,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": True,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "automatically_finalizes_at": None,
    "billing_reason": "manual",
    "collection_method": "charge_automatically",
    "confirmation_secret": None,
    "custom_fields": None,
    "customer_account": None,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "due_date": None,
    "effective_at": None,
    "ending_balance": None,
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": _SELF,
    "last_finalization_error": None,
    "latest_revision": None,
    "livemode": False,
    "metadata": {},
    "next_payment_attempt": None,
    "number": None,
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": None,
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": 0,
    "statement_descriptor": None,
    "status": "draft",
    "status_transitions": {
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "subtotal": 0,
    "subtotal_excluding_tax": 0,
    "test_clock": None,
    "total": 0,
    "total_discount_amounts": [],
    "total_excluding_tax": 0,
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
    "webhooks_delivered_at": None,
}
"""What every draft starts with."""


def invoice(identity: str, created: int, customer: Json, currency: str, **fields: Any) -> Json:
    """A draft without lines; what Stripe copies from the customer is copied when it is finalised."""
    return {
        **_INVOICE,
        "id": identity,
        "created": created,
        "currency": currency,
        "customer": customer["id"],
        **bill_to(customer),
        "lines": listed([], f"/v1/invoices/{identity}/lines"),
        "period_end": created,
        "period_start": created,
        **fields,
    }


def bill_to(customer: Json) -> Json:
    """What an invoice copies from its customer."""
    return {
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
    }


def subscription_parent(subscription: Json) -> Json:
    """An invoice's parent: the subscription that it bills."""
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def pricing(price: Json, unit_amount: str | None) -> Json:
    """A line's or item's pricing; unit_amount is null on prorations."""
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": unit_amount,
    }


def product_in(priced: Json | None) -> str | None:
    """The product in a line's or item's pricing, where a price says one."""
    details = (priced or {}).get("price_details") or {}
    product: str | None = details.get("product")
    return product


def line(identity: str, invoice: Json, amount: int, period: tuple[int, int], **fields: Any) -> Json:
    """An invoice line; fields: description, parent, pricing, quantity, subscription, discountable."""
    quantity = fields.get("quantity", 1)
    return {
        "id": identity,
        "object": "line_item",
        "amount": amount,
        "currency": invoice["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "parent": None,
        "period": {"end": period[1], "start": period[0]},
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subscription": None,
        "subtotal": amount,
        "taxes": [],
        **fields,
    }


def of_subscription_item(item: Json) -> Json:
    """A line's parent: the subscription item that it bills."""
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    return {
        "invoice_item_details": None,
        "subscription_item_details": details,
        "type": "subscription_item_details",
    }


def of_invoiceitem(pending: Json) -> Json:
    """A line's parent: the invoice item that it carries; a proration keeps its subscription item."""
    origin = (pending["parent"] or {}).get("subscription_details") or {}
    credited = (pending["proration_details"]["credited_items"] or {}).get("invoice_line_item_details")
    details = {
        "invoice_item": pending["id"],
        "proration": pending["proration"],
        "proration_details": {"credited_items": credited},
        "subscription": origin.get("subscription"),
    }
    if origin.get("subscription_item"):
        details = {**details, "subscription_item": origin["subscription_item"]}
        return {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        }
    return {
        "invoice_item_details": details,
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def invoiceitem(
    identity: str, created: int, customer_id: str, currency: str, amount: int, **fields: Any
) -> Json:
    """An invoice item; fields: description, period, pricing, parent, proration, quantity, discountable."""
    quantity = fields.get("quantity", 1)
    return {
        "id": identity,
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer_id,
        "customer_account": None,
        "date": created,
        "description": None,
        "discountable": True,
        "discounts": [],
        "frozen_fields": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": amount,
        "parent": None,
        "period": {"end": created, "start": created},
        "pricing": None,
        "proration": False,
        "proration_details": {"credited_items": None, "discount_amounts": []},
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
        **fields,
    }
