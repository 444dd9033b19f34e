"""Writing endpoints: what a request may change, what changes with it, and the event that tells of it."""

from collections.abc import Callable, Mapping
from typing import Any

from data.sandbox.api.calls import Call
from data.sandbox.api.errors import invalid, missing
from data.sandbox.api.parameters import Parameters, listing, only_known, truth, whole
from data.sandbox.api.resources import RESOURCES
from data.sandbox.billing.leaving import end_everything
from data.sandbox.events import changed
from data.sandbox.store import Store

Json = dict[str, Any]
Field = Callable[[str, Any, Any], Any]
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_MOST_CUSTOM_FIELDS, _LONGEST_FIELD = 4, {"name": 40, "value": 140}
_MOST_METADATA, _LONGEST_KEY, _LONGEST_VALUE = 50, 40, 500


def _text(name: str, value: Any, _before: Any) -> str | None:
    if not isinstance(value, str):
        raise invalid(name, f"Invalid string: {value}")
    return value or None


def _required_text(name: str, value: Any, before: Any) -> str:
    if not (found := _text(name, value, before)):
        raise invalid(name, f"You passed an empty string for '{name}'.", "parameter_invalid_empty")
    return found


def _flag(name: str, value: Any, _before: Any) -> bool:
    return truth(name, value)


def _email(name: str, value: Any, before: Any) -> str | None:
    found = _text(name, value, before)
    if found is not None and "@" not in found:
        raise invalid(name, f"Invalid email address: {found}", "email_invalid")
    return found


def _address(name: str, value: Any, _before: Any) -> Json | None:
    if value == "":
        return None
    if not isinstance(value, dict):
        raise invalid(name, "Invalid object")
    only_known({f"{name}[{key}]": None for key in value}, {f"{name}[{key}]" for key in _ADDRESS})
    return {key: value.get(key) or None for key in _ADDRESS}


