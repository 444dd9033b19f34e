"""POST /v1/invoices/create_preview: the change is made, its invoice looked at, and all of it undone."""

from typing import Any

from data.sandbox.api.actions import creating, invoiceitems, subscriptions
from data.sandbox.api.actions.asked import flag, mapping, one_of, present, rows
from data.sandbox.api.actions.items import proration_date
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import only_known
from data.sandbox.billing import Billing, renewals, working
from data.sandbox.billing.cancellations import last_period_end
from data.sandbox.billing.changes import bill_pending
from data.sandbox.billing.invoicing import draft
from data.sandbox.store import Store

Json = dict[str, Any]

KNOWN = {
    "customer",
    "subscription",
    "subscription_details",
    "discounts",
    "invoice_items",
    "preview_mode",
    "automatic_tax",
    "currency",
    "expand",
}
DETAILS = (
    "items", "proration_behavior", "proration_date",
    "cancel_at", "cancel_at_period_end", "cancel_now", "trial_end", "default_tax_rates",
)  # fmt: skip


class _Seen(Exception):  # noqa: N818 (no error: it takes everything back)
    """Carries the invoice out of a unit of work that is undone."""

    def __init__(self, invoice: Json) -> None:
        super().__init__("undone")
        self.invoice = invoice


def create(store: Store, call: Call) -> Json:
    """The invoice that a change would make at once, else the subscription's next one."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    one_of("preview_mode", parameters.get("preview_mode", "next"), ("next", "recurring"))
    try:
        with working(store) as billing:
            raise _Seen(_invoice(billing, parameters))
    except _Seen as seen:
        return _as_preview(seen.invoice, store.now)


def _invoice(billing: Billing, parameters: Json) -> Json:
    known = DETAILS if "subscription" in parameters else (*DETAILS, "billing_cycle_anchor")
    details = mapping("subscription_details", parameters.get("subscription_details", {}), known)
    drafts: list[Json] = []

    def note(kind: str, obj: Json) -> None:
        if kind == "invoice.created":
            drafts.append({**obj})

    billing.listener = note
    if "subscription" not in parameters:
        return _of_new(billing, parameters, details, drafts)
    subscription = present(
        billing, "subscriptions", "subscription", parameters["subscription"], "subscription"
    )
    if "customer" in parameters and parameters["customer"] != subscription["customer"]:
        raise invalid("subscription", "The subscription does not belong to the customer.")
    _extra(billing, parameters, subscription["customer"])
    if flag(details, "cancel_now"):
        at = proration_date(subscription, details, billing.now)
        subscriptions.end_now(billing, subscription, {}, prorate=_prorates(details), invoice=True, at=at)
    else:
        subscriptions.apply(billing, subscription, {**details, **_discounts(parameters)})
    return drafts[0] if drafts else _next(billing, subscription, drafts)


def _prorates(details: Json) -> bool:
    return bool(details.get("proration_behavior", "create_prorations") != "none")


def _discounts(parameters: Json) -> Json:
    return {"discounts": parameters["discounts"]} if "discounts" in parameters else {}


def _next(billing: Billing, subscription: Json, drafts: list[Json]) -> Json:
    """What the end of the period will bill; raises StripeError when nothing will be billed any more."""
    end = last_period_end(subscription)
    over = subscription["status"] in ("canceled", "incomplete_expired")
    if over or (subscription["cancel_at"] is not None and subscription["cancel_at"] <= end):
        billing.now = billing.now if over else subscription["cancel_at"]  # when what waits is collected
        waiting = None if over else bill_pending(billing, subscription)
        if waiting is None:
            raise StripeError(
                400, f"No upcoming invoices for customer: {subscription['customer']}", "invoice_upcoming_none"
            )
        return waiting
    billing.now = end
    renewals.renew(billing, subscription)
    return drafts[0]


def _of_new(billing: Billing, parameters: Json, details: Json, drafts: list[Json]) -> Json:
    """The first invoice of a subscription that does not exist yet, else what waits for the customer."""
    customer = present(billing, "customers", "customer", parameters.get("customer"), "customer")
    _extra(billing, parameters, customer["id"])
    if not details.get("items"):
        currency = parameters.get("currency") or customer["currency"] or "usd"
        return draft(billing, customer, currency, "upcoming")
    asked = {name: details[name] for name in _OF_CREATION if name in details}
    taxed = {name: parameters[name] for name in ("automatic_tax",) if name in parameters}
    creating.start(billing, {"customer": customer["id"], **asked, **taxed, **_discounts(parameters)})
    return drafts[0]


_OF_CREATION = (
    "items", "trial_end", "cancel_at", "cancel_at_period_end", "default_tax_rates", "billing_cycle_anchor",
)  # fmt: skip


def _extra(billing: Billing, parameters: Json, customer: str) -> None:
    """Invoice items that are only there for the preview."""
    known = (*sorted(invoiceitems.CHANGEABLE - {"pricing"}), "price", "currency", "unit_amount")
    for row in rows("invoice_items", parameters.get("invoice_items", ""), known):
        asked = {name: value for name, value in row.items() if name not in ("price", "unit_amount")}
        if "price" in row:
            asked["pricing"] = {"price": row["price"]}
        if "unit_amount" in row:
            asked["unit_amount_decimal"] = row["unit_amount"]
        invoiceitems.make(billing, {**asked, "customer": customer})


def _as_preview(invoice: Json, now: int) -> Json:
    """The draft as a preview: an id of its own, nothing that a kept invoice has."""
    return {
        **invoice,
        "id": f"upcoming_in_{invoice['id'][3:]}",
        "billing_reason": "upcoming",
        "created": now,
        "status": "draft",
        "number": None,
        "auto_advance": False,
        "automatically_finalizes_at": None,
    }
