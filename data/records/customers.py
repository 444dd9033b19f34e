"""Customers with their own discount, and payment methods, as rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table

from data.clock import from_epoch
from data.records.catalog import embedded_coupons
from data.records.discounts import Owner, discount_rows
from data.records.fields import Json, Row, listed, reference
from data.tables import mirror


def customer_rows(objects: Sequence[Json], observed_at: datetime) -> dict[Table, list[Row]]:
    """Customers, the discount that each has as a whole, and coupons that came inside those."""
    discounts: list[Row] = []
    coupons: dict[str, Json] = {}
    for obj in objects:
        if given := obj.get("discount"):
            discounts += discount_rows([given], Owner(customer_id=obj["id"]), observed_at, coupons)
    return {
        mirror.customer: [customer(obj, observed_at) for obj in objects],
        mirror.discount: discounts,
        mirror.coupon: embedded_coupons(coupons.values()),
    }


def customer(obj: Json, observed_at: datetime) -> Row:
    """A Stripe customer as a row of `customer`."""
    get = obj.get
    address = get("address")
    settings = get("invoice_settings") or {}
    return {
        "id": obj["id"],
        "name": get("name"),
        "email": get("email"),
        "phone": get("phone"),
        "description": get("description"),
        "country": address.get("country") if address else None,
        "address": address,
        "currency": get("currency"),
        "balance": get("balance"),
        "delinquent": get("delinquent"),
        "tax_exempt": get("tax_exempt"),
        "tax_status": (get("tax") or {}).get("automatic_tax"),
        "tax_ids": _tax_ids(get("tax_ids")),
        "default_payment_method_id": reference(settings.get("default_payment_method")),
        "default_source_id": reference(get("default_source")),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def _tax_ids(ids: Json | None) -> list[Json] | None:
    """Tax ids with their verification status; None when they were not expanded."""
    if ids is None:
        return None
    return [
        {
            "type": found.get("type"),
            "value": found.get("value"),
            "verification": (found.get("verification") or {}).get("status"),
        }
        for found in listed(ids)
    ]


def payment_method(obj: Json, observed_at: datetime) -> Row:
    """A Stripe payment method as a row of `payment_method`; the card's columns are null for other types."""
    get = obj.get
    card = get("card") or {}
    return {
        "id": obj["id"],
        "customer_id": reference(get("customer")),
        "type": get("type"),
        "card_brand": card.get("brand"),
        "card_last4": card.get("last4"),
        "card_exp_month": card.get("exp_month"),
        "card_exp_year": card.get("exp_year"),
        "card_country": card.get("country"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }
