"""What the sandbox can be told to do wrong, and to which requests."""

import random
from dataclasses import dataclass, fields
from typing import Any

from data.sandbox.api.calls import Call, Reply, refusal
from data.sandbox.api.errors import told_to_fail

KINDS = ("status", "unheard", "drop", "slow", "garbage", "truncate")
GARBAGE = b"<html><head><title>502 Bad Gateway</title></head><body>upstream is not feeling well</body></html>"


@dataclass
class Fault:
    """Something that goes wrong for requests whose path starts so.

    kind: status (an error instead of an answer), unheard (the connection is lost before the work), drop (the
    work is done, the reply is lost), slow (seconds before the work), garbage (200 and HTML), truncate (half
    of the reply).
    after: how many matching requests pass first. times: how many fail then; None: all, until the faults are
    deleted. key: only for requests with this API key.
    """

    path: str = "/v1/"
    kind: str = "status"
    status: int = 500
    retry_after: float | None = None
    seconds: float = 1.0
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    method: str | None = None
    key: str | None = None

    def meets(self, call: Call) -> bool:
        """Whether it is this request's turn to fail; counts it."""
        if not call.path.startswith(self.path) or self.method not in (None, call.method):
            return False
        if self.key not in (None, call.key) or self.times == 0:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def reply(self, call: Call) -> Reply | None:
        """The answer that takes the place of the real one, for kinds that have one."""
        if self.kind == "garbage":
            return Reply(GARBAGE, 200, {"Content-Type": "text/html"})
        if self.kind != "status":
            return None
        error = told_to_fail(self.status, call.method, call.path, call.key)
        after = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        told = refusal(error, call)
        return Reply(told.body, told.status, after)


_NUMBERS = {"status": int, "times": int, "after": int}


def fault_of(told: dict[str, Any]) -> Fault:
    """A fault from JSON; raises ValueError with a sentence."""
    known = {field.name for field in fields(Fault)}
    unknown = sorted(set(told) - known)
    if unknown:
        raise ValueError(f"unknown in a fault: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if told.get("kind", "status") not in KINDS:
        raise ValueError(f"a fault's kind is one of {', '.join(KINDS)}")
    for name, kind in _NUMBERS.items():
        if told.get(name) is not None and not isinstance(told[name], kind):
            raise ValueError(f"{name} is a whole number")
    for name in ("retry_after", "seconds", "probability"):
        if told.get(name) is not None and not isinstance(told[name], int | float):
            raise ValueError(f"{name} is a number")
    return Fault(**told)
