"""Stripe's JSON objects as rows of the mirror: the one place that knows both shapes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Table

from data.records.catalog import coupon, price, product, promotion_code
from data.records.customers import customer_rows, payment_method
from data.records.events import event
from data.records.fields import Json, Row
from data.records.invoices import credit_note, invoice_item, invoice_rows
from data.records.payments import charge, refund
from data.records.quotes import quote
from data.records.subscriptions import subscription_rows, subscription_schedule
from data.tables import mirror

FLAT: Mapping[str, tuple[Table, Callable[[Json, datetime], Row]]] = {
    "products": (mirror.product, product),
    "prices": (mirror.price, price),
    "coupons": (mirror.coupon, coupon),
    "promotion_codes": (mirror.promotion_code, promotion_code),
    "payment_methods": (mirror.payment_method, payment_method),
    "subscription_schedules": (mirror.subscription_schedule, subscription_schedule),
    "invoiceitems": (mirror.invoice_item, invoice_item),
    "credit_notes": (mirror.credit_note, credit_note),
    "charges": (mirror.charge, charge),
    "refunds": (mirror.refund, refund),
    "quotes": (mirror.quote, quote),
    "events": (mirror.event, event),
}
"""Resources whose objects are one row each."""

NESTED: Mapping[str, tuple[Table, Callable[[Sequence[Json], datetime], dict[Table, list[Row]]]]] = {
    "customers": (mirror.customer, customer_rows),
    "subscriptions": (mirror.subscription, subscription_rows),
    "invoices": (mirror.invoice, invoice_rows),
}
"""Resources whose objects carry others inside."""

TABLES: Mapping[str, Table] = {
    **{resource: table for resource, (table, _) in FLAT.items()},
    **{resource: table for resource, (table, _) in NESTED.items()},
}
"""Each resource's own table."""

CHILDREN: Mapping[str, tuple[tuple[Table, str], ...]] = {
    "customers": ((mirror.discount, "customer_id"),),
    "subscriptions": ((mirror.subscription_item, "subscription_id"), (mirror.discount, "subscription_id")),
    "invoices": ((mirror.invoice_line, "invoice_id"), (mirror.invoice_payment, "invoice_id")),
}
"""Tables whose rows are replaced with their parent, and the column that names the parent.

Prices and coupons found inside a subscription are not its children.
"""

EMBEDDED: Mapping[str, tuple[str, ...]] = {"subscriptions": ("items",), "invoices": ("lines",)}


def rows_of(resource: str, objects: Sequence[Json], observed_at: datetime) -> dict[Table, list[Row]]:
    """Stripe objects as rows by table, the resource's own table first; each row has all its columns.

    Objects that Stripe calls deleted carry nothing but an id and give no row: see `deleted_ids`.
    Raises KeyError for a resource that is not mirrored.
    """
    present = [obj for obj in objects if not obj.get("deleted")]
    if resource in NESTED:
        return NESTED[resource][1](present, observed_at)
    table, convert = FLAT[resource]
    return {table: [convert(obj, observed_at) for obj in present]}


def deleted_ids(objects: Sequence[Json]) -> list[str]:
    """The ids of objects that Stripe calls deleted: rows to mark, whose other columns are kept."""
    return [obj["id"] for obj in objects if obj.get("deleted")]


def incomplete(resource: str, obj: Json) -> list[str]:
    """The names of an object's embedded lists that have more pages, or did not come at all."""
    if obj.get("deleted"):
        return []
    names = EMBEDDED.get(resource, ())
    return [name for name in names if (obj.get(name) or {"has_more": True}).get("has_more")]
