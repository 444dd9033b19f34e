"""What a request asks for, read strictly: each parameter known, of its kind, refused in Stripe's words."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from data.sandbox.api.errors import StripeError, invalid, missing
from data.sandbox.api.parameters import truth, whole
from data.sandbox.billing import Billing

Json = dict[str, Any]


def one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    """One of some words."""
    if value not in allowed:
        told = ", ".join(sorted(allowed)[:-1]) + f", or {sorted(allowed)[-1]}"
        raise invalid(name, f"Invalid {name}: must be one of {told}")
    return str(value)


def mapping(name: str, value: Any, known: Collection[str]) -> Json:
    """An object with known keys only."""
    if not isinstance(value, dict):
        raise invalid(name, "Invalid object")
    unknown = [key for key in value if key not in known]
    if unknown:
        raise StripeError(
            400,
            f"Received unknown parameter: {name}[{unknown[0]}]",
            "parameter_unknown",
            f"{name}[{unknown[0]}]",
        )
    return value


def rows(name: str, value: Any, known: Collection[str]) -> list[Json]:
    """A list of objects with known keys only; an empty text is an empty list."""
    if value == "":
        return []
    if not isinstance(value, list):
        raise invalid(name, "Invalid array")
    return [mapping(f"{name}[{place}]", each, known) for place, each in enumerate(value)]


def count(name: str, value: Any) -> int:
    """A whole number that is not negative."""
    number = whole(name, value)
    if number < 0:
        raise invalid(name, f"This value must be greater than or equal to 0 (it currently is '{number}').")
    return number


def decimal(name: str, value: Any) -> str:
    """A decimal number with at most twelve places, as text."""
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,15}(\.\d{1,12})?", value):
        raise invalid(name, f"Invalid decimal: {value}", "parameter_invalid_decimal")
    return value


def required(parameters: Mapping[str, Any], *names: str) -> None:
    """Refuse a request that lacks a parameter."""
    for name in names:
        if parameters.get(name) in (None, "", [], {}):
            raise StripeError(400, f"Missing required param: {name}.", "parameter_missing", name)


def to_come(name: str, value: Any, now: int) -> int:
    """An instant after now, epoch seconds."""
    instant = whole(name, value)
    if instant <= now:
        raise invalid(name, f"The {name} timestamp must be in the future.", "parameter_invalid_integer")
    return instant


def flag(parameters: Mapping[str, Any], name: str) -> bool | None:
    """A truth, None where it is not given."""
    return truth(name, parameters[name]) if name in parameters else None


def tax_rates(billing: Billing, name: str, value: Any) -> list[Json]:
    """The tax rates behind a list of ids; an empty text is an empty list."""
    asked = [] if value == "" else value
    if not isinstance(asked, list):
        raise invalid(name, "Invalid array")
    return [present(billing, "tax_rates", "tax rate", each, name) for each in asked]


def trial_settings(value: Any) -> Json:
    """What happens when a trial ends without a card."""
    inside = mapping("trial_settings", value, ("end_behavior",)).get("end_behavior", {})
    asked = mapping("trial_settings[end_behavior]", inside, ("missing_payment_method",))
    name = "trial_settings[end_behavior][missing_payment_method]"
    wanted = one_of(name, asked.get("missing_payment_method"), ("cancel", "create_invoice", "pause"))
    return {"end_behavior": {"missing_payment_method": wanted}}


def present(billing: Billing, resource: str, noun: str, identity: Any, param: str, status: int = 400) -> Json:
    """The object behind an id in a parameter."""
    found = billing.find(resource, str(identity)) if identity else None
    if found is None or not billing.store.holds(resource, str(identity)):
        raise missing(noun, str(identity), param, status)
    return found
