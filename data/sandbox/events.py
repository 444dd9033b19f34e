"""Events as Stripe writes them: the object with nothing expanded, and what it was before."""

from typing import Any

Json = dict[str, Any]
API_VERSION = "2026-08-26.dahlia"
EVENT_DAYS = 30


def built_event(
    identity: str,
    created: int,
    kind: str,
    obj: Json,
    previous: Json | None,
    request: tuple[str, str | None] | None,
) -> Json:
    """An event object; request is its request's id and idempotency key, None for automatic events."""
    data: Json = {"object": cut(obj)}
    if previous is not None:
        data["previous_attributes"] = previous
    made_by, key = request or (None, None)
    return {
        "id": identity,
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": made_by, "idempotency_key": key},
        "type": kind,
    }


def changed(before: Json, after: Json) -> Json:
    """previous_attributes: what the changed fields were, nested objects only in their changed keys."""
    before, after = cut(before), cut(after)
    return {
        name: _previous(before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def _previous(before: Any, after: Any) -> Any:
    if isinstance(before, dict) and isinstance(after, dict):
        return changed(before, after)
    return before


def cut(obj: Json) -> Json:
    """The object with its discounts as ids, those of its items and lines too; itself when there are none."""
    changes = _ids_of_discounts(obj)
    for name in ("items", "lines"):
        embedded = obj.get(name)
        if isinstance(embedded, dict) and any(_has_discounts(each) for each in embedded.get("data", ())):
            rows = [{**each, **_ids_of_discounts(each)} for each in embedded["data"]]
            changes[name] = {**embedded, "data": rows}
    return {**obj, **changes} if changes else obj


def _has_discounts(obj: Json) -> bool:
    return any(isinstance(each, dict) and "id" in each for each in obj.get("discounts") or ())


def _ids_of_discounts(obj: Json) -> Json:
    if not _has_discounts(obj):
        return {}
    return {"discounts": [each["id"] if isinstance(each, dict) else each for each in obj["discounts"]]}