def new_metadata(name: str, value: Any, before: Any) -> dict[str, str]:
    """Metadata with some keys set, and those with an empty text taken out."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise invalid(name, "Invalid object")
    merged = {**(before or {}), **value}
    kept = {key: text for key, text in merged.items() if text != ""}
    if len(kept) > _MOST_METADATA:
        raise invalid(name, f"Metadata may have {_MOST_METADATA} keys; this would have {len(kept)}.")
    for key, text in kept.items():
        if len(key) > _LONGEST_KEY or len(str(text)) > _LONGEST_VALUE:
            raise invalid(
                f"{name}[{key}]",
                f"Metadata keys may have {_LONGEST_KEY} characters and values {_LONGEST_VALUE}: {key}",
            )
    return kept


def _invoice_settings(name: str, value: Any, before: Any) -> Json:
    known = {"footer", "custom_fields", "default_payment_method"}
    if not isinstance(value, dict):
        raise invalid(name, "Invalid object")
    only_known({f"{name}[{key}]": None for key in value}, {f"{name}[{key}]" for key in known})
    if value.get("custom_fields"):
        _check_custom_fields(f"{name}[custom_fields]", value["custom_fields"])
    none = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    return {**none, **(before or {}), **{key: given or None for key, given in value.items()}}


def _check_custom_fields(name: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise invalid(name, "Invalid array")
    if len(value) > _MOST_CUSTOM_FIELDS:
        raise invalid(name, f"Array {name} exceeds maximum {_MOST_CUSTOM_FIELDS} allowed elements.")
    for place, each in enumerate(value):
        inside = f"{name}[{place}]"
        only_known({f"{inside}[{key}]": None for key in each}, {f"{inside}[name]", f"{inside}[value]"})
        for key, most in _LONGEST_FIELD.items():
            if not 0 < len(str(each.get(key, ""))) <= most:
                raise invalid(f"{inside}[{key}]", f"A custom field's {key} has 1 to {most} characters.")


def _shipping(name: str, value: Any, _before: Any) -> Json | None:
    if value == "":
        return None
    if not isinstance(value, dict):
        raise invalid(name, "Invalid object")
    only_known(
        {f"{name}[{key}]": None for key in value}, {f"{name}[{key}]" for key in ("address", "name", "phone")}
    )
    address = _address(f"{name}[address]", value.get("address"), None)
    return {
        "address": address,
        "name": _required_text(f"{name}[name]", value.get("name"), None),
        "phone": value.get("phone") or None,
    }


def _whole(name: str, value: Any, _before: Any) -> int:
    return whole(name, value)


def _locales(name: str, value: Any, _before: Any) -> list[str]:
    return [] if value == "" else listing(name, value)


def _exemption(name: str, value: Any, _before: Any) -> str:
    if value not in ("none", "exempt", "reverse", ""):
        raise invalid(name, f"Invalid {name}: must be one of none, exempt, or reverse")
    return value or "none"


CHANGEABLE: Mapping[str, Mapping[str, Field]] = {
    "customers": {
        "name": _text,
        "email": _email,
        "description": _text,
        "phone": _text,
        "address": _address,
        "balance": _whole,
        "shipping": _shipping,
        "metadata": new_metadata,
        "tax_exempt": _exemption,
        "invoice_settings": _invoice_settings,
        "preferred_locales": _locales,
    },
    "products": {
        "name": _required_text,
        "active": _flag,
        "description": _text,
        "metadata": new_metadata,
        "unit_label": _text,
        "statement_descriptor": _text,
        "tax_code": _text,
        "url": _text,
    },
}


def update(store: Store, resource: str, identity: str, parameters: Parameters, call: Call) -> Json:
    """Change an object's fields; the event carries what they were before."""
    fields = CHANGEABLE[resource]
    only_known(parameters, {*fields, "expand"})
    with store.transaction():
        before = _present(store, resource, identity)
        check_default_card(store, identity, parameters)
        after = {**before, **changed_fields(resource, before, parameters)}
        if previous := changed(before, after):
            if "updated" in after:
                after["updated"] = store.now
                previous = changed(before, after)
            store.put(resource, after)
            store.emit(f"{after['object']}.updated", after, previous, call.request)
    return after


def check_default_card(store: Store, customer: str, parameters: Parameters) -> None:
    """A default card must be one of the customer's."""
    settings = parameters.get("invoice_settings")
    card = settings.get("default_payment_method") if isinstance(settings, dict) else None
    if card:
        param = "invoice_settings[default_payment_method]"
        found = store.get("payment_methods", str(card))
        if found is None:
            raise missing("PaymentMethod", str(card), param, 400)
        if found["customer"] != customer:
            told = f"The customer does not have a payment method with the ID {card}. The payment method must"
            raise invalid(param, f"{told} be attached to the customer.", "resource_missing")


def changed_fields(resource: str, before: Json, parameters: Parameters) -> Json:
    """The fields that a request sets, as they then are. Raises StripeError."""
    fields = CHANGEABLE[resource]
    asked = {name: value for name, value in parameters.items() if name != "expand"}
    return {name: fields[name](name, value, before.get(name)) for name, value in asked.items()}


def remove(store: Store, resource: str, identity: str, parameters: Parameters, call: Call) -> Json:
    """Delete an object; what others still refer to stays readable where Stripe keeps it so."""
    only_known(parameters, set())
    with store.transaction():
        obj = _present(store, resource, identity)
        gone = {"id": identity, "object": obj["object"], "deleted": True}
        if resource == "customers":
            end_everything(store, identity)
        store.delete(resource, identity)
        store.put(f"deleted_{resource}", gone if resource == "customers" else {**obj, "valid": False})
        store.emit(f"{obj['object']}.deleted", obj, None, call.request)
    return gone


def _present(store: Store, resource: str, identity: str) -> Json:
    found = store.get(resource, identity)
    if found is None:
        known = RESOURCES[resource]
        raise missing(known.noun, identity, known.missing_param)
    return found
