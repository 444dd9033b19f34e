"""POST /v1/coupons and /v1/promotion_codes: what they take off is said once and never changed."""

import re
import secrets
from typing import Any

from data.sandbox.api.actions.asked import count, flag, mapping, one_of, present, required, to_come
from data.sandbox.api.actions.discounts import usable
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, listing, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, working
from data.sandbox.billing.people import create_coupon as make_coupon
from data.sandbox.billing.people import create_promotion_code as make_code
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Json = dict[str, Any]
COUPON = {
    "id", "name", "duration", "duration_in_months", "percent_off", "amount_off", "currency", "metadata",
    "applies_to", "max_redemptions", "redeem_by", "expand",
}  # fmt: skip
CODE = {
    "promotion", "code", "active", "customer", "expires_at", "max_redemptions", "metadata", "restrictions",
    "expand",
}  # fmt: skip
_LONGEST_NAME = 40


def create_coupon(store: Store, call: Call) -> Json:
    """A new coupon: a share, or an amount in a currency."""
    parameters = call.parameters()
    only_known(parameters, COUPON)
    with working(store, call.request) as billing:
        fields = _limits(billing, parameters) | _off(parameters)
        duration = one_of("duration", parameters.get("duration", "once"), ("forever", "once", "repeating"))
        if (duration == "repeating") != ("duration_in_months" in parameters):
            told = "`duration_in_months` is required if `duration` is `repeating`, and only then."
            raise invalid("duration_in_months", told)
        if duration == "repeating":
            fields["duration_in_months"] = _positive(parameters, "duration_in_months")
        identity = parameters.get("id") or billing.new_id("x_")[2:10]
        if billing.find("coupons", identity):
            raise StripeError(400, "Coupon already exists.", "resource_already_exists", "id")
        return {**make_coupon(billing, identity, duration, name=_name(parameters), **fields)}


def _off(parameters: Parameters) -> Json:
    if ("percent_off" in parameters) == ("amount_off" in parameters):
        raise invalid(None, "You must specify one of amount_off or percent_off.")
    if "percent_off" in parameters:
        return {"percent_off": _percent(parameters["percent_off"])}
    required(parameters, "currency")
    currency = str(parameters["currency"]).lower()
    return {"amount_off": _positive(parameters, "amount_off"), "currency": currency}


def _limits(billing: Billing, parameters: Parameters) -> Json:
    fields: Json = {"metadata": new_metadata("metadata", parameters.get("metadata", ""), None)}
    if "max_redemptions" in parameters:
        fields["max_redemptions"] = _positive(parameters, "max_redemptions")
    if "redeem_by" in parameters:
        fields["redeem_by"] = to_come("redeem_by", parameters["redeem_by"], billing.now)
    if "applies_to" in parameters:
        asked = mapping("applies_to", parameters["applies_to"], ("products",))
        products = listing("applies_to[products]", asked.get("products"))
        for place, each in enumerate(products):
            present(billing, "products", "product", each, f"applies_to[products][{place}]")
        fields["applies_to"] = {"products": products}
    return fields


def _positive(parameters: Parameters, name: str) -> int:
    number = count(name, parameters[name])
    if number == 0:
        raise invalid(name, "This value must be greater than or equal to 1.", "parameter_invalid_integer")
    return number


def _name(parameters: Parameters) -> str | None:
    name = parameters.get("name") or None
    if name is not None and len(name) > _LONGEST_NAME:
        raise invalid("name", f"Invalid string: must be at most {_LONGEST_NAME} characters")
    return name


def _percent(value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        raise invalid("percent_off", f"Invalid decimal: {value}") from None
    if not 0 < share <= 100:
        raise invalid("percent_off", "Coupon percent_off must be more than 0 and at most 100.")
    return share


def update_coupon(store: Store, call: Call) -> Json:
    """Another name or metadata; what it takes off is never changed."""
    parameters = call.parameters()
    only_known(parameters, {"name", "metadata", "expand"})
    with working(store, call.request) as billing:
        coupon = present(billing, "coupons", "coupon", call.path_params["id"], "coupon", 404)
        values: Json = {}
        if "name" in parameters:
            values["name"] = _name(parameters)
        if "metadata" in parameters:
            values["metadata"] = new_metadata("metadata", parameters["metadata"], coupon["metadata"])
        return {**billing.change("coupons", coupon, "coupon.updated", **values)}


def create_code(store: Store, call: Call) -> Json:
    """A code that customers type; one that is active is nobody else's."""
    parameters = call.parameters()
    only_known(parameters, CODE)
    promotion = mapping("promotion", parameters.get("promotion", {}), ("type", "coupon"))
    one_of("promotion[type]", promotion.get("type"), ("coupon",))
    with working(store, call.request) as billing:
        coupon = usable(billing, promotion.get("coupon"), "promotion[coupon]")
        text = parameters.get("code") or secrets.token_hex(4).upper()
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,500}", text):
            raise invalid("code", "Promotion codes may contain letters, digits, hyphens and underscores.")
        _free(billing, text)
        fields: Json = {"metadata": new_metadata("metadata", parameters.get("metadata", ""), None)}
        if "max_redemptions" in parameters:
            fields["max_redemptions"] = _positive(parameters, "max_redemptions")
        if "expires_at" in parameters:
            fields["expires_at"] = to_come("expires_at", parameters["expires_at"], billing.now)
        if "customer" in parameters:
            owner = present(billing, "customers", "customer", parameters["customer"], "customer")
            fields["customer"] = owner["id"]
        if (active := flag(parameters, "active")) is not None:
            fields["active"] = active
        return {**make_code(billing, text, coupon, **fields)}


def _free(billing: Billing, text: str) -> None:
    known = billing.where("promotion_codes", Condition("code", "=", text))
    if any(each["active"] for each in known):
        told = f"An active promotion code with `code: {text}` already exists."
        raise StripeError(400, told, "resource_already_exists", "code")


def update_code(store: Store, call: Call) -> Json:
    """Switch a code on or off, or change its metadata."""
    parameters = call.parameters()
    only_known(parameters, {"active", "metadata", "expand"})
    with working(store, call.request) as billing:
        identity = call.path_params["id"]
        code = present(billing, "promotion_codes", "promotion code", identity, "promotion_code", 404)
        values: Json = {}
        if (active := flag(parameters, "active")) is not None:
            if active and not billing.get("coupons", code["promotion"]["coupon"])["valid"]:
                raise invalid("active", "This promotion code's coupon is not valid any more.")
            values["active"] = active
        if "metadata" in parameters:
            values["metadata"] = new_metadata("metadata", parameters["metadata"], code["metadata"])
        return {**billing.change("promotion_codes", code, "promotion_code.updated", **values)}
