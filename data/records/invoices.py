"""Invoices with their lines, invoice items and credit notes as rows. Amounts are integer minor units."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Table

from data.clock import from_epoch
from data.records.fields import Json, Row, decimal_text, listed, reference, total
from data.records.payments import invoice_payment
from data.tables import mirror

PURCHASE_ORDER = re.compile(
    r"(customer[ _-]?)?(p\.? ?o\.?|purchase[ _-]?order)[ _-]?(number|num|no\.?|id|ref|reference|#)?",
    re.IGNORECASE,
)
"""What people call the field with a purchase order: "PO", "PO number", "purchase_order" ..."""


def invoice_rows(objects: Sequence[Json], observed_at: datetime) -> dict[Table, list[Row]]:
    """Invoices and all lines and payments that came with them."""
    return {
        mirror.invoice: [invoice(obj, observed_at) for obj in objects],
        mirror.invoice_line: [
            line(found, obj["id"], position, observed_at)
            for obj in objects
            for position, found in enumerate(listed(obj.get("lines")))
        ],
        mirror.invoice_payment: [
            invoice_payment(found, obj["id"], observed_at)
            for obj in objects
            for found in listed(obj.get("payments"))
        ],
    }


def invoice(obj: Json, observed_at: datetime) -> Row:
    """A Stripe invoice as a row of `invoice`; the subscription is null on a one-off invoice."""
    get = obj.get
    origin = (get("parent") or {}).get("subscription_details") or {}
    moments = get("status_transitions") or {}
    return {
        "id": obj["id"],
        "number": get("number"),
        "customer_id": reference(get("customer")),
        "subscription_id": reference(origin.get("subscription")),
        "status": get("status"),
        "billing_reason": get("billing_reason"),
        "collection_method": get("collection_method"),
        "currency": get("currency"),
        "subtotal": get("subtotal"),
        "total": get("total"),
        "total_excluding_tax": get("total_excluding_tax"),
        "tax": total(get("total_taxes")),
        "discount": total(get("total_discount_amounts")),
        "amount_due": get("amount_due"),
        "amount_paid": get("amount_paid"),
        "amount_remaining": get("amount_remaining"),
        "pre_payment_credit_notes_amount": get("pre_payment_credit_notes_amount"),
        "post_payment_credit_notes_amount": get("post_payment_credit_notes_amount"),
        "starting_balance": get("starting_balance"),
        "ending_balance": get("ending_balance"),
        "attempt_count": get("attempt_count"),
        "next_payment_attempt": from_epoch(get("next_payment_attempt")),
        "period_start": from_epoch(get("period_start")),
        "period_end": from_epoch(get("period_end")),
        "due_at": from_epoch(get("due_date")),
        "finalized_at": from_epoch(moments.get("finalized_at")),
        "paid_at": from_epoch(moments.get("paid_at")),
        "voided_at": from_epoch(moments.get("voided_at")),
        "marked_uncollectible_at": from_epoch(moments.get("marked_uncollectible_at")),
        "falls_due_at": from_epoch(get("due_date") or moments.get("finalized_at")),
        "closed_at": from_epoch(_closed(moments)),
        "po_number": po_number(get("custom_fields"), get("metadata")),
        "customer_name": get("customer_name"),
        "customer_email": get("customer_email"),
        "discounts": _discounts(obj) or None,
        "hosted_invoice_url": get("hosted_invoice_url"),
        "invoice_pdf": get("invoice_pdf"),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def _closed(moments: Json) -> int | None:
    """When an invoice first stopped being owed, in epoch seconds; None while it is."""
    ends = (moments.get(name) for name in ("paid_at", "voided_at", "marked_uncollectible_at"))
    return min(filter(None, ends), default=None)


def po_number(custom_fields: Iterable[Json] | None, metadata: Json | None) -> str | None:
    """The purchase order on an invoice: a custom field named so before a metadata key; None without."""
    named = [(field.get("name"), field.get("value")) for field in custom_fields or ()]
    for name, value in (*named, *(metadata or {}).items()):
        if value and PURCHASE_ORDER.fullmatch(str(name).strip()):
            return str(value).strip() or None
    return None


def _discounts(obj: Json) -> list[Json]:
    """An invoice's own discounts in their order, then those of its lines as far as they were expanded."""
    lines = listed(obj.get("lines"))
    amounts = [*(obj.get("total_discount_amounts") or ())]
    amounts += [part for found in lines for part in found.get("discount_amounts") or ()]
    given = [part.get("discount") for part in amounts]
    given += [each for found in lines for each in found.get("discounts") or ()]
    own = [_discount(each) for each in obj.get("discounts") or ()]
    inside = [_discount(each) for each in given if isinstance(each, dict)]
    best: dict[str, Json] = {}
    for each in (*own, *inside):
        if each["id"] not in best or (each.get("start") and not best[each["id"]].get("start")):
            best[each["id"]] = each
    return list(best.values())


