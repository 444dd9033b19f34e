"""Customers and their cards."""

from typing import Any

Json = dict[str, Any]

_NO_ADDRESS = {
    "city": None,
    "country": None,
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}


def customer(identity: str, created: int, **fields: Any) -> Json:
    """A customer; fields: name, email, address, phone, metadata, preferred_locales, tax_exempt."""
    return {
        "id": identity,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": identity[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **fields,
    }


def card(identity: str, created: int, customer_id: str | None, **fields: Any) -> Json:
    """A card as a payment method; fields: brand, last4, exp_month, exp_year, country, name, email."""
    brand = fields.get("brand", "visa")
    return {
        "id": identity,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {**_NO_ADDRESS, "country": fields.get("country", "US")},
            "email": fields.get("email"),
            "name": fields.get("name"),
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": fields.get("country", "US"),
            "display_brand": brand,
            "exp_month": fields.get("exp_month", 12),
            "exp_year": fields.get("exp_year", 2034),
            "fingerprint": fields.get("fingerprint", identity[-16:]),
            "funding": "credit",
            "generated_from": None,
            "last4": fields.get("last4", "4242"),
            "networks": {"available": [brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": created,
        "customer": customer_id,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
