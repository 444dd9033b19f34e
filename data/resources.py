"""What is read from Stripe: each resource's list, what is asked with it, and which events touch it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import Table

from data.records import TABLES

Json = dict[str, Any]
Subject = tuple[str, str]
"""A resource's name and an object's id."""


@dataclass(frozen=True)
class Resource:
    """One list of Stripe's API and how it is read."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    expand: tuple[str, ...] = ()  # relative to one object, the most needed first
    created: str | None = "created"  # the field that the `created` filter looks at; None: no such filter
    swept: Mapping[str, Any] | None = None  # which part of the list can lose objects; None: none can

    @property
    def path(self) -> str:
        """The path of the list."""
        return f"/v1/{self.name}"

    @property
    def table(self) -> Table:
        """The mirror table of its objects."""
        return TABLES[self.name]

    def path_of(self, key: str) -> str:
        """The path of one object; ids of coupons and products are chosen by people, so they are quoted."""
        return f"{self.path}/{quote(key, safe='')}"


_ALL = (
    Resource(
        "invoices",
        expand=("discounts", "payments", "total_discount_amounts.discount"),
        swept={"status": "draft"},
    ),
    Resource("charges"),
    Resource(
        "subscriptions",
        params={"status": "all"},
        expand=("discounts.source.coupon", "items.data.discounts"),
    ),
    Resource("customers", expand=("tax_ids", "tax"), swept={}),
    Resource("payment_methods", created=None),
    Resource("events"),
    Resource("invoiceitems", created="date", swept={}),
    Resource("prices", expand=("tiers",), swept={}),
    Resource("products", swept={}),
    Resource("coupons", expand=("applies_to",), swept={}),
    Resource("promotion_codes"),
    Resource("subscription_schedules"),
    Resource("credit_notes"),
    Resource("refunds"),
    Resource("quotes", created=None, swept={}),
)
RESOURCES: Mapping[str, Resource] = {resource.name: resource for resource in _ALL}
"""By name, those with most objects first."""

BY_OBJECT: Mapping[str, str] = {
    "charge": "charges",
    "coupon": "coupons",
    "credit_note": "credit_notes",
    "customer": "customers",
    "invoice": "invoices",
    "invoiceitem": "invoiceitems",
    "payment_method": "payment_methods",
    "plan": "prices",
    "price": "prices",
    "product": "products",
    "promotion_code": "promotion_codes",
    "quote": "quotes",
    "refund": "refunds",
    "subscription": "subscriptions",
    "subscription_schedule": "subscription_schedules",
}
"""The word in an object's `object` field, and the resource that lists it."""

_POINTERS: Mapping[str, tuple[Subject, ...]] = {
    "bank_account": (("customers", "customer"),),
    "card": (("customers", "customer"),),
    "credit_note": (("invoices", "invoice"),),
    "discount": (("customers", "customer"), ("subscriptions", "subscription")),
    "dispute": (("charges", "charge"),),
    "invoice_payment": (("invoices", "invoice"),),
    "refund": (("charges", "charge"),),
    "source": (("customers", "customer"),),
    "tax_id": (("customers", "customer"),),
}
"""Objects that change others when they change: (resource, the field that names one of it)."""


def subjects_of(event: Json) -> set[Subject]:
    """The mirrored objects that may have changed when this event happened; empty when it touches none."""
    obj = (event.get("data") or {}).get("object") or {}
    kind = obj.get("object", "")
    found = {(resource, _id(obj.get(name))) for resource, name in _POINTERS.get(kind, ())}
    if kind in BY_OBJECT:
        found.add((BY_OBJECT[kind], _id(obj.get("id"))))
    for related in _RELATED.get(kind, ()):
        found.update(related(obj))
    return {(resource, key) for resource, key in found if key}


def subjects_of_thin(event: Json) -> set[Subject]:
    """The same for an event that carries no object and only names one (`related_object`)."""
    related = event.get("related_object") or {}
    name = BY_OBJECT.get(str(related.get("type")))
    return {(name, _id(related))} if name and _id(related) else set()


def _id(value: Any) -> str:
    """The id in a reference, plain or expanded; empty when there is none (an upcoming invoice)."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else ""


def _invoice_items(invoice: Json) -> Iterable[Subject]:
    """The invoice items an invoice took up: Stripe tells of no change of theirs."""
    for line in (invoice.get("lines") or {}).get("data") or ():
        origin = (line.get("parent") or {}).get("invoice_item_details") or {}
        yield "invoiceitems", _id(origin.get("invoice_item"))


def _refunds(charge: Json) -> Iterable[Subject]:
    """The refunds of a charge, where it shows them."""
    for refund in (charge.get("refunds") or {}).get("data") or ():
        yield "refunds", _id(refund.get("id"))


_RELATED: Mapping[str, tuple[Callable[[Json], Iterable[Subject]], ...]] = {
    "charge": (_refunds,),
    "invoice": (_invoice_items,),
}


def says_deleted(event: Json) -> bool:
    """Whether the event says that its object is gone; a subscription that ended is still there."""
    kind = ((event.get("data") or {}).get("object") or {}).get("object")
    return str(event.get("type", "")).endswith(".deleted") and kind in BY_OBJECT and kind != "subscription"
