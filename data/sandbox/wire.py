"""The form in which an object travels when nothing is expanded."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
EMBEDDED_LIMIT = 10

# Kept with the object, shown only when expanded.
HIDDEN = {
    "price": ("tiers", "currency_options", "inline"),
    "coupon": ("applies_to", "currency_options"),
    "quote": ("line_items", "orders", "at_once"),
    "webhook_endpoint": ("secret", "since"),
}


def cut(obj: Json) -> Json:
    """The object with its discounts as ids and ten embedded rows at most; itself when unchanged."""
    changes = _ids_of_discounts(obj)
    for name in ("items", "lines"):
        embedded = obj.get(name)
        if isinstance(embedded, dict):
            changes |= _shortened(name, embedded)
    hidden = [name for name in HIDDEN.get(obj.get("object", ""), ()) if name in obj]
    if not changes and not hidden:
        return obj
    return {name: value for name, value in {**obj, **changes}.items() if name not in hidden}


def _shortened(name: str, embedded: Json) -> Json:
    rows = embedded.get("data", [])
    if len(rows) <= EMBEDDED_LIMIT and not any(_has_discounts(row) for row in rows):
        return {}
    shown = [{**row, **_ids_of_discounts(row)} for row in rows[:EMBEDDED_LIMIT]]
    more = len(rows) > EMBEDDED_LIMIT or embedded.get("has_more", False)
    return {name: {**embedded, "data": shown, "has_more": more}}


def _has_discounts(obj: Json) -> bool:
    return any(isinstance(each, dict) and "id" in each for each in obj.get("discounts") or ())


def _ids_of_discounts(obj: Json) -> Json:
    if not _has_discounts(obj):
        return {}
    return {"discounts": [each["id"] if isinstance(each, dict) else each for each in obj["discounts"]]}


def discounts_in(obj: Json) -> Iterator[Json]:
    """The discount objects that an object, its items and its lines carry."""
    if _has_discounts(obj):
        yield from (each for each in obj["discounts"] if isinstance(each, dict))
    for name in ("items", "lines"):
        embedded = obj.get(name)
        if isinstance(embedded, dict):
            for row in embedded.get("data", ()):
                yield from discounts_in(row)
