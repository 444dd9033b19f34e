"""What list parameters mean: small functions from a parameter's value to conditions on stored objects."""

from collections.abc import Callable, Iterable
from typing import Any

from data.sandbox.api.errors import invalid, missing
from data.sandbox.api.parameters import emptied, listing, only_known, truth, whole
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Filter = Callable[[Store, str, Any], list[Condition]]
SUBSCRIPTION_STATUSES = (
    *("active", "past_due", "unpaid", "canceled", "incomplete"),
    *("incomplete_expired", "trialing", "paused"),
)
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _string(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(name, f"Invalid string: {value}")
    if not value:
        raise emptied(name)
    return value


def exact(field: str) -> Filter:
    """The field is the text."""
    return lambda _store, name, value: [Condition(field, "=", _string(name, value))]


def reference(resource: str, noun: str, field: str) -> Filter:
    """The field names an object, which must be or have been there."""

    def build(store: Store, name: str, value: Any) -> list[Condition]:
        identity = _string(name, value)
        if store.wire(resource, identity) is None:
            raise missing(noun, identity, name, 400)
        return [Condition(field, "=", identity)]

    return build


def one_of(field: str, values: Iterable[str]) -> Filter:
    """The field is the text, which must be one of these."""
    known = tuple(values)

    def build(_store: Store, name: str, value: Any) -> list[Condition]:
        if value not in known:
            raise invalid(name, f"Invalid {name}: must be one of {', '.join(known[:-1])}, or {known[-1]}")
        return [Condition(field, "=", value)]

    return build


def flag(field: str) -> Filter:
    """The field is true or false."""
    return lambda _store, name, value: [Condition(field, "=", int(truth(name, value)))]


def instants(field: str) -> Filter:
    """The field is an instant, or lies between instants: gt, gte, lt, lte."""

    def build(_store: Store, name: str, value: Any) -> list[Condition]:
        if not isinstance(value, dict):
            return [Condition(field, "=", whole(name, value))]
        only_known({f"{name}[{key}]": None for key in value}, {f"{name}[{key}]" for key in _COMPARISONS})
        return [
            Condition(field, _COMPARISONS[key], whole(f"{name}[{key}]", each)) for key, each in value.items()
        ]

    return build


def among(field: str, most: int) -> Filter:
    """The field is one of the texts asked for; at most so many may be asked for."""

    def build(_store: Store, name: str, value: Any) -> list[Condition]:
        wanted = listing(name, value)
        if len(wanted) > most:
            raise invalid(name, f"Array {name} exceeds maximum {most} allowed elements.")
        return [Condition(field, "in", wanted)]

    return build


def nested(fields: dict[str, Filter]) -> Filter:
    """An object of filters, such as recurring[interval]."""

    def build(store: Store, name: str, value: Any) -> list[Condition]:
        if not isinstance(value, dict):
            raise invalid(name, "Invalid object")
        only_known({f"{name}[{key}]": None for key in value}, {f"{name}[{key}]" for key in fields})
        return [found for key, each in value.items() for found in fields[key](store, f"{name}[{key}]", each)]

    return build


def subscription_status(_store: Store, name: str, value: Any) -> list[Condition]:
    """A status, `ended` for those that are over, or `all`."""
    if value == "all":
        return []
    if value == "ended":
        return [Condition("status", "in", ["canceled", "incomplete_expired"])]
    return one_of("status", (*SUBSCRIPTION_STATUSES, "all", "ended"))(_store, name, value)


def event_kind(_store: Store, name: str, value: Any) -> list[Condition]:
    """An event type, or a group of them as "invoice.*" or "*"."""
    wanted = _string(name, value)
    return [Condition("kind", "glob" if "*" in wanted else "=", wanted)]


def scheduled(_store: Store, name: str, value: Any) -> list[Condition]:
    """Schedules that have not started yet, or those that have."""
    return [Condition("status", "=" if truth(name, value) else "!=", "not_started")]


def pending(_store: Store, name: str, value: Any) -> list[Condition]:
    """Invoice items that wait for an invoice, or those that are on one."""
    return [Condition("invoice", "is" if truth(name, value) else "is not", None)]


def nothing(_store: Store, _name: str, _value: Any) -> list[Condition]:
    """Accepted, without effect on what the sandbox keeps."""
    return []
