"""`expand[]`: references become objects, up to four levels, and only where Stripe allows it."""

from collections.abc import Callable
from typing import Any

import orjson

from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import listing
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Json = dict[str, Any]
DEEPEST = 4

# Object -> what can be expanded in it; the last word of a path decides the resource.
EXPANDABLE = {
    kind: frozenset(paths.split())
    for kind, paths in {
        "product": "default_price tax_code",
        "price": "product",
        "promotion_code": "customer promotion.coupon",
        "customer": "default_source invoice_settings.default_payment_method test_clock",
        "payment_method": "customer",
        "subscription": "application cancellation_details.feedback_option customer default_payment_method"
        " default_source discounts latest_invoice on_behalf_of pending_setup_intent schedule test_clock",
        "subscription_item": "discounts",
        "subscription_schedule": "application customer default_settings.default_payment_method"
        " phases.add_invoice_items.price phases.default_payment_method phases.discounts.coupon"
        " phases.discounts.discount phases.discounts.promotion_code phases.items.discounts.coupon"
        " phases.items.discounts.discount phases.items.price subscription test_clock",
        "invoice": "application customer default_payment_method default_source discounts from_invoice.invoice"
        " latest_revision on_behalf_of parent.subscription_details.subscription test_clock"
        " total_discount_amounts.discount total_pretax_credit_amounts.discount"
        " total_taxes.tax_rate_details.tax_rate",
        "line_item": "discount_amounts.discount discounts pricing.price_details.price subscription"
        " taxes.tax_rate_details.tax_rate",
        "invoiceitem": "customer discounts invoice pricing.price_details.price test_clock",
        "credit_note": "customer customer_balance_transaction discount_amounts.discount invoice"
        " refunds.refund total_taxes.tax_rate_details.tax_rate",
        "credit_note_line_item": "discount_amounts.discount taxes.tax_rate_details.tax_rate",
        "charge": "application application_fee balance_transaction customer failure_balance_transaction"
        " on_behalf_of payment_intent review source_transfer transfer transfer_data.destination",
        "refund": "balance_transaction charge customer failure_balance_transaction payment_intent"
        " payment_method source_transfer_reversal transfer_reversal",
        "quote": "application customer default_tax_rates discounts from_quote.quote invoice on_behalf_of"
        " subscription subscription_schedule test_clock",
        "discount": "customer promotion_code source.coupon",
        "checkout.session": "customer invoice payment_intent payment_link setup_intent subscription",
        "setup_intent": "application customer latest_attempt mandate on_behalf_of payment_method",
        "tax_id": "customer owner.customer",
        "invoice_payment": "invoice payment.charge payment.payment_intent payment.payment_record",
    }.items()
}
RESOURCE_OF = {
    "default_price": "prices", "price": "prices", "product": "products", "customer": "customers",
    "coupon": "coupons", "promotion_code": "promotion_codes", "default_payment_method": "payment_methods",
    "payment_method": "payment_methods", "discounts": "discounts", "discount": "discounts",
    "latest_invoice": "invoices", "invoice": "invoices", "latest_revision": "invoices",
    "schedule": "subscription_schedules", "subscription_schedule": "subscription_schedules",
    "subscription": "subscriptions", "tax_rate": "tax_rates", "default_tax_rates": "tax_rates",
    "setup_intent": "setup_intents", "charge": "charges", "refund": "refunds", "quote": "quotes",
}  # fmt: skip


def _listed(resource: str, column: str, url: str, *more: Condition) -> Callable[[Store, Json], Json]:
    def build(store: Store, owner: Json) -> Json:
        rows, has_more = store.wire_page(resource, (Condition(column, "=", owner["id"]), *more), 10)
        found = [orjson.loads(row) for row in rows]
        return {"object": "list", "data": found, "has_more": has_more, "url": url.format(owner["id"])}

    return build


def _kept(resource: str, name: str) -> Callable[[Store, Json], Any]:
    def build(store: Store, owner: Json) -> Any:
        return (store.get(resource, owner["id"]) or {}).get(name)

    return build


def _empty_list(url: str) -> Callable[[Store, Json], Json]:
    return lambda _store, owner: {
        "object": "list",
        "data": [],
        "has_more": False,
        "url": url.format(owner["id"]),
    }


# Fields that are not there at all unless they are expanded.
_APPEARING: dict[tuple[str, str], Callable[[Store, Json], Any]] = {
    ("customer", "subscriptions"): _listed(
        "subscriptions", "customer", "/v1/customers/{}/subscriptions", Condition("status", "!=", "canceled")
    ),
    ("customer", "tax_ids"): _listed("tax_ids", "customer", "/v1/customers/{}/tax_ids"),
    ("customer", "sources"): _empty_list("/v1/customers/{}/sources"),
    ("customer", "cash_balance"): lambda _store, _owner: None,
    ("customer", "tax"): lambda _store, _owner: {
        "automatic_tax": "unrecognized_location",
        "ip_address": None,
        "location": None,
        "provider": "stripe",
    },
    ("charge", "refunds"): _listed("refunds", "charge", "/v1/charges/{}/refunds"),
    ("invoice", "payments"): _listed("invoice_payments", "invoice", "/v1/invoice_payments"),
    ("price", "tiers"): _kept("prices", "tiers"),
    ("price", "currency_options"): _kept("prices", "currency_options"),
    ("coupon", "applies_to"): _kept("coupons", "applies_to"),
    ("coupon", "currency_options"): _kept("coupons", "currency_options"),
    ("quote", "line_items"): _kept("quotes", "line_items"),
}


class Expander:
    """Expands one answer; remembers what it looked up, as a page's rows often share a customer."""

    def __init__(self, store: Store, paths: list[str]) -> None:
        self._store = store
        self._paths = [path.split(".") for path in paths]
        self._seen: dict[tuple[str, str], bytes | None] = {}

    def single(self, obj: Json) -> None:
        """Expand an object in place."""
        for path in self._paths:
            self._object(obj, path, path)

    def rows(self, found: list[Json]) -> None:
        """Expand a list's rows in place; their paths start with `data`."""
        for path in self._paths:
            if path[0] != "data":
                name = ".".join(path)
                raise _refused(name, f" You may want to try expanding 'data.{name}' instead.")
            for obj in found if len(path) > 1 else ():
                self._object(obj, path[1:], path)

    def _object(self, obj: Json, left: list[str], path: list[str]) -> None:
        self._field(obj, obj, str(obj.get("object", "")), "", left, path)

    def _field(
        self, owner: Json, part: Json, kind: str, prefix: str, left: list[str], path: list[str]
    ) -> None:
        key, rest = left[0], left[1:]
        appearing = _APPEARING.get((kind, prefix + key))
        expandable = prefix + key in EXPANDABLE.get(kind, ())
        if appearing is not None:
            part.setdefault(key, appearing(self._store, owner))
        elif expandable:
            part[key] = self._resolved(key, part.get(key))
        elif not isinstance(part.get(key), dict | list) and not _may_hold(kind, prefix + key):
            raise _refused(".".join(path))
        if rest:
            self._inside(owner, part.get(key), kind, f"{prefix}{key}.", rest, path)

    def _inside(
        self, owner: Json, value: Any, kind: str, prefix: str, left: list[str], path: list[str]
    ) -> None:
        if isinstance(value, list):
            for each in value:
                self._inside(owner, each, kind, prefix, left, path)
        elif not isinstance(value, dict):
            return
        elif value.get("object") == "list":
            if left[0] != "data":
                raise _refused(".".join(path))
            for each in value["data"] if len(left) > 1 else ():
                self._object(each, left[1:], path)
        elif "object" in value:
            self._object(value, left, path)
        else:
            self._field(owner, value, kind, prefix, left, path)

    def _resolved(self, key: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(key, each) for each in value]
        resource = RESOURCE_OF.get(key)
        if not isinstance(value, str) or resource is None:
            return value
        place = (resource, value)
        if place not in self._seen:
            self._seen[place] = self._store.wire(resource, value)
        found = self._seen[place]
        return value if found is None else orjson.loads(found)


def _may_hold(kind: str, path: str) -> bool:
    return any(each.startswith(f"{path}.") for each in EXPANDABLE.get(kind, ()))


def _refused(path: str, advice: str = "") -> StripeError:
    return invalid("expand", f"This property cannot be expanded ({path}).{advice}")


def expander(store: Store, value: Any) -> Expander | None:
    """The expander that an `expand` parameter asks for; None when it asks for nothing."""
    if value is None:
        return None
    paths = listing("expand", value)
    for path in paths:
        if path.count(".") + 1 > DEEPEST:
            raise invalid(
                "expand", f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
            )
    return Expander(store, paths)
