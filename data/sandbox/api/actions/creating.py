"""POST /v1/subscriptions: a customer begins to pay, or a trial."""

from typing import Any

from data.sandbox.api.actions import paying
from data.sandbox.api.actions.asked import (
    count,
    flag,
    mapping,
    one_of,
    present,
    rows,
    tax_rates,
    to_come,
    trial_settings,
)
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.actions.price_data import price_asked
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import DAY, Billing, cancellations, working
from data.sandbox.billing.subscribing import RefusedError, create_subscription
from data.sandbox.factory.subscriptions import automatic_tax
from data.sandbox.store import Store

Json = dict[str, Any]
KNOWN = {
    "customer", "items", "discounts", "trial_period_days", "trial_end", "collection_method", "days_until_due",
    "default_payment_method", "default_tax_rates", "metadata", "description", "payment_behavior",
    "off_session", "trial_settings", "cancel_at", "cancel_at_period_end", "billing_cycle_anchor",
    "automatic_tax", "expand",
}  # fmt: skip
ITEM = ("price", "price_data", "quantity", "metadata", "discounts", "tax_rates")


def subscription(store: Store, call: Call) -> Json:
    """Subscribe a customer; the first period is billed at once, or when a trial ends."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    for name in ("customer", "items"):
        if not parameters.get(name):
            raise StripeError(400, f"Missing required param: {name}.", "parameter_missing", name)
    with working(store, call.request) as billing:
        behaviour = paying.choose(billing, parameters, changing=False)
        made = start(billing, parameters)
        if behaviour != "default_incomplete":
            paying.refuse_without_card(billing, made)
        return {**made}


def start(billing: Billing, parameters: Parameters) -> Json:
    """The subscription that a request to create one asks for, begun and billed. Raises StripeError."""
    customer = present(billing, "customers", "customer", parameters["customer"], "customer")
    asked = rows("items", parameters["items"], ITEM)
    ordered = [_item(billing, place, row) for place, row in enumerate(asked)]
    own = [
        discounts_asked(billing, f"items[{place}][discounts]", row.get("discounts", ""))
        for place, row in enumerate(asked)
    ]
    try:
        made = create_subscription(
            billing,
            customer["id"],
            ordered,
            discounts=discounts_asked(billing, "discounts", parameters.get("discounts", "")),
            item_discounts=own,
            trial_end=_trial_end(parameters, billing.now),
            anchor=_anchor(parameters, billing.now),
            **_collection(parameters),
            **_plain(billing, customer, parameters),
        )
    except RefusedError as refused:
        raise invalid(refused.args[1], refused.args[0]) from None
    return _with_end(billing, made, parameters)


def _with_end(billing: Billing, made: Json, parameters: Parameters) -> Json:
    at_end, moment = flag(parameters, "cancel_at_period_end"), parameters.get("cancel_at")
    if at_end and moment:
        told = "You may only specify one of these parameters: cancel_at, cancel_at_period_end."
        raise invalid("cancel_at", told)
    if moment:
        return cancellations.cancel_at(billing, made["id"], to_come("cancel_at", moment, billing.now))
    return cancellations.cancel_at_period_end(billing, made["id"]) if at_end else made


def _item(billing: Billing, place: int, row: Json) -> tuple[str, int]:
    quantity = count(f"items[{place}][quantity]", row.get("quantity", "1"))
    if "price_data" in row:
        return price_asked(billing, f"items[{place}]", row)["id"], quantity
    price = present(billing, "prices", "price", row.get("price"), f"items[{place}][price]")
    if not price["active"]:
        told = f"The price specified is inactive. This field only accepts active prices: {price['id']}"
        raise invalid(f"items[{place}][price]", told)
    return price["id"], quantity


def _trial_end(parameters: Parameters, now: int) -> int | None:
    if "trial_end" in parameters and "trial_period_days" in parameters:
        told = "You may only specify one of these parameters: trial_end, trial_period_days."
        raise invalid("trial_end", told)
    if parameters.get("trial_end", "now") != "now":
        return to_come("trial_end", parameters["trial_end"], now)
    days = count("trial_period_days", parameters.get("trial_period_days", "0"))
    return now + days * DAY if days else None


def _anchor(parameters: Parameters, now: int) -> int | None:
    given = parameters.get("billing_cycle_anchor")
    return None if given is None else to_come("billing_cycle_anchor", given, now)


def _collection(parameters: Parameters) -> Json:
    methods = ("charge_automatically", "send_invoice")
    method = one_of("collection_method", parameters.get("collection_method", methods[0]), methods)
    if method == methods[0]:
        return {"collection_method": method}
    if "days_until_due" not in parameters:
        told = "You must pass `days_until_due` when `collection_method` is `send_invoice`."
        raise invalid("days_until_due", told)
    return {
        "collection_method": method,
        "days_until_due": count("days_until_due", parameters["days_until_due"]),
    }


def _plain(billing: Billing, customer: Json, parameters: Parameters) -> Json:
    fields: Json = {"metadata": new_metadata("metadata", parameters.get("metadata", ""), None)}
    if parameters.get("description"):
        fields["description"] = parameters["description"]
    if method := parameters.get("default_payment_method"):
        found = present(billing, "payment_methods", "PaymentMethod", method, "default_payment_method")
        if found["customer"] != customer["id"]:
            raise invalid(
                "default_payment_method", "The customer does not have a payment method with this ID."
            )
        fields["default_payment_method"] = method
    if "default_tax_rates" in parameters:
        rates = parameters["default_tax_rates"]
        fields["default_tax_rates"] = tax_rates(billing, "default_tax_rates", rates)
    if "automatic_tax" in parameters:
        asked = mapping("automatic_tax", parameters["automatic_tax"], ("enabled",))
        fields["automatic_tax"] = automatic_tax(bool(flag(asked, "enabled")))
    if "trial_settings" in parameters:
        fields["trial_settings"] = trial_settings(parameters["trial_settings"])
    return fields
