"""The resources that the sandbox serves, what each is called, and by what its list can be narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.sandbox.api import filters
from data.sandbox.api.filters import Filter
from data.sandbox.conditions import Condition

_CREATED = {"created": filters.instants("created")}
_CUSTOMER = {
    "customer": filters.reference("customers", "customer", "customer"),
    "customer_account": filters.exact("customer_account"),
}
_CLOCK = {"test_clock": filters.exact("test_clock")}
_COLLECTION = {
    "collection_method": filters.one_of("collection_method", ("charge_automatically", "send_invoice"))
}
_ALLOW_REDISPLAY = {
    "allow_redisplay": filters.one_of("allow_redisplay", ("always", "limited", "unspecified"))
}
_ENABLED = filters.nested({"enabled": filters.flag("automatic_tax.enabled")})


@dataclass(frozen=True)
class Resource:
    """One list endpoint and its single objects."""

    name: str
    noun: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    defaults: tuple[Condition, ...] = ()
    default_of: str = ""
    missing_param: str = "id"

    @property
    def path(self) -> str:
        """Where the list is."""
        return f"/v1/{self.name}"


_ALL = (
    Resource("products", "product", {
        **_CREATED, "active": filters.flag("active"), "ids": filters.among("id", 100),
        "shippable": filters.flag("shippable"), "url": filters.exact("url")}),
    Resource("prices", "price", {
        **_CREATED, "active": filters.flag("active"), "currency": filters.exact("currency"),
        "lookup_keys": filters.among("lookup_key", 10),
        "product": filters.reference("products", "product", "product"),
        "recurring": filters.nested({
            "interval": filters.one_of("recurring.interval", ("day", "week", "month", "year")),
            "meter": filters.exact("recurring.meter"),
            "usage_type": filters.one_of("recurring.usage_type", ("licensed", "metered"))}),
        "type": filters.one_of("kind", ("one_time", "recurring"))}, missing_param="price"),
    Resource("coupons", "coupon", _CREATED, missing_param="coupon"),
    Resource("promotion_codes", "promotion code", {
        **_CREATED, **_CUSTOMER, "active": filters.flag("active"), "code": filters.exact("code"),
        "coupon": filters.exact("promotion.coupon")}, missing_param="promotion_code"),
    Resource("customers", "customer", {**_CREATED, **_CLOCK, "email": filters.exact("email")}),
    Resource("payment_methods", "PaymentMethod", {
        **_CUSTOMER, **_ALLOW_REDISPLAY, "type": filters.exact("kind")}, missing_param="payment_method"),
    Resource("subscriptions", "subscription", {
        **_CREATED, **_CUSTOMER, **_CLOCK, **_COLLECTION, "automatic_tax": _ENABLED,
        "current_period_end": filters.instants("first_period_end"),
        "current_period_start": filters.instants("last_period_start"),
        "price": filters.reference("prices", "price", "item_price"),
        "status": filters.subscription_status},
        defaults=(Condition("status", "!=", "canceled"),), default_of="status"),
    Resource("subscription_schedules", "subscription_schedule", {
        **_CREATED, **_CUSTOMER, "canceled_at": filters.instants("canceled_at"),
        "completed_at": filters.instants("completed_at"), "released_at": filters.instants("released_at"),
        "scheduled": filters.scheduled}, missing_param="schedule"),
    Resource("invoices", "invoice", {
        **_CREATED, **_CUSTOMER, **_COLLECTION, "due_date": filters.instants("due_date"),
        "status": filters.one_of("status", ("draft", "open", "paid", "uncollectible", "void")),
        "subscription": filters.reference("subscriptions", "subscription", "subscription")},
        missing_param="invoice"),
    Resource("invoiceitems", "invoiceitem", {
        **_CREATED, **_CUSTOMER, "invoice": filters.reference("invoices", "invoice", "invoice"),
        "pending": filters.pending}, missing_param="invoiceitem"),
    Resource("credit_notes", "credit note", {
        **_CREATED, **_CUSTOMER, "invoice": filters.reference("invoices", "invoice", "invoice")}),
    Resource("charges", "charge", {
        **_CREATED, "customer": _CUSTOMER["customer"], "payment_intent": filters.exact("payment_intent"),
        "transfer_group": filters.exact("transfer_group")}),
    Resource("refunds", "refund", {
        **_CREATED, "charge": filters.reference("charges", "charge", "charge"),
        "payment_intent": filters.exact("payment_intent")}),
    Resource("quotes", "quote", {
        **_CUSTOMER, **_CLOCK,
        "status": filters.one_of("status", ("accepted", "canceled", "draft", "open"))},
        missing_param="quote"),
    Resource("events", "event", {
        **_CREATED, "type": filters.event_kind, "types": filters.among("kind", 20),
        "delivery_success": filters.nothing}),
    Resource("tax_rates", "tax rate", {
        **_CREATED, "active": filters.flag("active"), "inclusive": filters.flag("inclusive")},
        missing_param="tax_rate"),
    Resource("checkout/sessions", "checkout.session", {
        **_CREATED, **_CUSTOMER, "customer_details": filters.nested({
            "email": filters.exact("customer_details.email")}),
        "payment_intent": filters.exact("payment_intent"), "payment_link": filters.exact("payment_link"),
        "status": filters.one_of("status", ("complete", "expired", "open")),
        "subscription": filters.exact("subscription")}, missing_param="session"),
    Resource("setup_intents", "setupintent", {
        **_CREATED, **_CUSTOMER, "attach_to_self": filters.nothing,
        "payment_method": filters.exact("payment_method")}, missing_param="intent"),
    Resource("tax_ids", "tax ID", {
        "owner": filters.nested({"customer": filters.exact("customer"), "type": filters.nothing})}),
    Resource("webhook_endpoints", "webhook endpoint", missing_param="webhook_endpoint"),
    Resource("invoice_payments", "invoice payment", {
        **_CREATED, "invoice": filters.reference("invoices", "invoice", "invoice"),
        "status": filters.one_of("status", ("open", "paid", "canceled")),
        "payment": filters.nested({
            "type": filters.exact("payment.type"), "payment_intent": filters.exact("payment.payment_intent"),
            "payment_record": filters.exact("payment.payment_record")})}),
)  # fmt: skip
RESOURCES: Mapping[str, Resource] = {resource.name: resource for resource in _ALL}


@dataclass(frozen=True)
class Owned:
    """A list under one object that holds another resource's objects: /v1/customers/{id}/payment_methods."""

    owner: str
    name: str
    resource: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    defaults: tuple[Condition, ...] = ()


OWNED = (
    Owned(
        "customers", "payment_methods", "payment_methods", {**_ALLOW_REDISPLAY, "type": filters.exact("kind")}
    ),
    Owned("customers", "subscriptions", "subscriptions", {}, (Condition("status", "!=", "canceled"),)),
    Owned("customers", "tax_ids", "tax_ids"),
    Owned("charges", "refunds", "refunds"),
)
"""Lists that the owner's id decides; the column is the owner's noun."""

EMBEDDED = (("invoices", "lines"), ("credit_notes", "lines"), ("quotes", "line_items"))
"""Lists that live inside an object: /v1/invoices/{id}/lines."""
