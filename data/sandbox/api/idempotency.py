"""Idempotency keys: the same POST twice is done once and answered twice."""

import hashlib
import time
from typing import Any

from data.sandbox.api.calls import Call, Reply
from data.sandbox.api.errors import StripeError
from data.sandbox.store import Store

RESOURCE = "idempotency_keys"
KEPT_FOR = 86_400
LONGEST = 255

# Refusals before the work starts are not remembered, so that a corrected request may use the key.
_NOT_KEPT = frozenset((400, 401, 403, 404, 409, 429))


class Idempotency:
    """Remembers in the store what was answered to which key, for a day of real time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_flight: set[str] = set()
        oldest = int(time.time()) - KEPT_FOR
        for known in store.all(RESOURCE):
            if known["created"] < oldest:
                store.delete(RESOURCE, known["id"])

    def begin(self, call: Call) -> Reply | None:
        """The earlier answer, or None when the work is to be done; every None must be followed by finish.

        Raises StripeError when the key is used for something else (400) or at this moment (409).
        """
        key = call.idempotency_key or ""
        if len(key) > LONGEST:
            raise StripeError(
                400, f"Idempotency keys have at most {LONGEST} characters; this one has {len(key)}."
            )
        known = self._store.get(RESOURCE, _name(call))
        if known is not None:
            return _replayed(known, call)
        if _name(call) in self._in_flight:
            raise StripeError(
                409,
                f"There is currently another in-progress request using this idempotent key ({key}). "
                "Please try again in a little while.",
                "idempotency_key_in_use",
                kind="idempotency_error",
            )
        self._in_flight.add(_name(call))
        return None

    def finish(self, call: Call, reply: Reply | None) -> None:
        """The work is over; None when it broke."""
        self._in_flight.discard(_name(call))
        if reply is None or reply.status in _NOT_KEPT:
            return
        self._store.put(
            RESOURCE,
            {
                "id": _name(call),
                "created": int(time.time()),
                "fingerprint": _fingerprint(call),
                "request": call.request_id,
                "code": reply.status,
                "body": reply.body.decode(),
            },
        )


def _name(call: Call) -> str:
    return hashlib.sha256(f"{call.key}\n{call.idempotency_key}".encode()).hexdigest()


def _fingerprint(call: Call) -> str:
    said = f"{call.method}\n{call.path}\n{sorted(call.body.split('&'))}"
    return hashlib.sha256(said.encode()).hexdigest()


def _replayed(known: dict[str, Any], call: Call) -> Reply:
    if known["fingerprint"] != _fingerprint(call):
        raise StripeError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used"
            f" with. Try using a key other than '{call.idempotency_key}' if you meant to execute a different"
            " request.",
            kind="idempotency_error",
        )
    headers = {"Idempotent-Replayed": "true", "Original-Request": known["request"]}
    return Reply(known["body"].encode(), known["code"], headers)