def _discount(given: str | Json) -> Json:
    """A discount on an invoice as an id, with its coupon and epoch seconds where it was expanded."""
    if isinstance(given, str):
        return {"id": given}
    coupon = reference((given.get("source") or {}).get("coupon"))
    return {name: given.get(name) for name in ("id", "start", "end", "subscription_item")} | {
        "coupon": coupon
    }


def line(obj: Json, invoice_id: str, position: int, observed_at: datetime) -> Row:
    """An invoice's line as a row of `invoice_line`; one without a parent is no proration."""
    get = obj.get
    parent = get("parent") or {}
    origin = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    pricing = get("pricing") or {}
    priced = pricing.get("price_details") or {}
    period = get("period") or {}
    return {
        "id": obj["id"],
        "invoice_id": invoice_id,
        "position": position,
        "subscription_id": reference(origin.get("subscription")) or reference(get("subscription")),
        "subscription_item_id": origin.get("subscription_item"),
        "invoice_item_id": origin.get("invoice_item"),
        "price_id": reference(priced.get("price")),
        "product_id": reference(priced.get("product")),
        "quantity": get("quantity"),
        "unit_amount_decimal": decimal_text(pricing.get("unit_amount_decimal")),
        "amount": get("amount"),
        "currency": get("currency"),
        "description": get("description"),
        "proration": bool(origin.get("proration")),
        "credited_lines": _credited(origin.get("proration_details")),
        "discount_amounts": _discount_amounts(get("discount_amounts")),
        "tax": total(get("taxes")),
        "period_start": from_epoch(period.get("start")),
        "period_end": from_epoch(period.get("end")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def _credited(details: Json | None) -> list[str] | None:
    """The ids of the lines that a proration gives back; an invoice item nests them once more than a line."""
    if not details or not (credited := details.get("credited_items")):
        return None
    holder = credited.get("invoice_line_item_details") or credited
    lines: list[str] | None = holder.get("invoice_line_items")
    return lines


def _discount_amounts(amounts: list[Json] | None) -> list[Json] | None:
    """Each discount's part of a line, with the discount as an id."""
    if not amounts:
        return amounts
    return [{"amount": part.get("amount"), "discount": reference(part.get("discount"))} for part in amounts]


def invoice_item(obj: Json, observed_at: datetime) -> Row:
    """A Stripe invoice item as a row of `invoice_item`; the invoice is null while it is pending."""
    get = obj.get
    origin = (get("parent") or {}).get("subscription_details") or {}
    pricing = get("pricing") or {}
    priced = pricing.get("price_details") or {}
    period = get("period") or {}
    return {
        "id": obj["id"],
        "customer_id": reference(get("customer")),
        "invoice_id": reference(get("invoice")),
        "subscription_id": reference(origin.get("subscription")),
        "subscription_item_id": origin.get("subscription_item"),
        "price_id": reference(priced.get("price")),
        "product_id": reference(priced.get("product")),
        "quantity": get("quantity"),
        "unit_amount_decimal": decimal_text(pricing.get("unit_amount_decimal")),
        "amount": get("amount"),
        "currency": get("currency"),
        "description": get("description"),
        "proration": bool(get("proration")),
        "credited_lines": _credited(get("proration_details")),
        "period_start": from_epoch(period.get("start")),
        "period_end": from_epoch(period.get("end")),
        "date": from_epoch(get("date")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def credit_note(obj: Json, observed_at: datetime) -> Row:
    """A Stripe credit note as a row of `credit_note`."""
    get = obj.get
    return {
        "id": obj["id"],
        "number": get("number"),
        "invoice_id": reference(get("invoice")),
        "customer_id": reference(get("customer")),
        "currency": get("currency"),
        "status": get("status"),
        "type": get("type"),
        "reason": get("reason"),
        "memo": get("memo"),
        "amount": get("amount"),
        "subtotal": get("subtotal"),
        "total": get("total"),
        "pre_payment_amount": get("pre_payment_amount"),
        "post_payment_amount": get("post_payment_amount"),
        "voided_at": from_epoch(get("voided_at")),
        "effective_at": from_epoch(get("effective_at")),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }
