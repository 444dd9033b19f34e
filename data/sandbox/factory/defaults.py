"""What an object of a loaded account lacks: Stripe leaves optional fields out, an export may too."""

from typing import Any

from data.sandbox.factory.catalog import coupon, price
from data.sandbox.factory.customers import customer
from data.sandbox.factory.invoices import invoice, invoiceitem
from data.sandbox.factory.subscriptions import schedule, subscription

Json = dict[str, Any]

_DEFAULTS: dict[str, Json] = {
    "coupons": coupon("", 0, "once"),
    "customers": customer("", 0),
    "invoiceitems": invoiceitem("", 0, "", "", 0),
    "invoices": invoice("", 0, customer("", 0), ""),
    "prices": price("", 0, "", "", None),
    "subscription_schedules": schedule("", 0, "", []),
    "subscriptions": subscription("", 0, "", ""),
}


def completed(resource: str, obj: Json) -> Json:
    """The object with every field that billing reads; those that it has stay as they are."""
    defaults = _DEFAULTS.get(resource)
    return obj if defaults is None or defaults.keys() <= obj.keys() else {**defaults, **obj}
