"""What can go wrong on the way to a webhook's receiver, when the sandbox is told so."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

KINDS = ("drop", "double", "shuffle", "delay")


@dataclass
class WebhookFault:
    """Something that goes wrong with events of a type ("invoice.*").

    kind: drop (never sent), double (sent twice), shuffle (sent after up to `seconds`, so out of order), delay
    (sent after `seconds`). times: how many events it happens to; None: all, until the faults are deleted.
    """

    kind: str
    type: str = "*"
    seconds: float = 1.0
    times: int | None = None
    probability: float = 1.0

    def meets(self, kind: str) -> bool:
        """Whether it happens to an event of a type; counts it."""
        if self.times == 0 or not fnmatchcase(kind, self.type) or random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def delays(self) -> list[float]:
        """Seconds until each time that the event is sent."""
        if self.kind == "shuffle":
            return [random.random() * self.seconds]
        return {"drop": [], "double": [0.0, 0.0], "delay": [self.seconds]}[self.kind]


def webhook_fault_of(told: Mapping[str, Any]) -> WebhookFault:
    """A fault from JSON; raises ValueError with a sentence."""
    known = {field.name for field in fields(WebhookFault)}
    if unknown := sorted(set(told) - known):
        raise ValueError(f"unknown in a fault: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if told.get("kind") not in KINDS:
        raise ValueError(f"a webhook fault's kind is one of {', '.join(KINDS)}")
    times = told.get("times")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 0):
        raise ValueError("times is a whole number")
    for name in ("seconds", "probability"):
        value = told.get(name, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{name} is a number that is not negative")
    if not isinstance(told.get("type", ""), str):
        raise ValueError('type is an event type such as "invoice.paid" or "invoice.*"')
    return WebhookFault(**told)
