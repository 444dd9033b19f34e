"""POST /v1/subscriptions and /v1/coupons: what did not exist before."""

from typing import Any

from data.sandbox.api.actions.asked import count, one_of, present, rows, to_come
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import DAY, Billing, working
from data.sandbox.billing.people import create_coupon as make_coupon
from data.sandbox.billing.subscribing import RefusedError, create_subscription
from data.sandbox.store import Store

Json = dict[str, Any]
KNOWN = {
    "customer", "items", "discounts", "trial_period_days", "trial_end", "collection_method", "days_until_due",
    "default_payment_method", "metadata", "description", "payment_behavior", "expand",
}  # fmt: skip
COUPON = {
    "id",
    "name",
    "duration",
    "duration_in_months",
    "percent_off",
    "amount_off",
    "currency",
    "metadata",
    "expand",
}


def subscription(store: Store, call: Call) -> Json:
    """Subscribe a customer; the first period is billed at once, or when a trial ends."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    for name in ("customer", "items"):
        if not parameters.get(name):
            raise StripeError(400, f"Missing required param: {name}.", "parameter_missing", name)
    with working(store, call.request) as billing:
        customer = present(billing, "customers", "customer", parameters["customer"], "customer")
        fields = _collection(parameters) | _plain(billing, customer, parameters)
        ordered = [_item(billing, place, row) for place, row in enumerate(_items(parameters))]
        try:
            made = create_subscription(
                billing,
                customer["id"],
                ordered,
                coupons=_coupons(billing, parameters),
                trial_days=_trial_days(parameters, billing.now),
                **fields,
            )
        except RefusedError as refused:
            raise invalid(refused.args[1], refused.args[0]) from None
        return {**made}


def _items(parameters: Parameters) -> list[Json]:
    return rows("items", parameters["items"], ("price", "quantity", "metadata"))


def _item(billing: Billing, place: int, row: Json) -> tuple[str, int]:
    price = present(billing, "prices", "price", row.get("price"), f"items[{place}][price]")
    return price["id"], count(f"items[{place}][quantity]", row.get("quantity", "1"))


def _coupons(billing: Billing, parameters: Parameters) -> list[str]:
    asked = rows("discounts", parameters.get("discounts", ""), ("coupon",))
    return [
        present(billing, "coupons", "coupon", row.get("coupon"), f"discounts[{place}][coupon]")["id"]
        for place, row in enumerate(asked)
    ]


def _trial_days(parameters: Parameters, now: int) -> int:
    if "trial_end" in parameters:
        return -(-(to_come("trial_end", parameters["trial_end"], now) - now) // DAY)
    return count("trial_period_days", parameters.get("trial_period_days", "0"))


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
    return fields


def coupon(store: Store, call: Call) -> Json:
    """A new coupon: a share, or an amount in a currency."""
    parameters = call.parameters()
    only_known(parameters, COUPON)
    duration = one_of("duration", parameters.get("duration", "once"), ("forever", "once", "repeating"))
    fields: Json = {"metadata": new_metadata("metadata", parameters.get("metadata", ""), None)}
    if duration == "repeating":
        fields["duration_in_months"] = count("duration_in_months", parameters.get("duration_in_months"))
    if ("percent_off" in parameters) == ("amount_off" in parameters):
        raise invalid(None, "You must specify one of amount_off or percent_off.")
    if "percent_off" in parameters:
        fields["percent_off"] = _percent(parameters["percent_off"])
    else:
        fields |= {
            "amount_off": count("amount_off", parameters["amount_off"]),
            "currency": parameters.get("currency"),
        }
    with working(store, call.request) as billing:
        identity = parameters.get("id") or billing.new_id("")[:8]
        if billing.find("coupons", identity):
            raise StripeError(400, "Coupon already exists.", "resource_already_exists", "id")
        return {**make_coupon(billing, identity, duration, name=parameters.get("name"), **fields)}


def _percent(value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        raise invalid("percent_off", f"Invalid decimal: {value}") from None
    if not 0 < share <= 100:
        raise invalid("percent_off", "Coupon percent_off must be more than 0 and at most 100.")
    return share
