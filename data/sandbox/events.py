"""Events as Stripe writes them: the object with nothing expanded, and what it was before."""

from typing import Any

from data.sandbox.wire import cut

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
