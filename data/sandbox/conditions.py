"""What a list can be narrowed by: conditions on a stored object's columns or on a path inside its JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("created", "customer", "subscription", "invoice", "charge", "status", "kind")

_ITEMS = "from json_each(cast(body as text), '$.items.data')"
_COMPUTED = {
    "first_period_end": f"(select min(json_extract(value, '$.current_period_end')) {_ITEMS})",
    "last_period_start": f"(select max(json_extract(value, '$.current_period_start')) {_ITEMS})",
}
_INSIDE_ITEMS = {"item": "$.id", "item_price": "$.price.id"}


@dataclass(frozen=True)
class Condition:
    """A field, an operator and a value.

    A field is a column, a path such as "recurring.interval", first_period_end or last_period_start of a
    subscription's items, or "item" / "item_price": one of the items has this id or price (operator "=").
    Operators: = != < <= > >= , in and "not in" with a list, glob, and "is" / "is not" with None.
    """

    field: str
    operator: str
    value: Any


def _one(operator: str) -> Callable[[Any], tuple[str, list[Any]]]:
    return lambda value: (f"{operator} ?", [value])


def _several(operator: str) -> Callable[[Any], tuple[str, list[Any]]]:
    return lambda values: (f"{operator} ({', '.join('?' * len(values))})", list(values))


_OPERATORS = {
    **{name: _one(name) for name in ("=", "!=", "<", "<=", ">", ">=", "glob", "is", "is not")},
    **{name: _several(name) for name in ("in", "not in")},
}


def compiled(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    """Conditions as SQL that follows a where clause, and its values."""
    clause, values = "", []
    for condition in conditions:
        if condition.field in _INSIDE_ITEMS:
            clause += f" and exists (select 1 {_ITEMS} where json_extract(value, ?) = ?)"
            values += [_INSIDE_ITEMS[condition.field], condition.value]
            continue
        comparison, compared = _OPERATORS[condition.operator](condition.value)
        if condition.field in COLUMNS or condition.field in ("id", "seq"):
            clause += f" and {condition.field} {comparison}"
        elif condition.field in _COMPUTED:
            clause += f" and {_COMPUTED[condition.field]} {comparison}"
        else:
            clause += f" and json_extract(cast(body as text), ?) {comparison}"
            values.append("$." + condition.field)
        values += compared
    return clause, values


def facts(obj: dict[str, Any]) -> tuple[Any, ...]:
    """The values of COLUMNS for an object; a reference that it does not have is None."""
    return (
        obj.get("created") or obj.get("date") or 0,
        _reference(obj.get("customer")),
        _reference(obj.get("subscription")) or _parent_subscription(obj),
        _reference(obj.get("invoice")),
        _reference(obj.get("charge")),
        obj.get("status"),
        obj.get("type"),
    )


def _reference(value: Any) -> str | None:
    return value.get("id") if isinstance(value, dict) else value


def _parent_subscription(obj: dict[str, Any]) -> str | None:
    parent = obj.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    return _reference(details.get("subscription")) if details else None
