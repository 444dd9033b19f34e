"""Quotes and what they quote."""

from typing import Any

from data.sandbox.factory.subscriptions import listed

Json = dict[str, Any]


def invoice_settings(days_until_due: int | None) -> Json:
    """How a quote's invoices are due."""
    return {
        "custom_fields": None,
        "days_until_due": days_until_due,
        "description": None,
        "footer": None,
        "issuer": {"type": "self"},
    }


def total_details(discount: int, tax: int) -> Json:
    """What lies between a subtotal and a total."""
    return {"amount_discount": discount, "amount_shipping": 0, "amount_tax": tax}


def _computed(subtotal: int, total: int, details: Json, **fields: Any) -> Json:
    return {"amount_subtotal": subtotal, "amount_total": total, "total_details": details, **fields}


def automatic_tax(enabled: bool) -> Json:
    """Whether Stripe Tax works taxes out; whether it can is found when the quote is added up."""
    return {"enabled": enabled, "liability": None, "provider": "stripe" if enabled else None, "status": None}


_QUOTE: Json = {
    "object": "quote",
    "amount_subtotal": 0,
    "amount_total": 0,
    "application": None,
    "application_fee_amount": None,
    "application_fee_percent": None,
    "automatic_tax": automatic_tax(False),
    "collection_method": "charge_automatically",
    "computed": {"recurring": None, "upfront": _computed(0, 0, total_details(0, 0))},
    "customer_account": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "footer": None,
    "from_quote": None,
    "header": None,
    "invoice": None,
    "invoice_settings": invoice_settings(None),
    "livemode": False,
    "metadata": {},
    "number": None,
    "on_behalf_of": None,
    "status": "draft",
    "status_transitions": {"accepted_at": None, "canceled_at": None, "finalized_at": None},
    "subscription": None,
    "subscription_data": {
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "description": None,
        "effective_date": None,
        "metadata": {},
        "trial_period_days": None,
    },
    "subscription_schedule": None,
    "test_clock": None,
    "total_details": total_details(0, 0),
    "transfer_data": None,
}
"""What every draft of a quote starts with."""


def quote(identity: str, created: int, customer_id: str, currency: str, **fields: Any) -> Json:
    """A draft without lines; fields: expires_at, collection_method, invoice_settings, description."""
    return {
        **_QUOTE,
        "id": identity,
        "created": created,
        "currency": currency,
        "customer": customer_id,
        "expires_at": created + 30 * 86_400,
        "line_items": listed([], f"/v1/quotes/{identity}/line_items"),
        **fields,
    }


def computed(upfront: Json, again: Json, recurring: tuple[str, int] | None) -> Json:
    """A quote's `computed` from the invoices that it would make: at once, and in each period again."""
    every = None
    if recurring is not None:
        every = _computed(*_sums(again), interval=recurring[0], interval_count=recurring[1])
    return {"recurring": every, "upfront": _computed(*_sums(upfront))}


def details_of(invoice: Json) -> Json:
    """What lies between an invoice's subtotal and its total."""
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    return total_details(off, sum(each["amount"] for each in invoice["total_taxes"]))


def _sums(invoice: Json) -> tuple[int, int, Json]:
    return invoice["subtotal"], invoice["total"], details_of(invoice)


def quoted(identity: str, line: Json, price: Json, description: str) -> Json:
    """A line of a quote, from the invoice line that it would make."""
    off = sum(each["amount"] for each in line["discount_amounts"])
    tax = sum(each["amount"] for each in line["taxes"])
    return {
        "id": identity,
        "object": "item",
        "amount_discount": off,
        "amount_subtotal": line["amount"],
        "amount_tax": tax,
        "amount_total": line["amount"] - off + tax,
        "currency": line["currency"],
        "description": description,
        "price": price,
        "quantity": line["quantity"],
    }
