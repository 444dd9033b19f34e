"""How far an add-on's set-up is, and what has to be true before it goes further."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SINGLE_SIGN_ON, CUSTOM_DOMAIN, UPTIME_SLA = "single_sign_on", "custom_domain", "uptime_sla"

STATES: Mapping[str, str] = {
    "requested": "Requested",
    "waiting": "Waiting for customer",
    "verified": "Verified",
    "tested": "Tested",
    "active": "Active",
    "enforced": "Enforced",
    "disabled": "Disabled",
}
LIVE = ("active", "enforced")
PROVEN = ("verified", "tested", *LIVE)
"""States that say that what was typed in has been checked: changing it leads back."""


@dataclass(frozen=True)
class Setup:
    """An add-on of a customer as far as it is set up."""

    kind: str
    state: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def passed(self, name: str) -> bool:
        """Whether a check was made and passed."""
        return bool(self.checks.get(name, {}).get("ok"))


Missing = Callable[[Setup, datetime], Sequence[str]]
"""What a set-up lacks for a state, a sentence each; none when it may go there."""

PATHS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    SINGLE_SIGN_ON: {
        "requested": ("waiting", "disabled"),
        "waiting": ("verified", "disabled"),
        "verified": ("tested", "waiting", "disabled"),
        "tested": ("active", "waiting", "disabled"),
        "active": ("enforced", "disabled"),
        "enforced": ("active", "disabled"),
        "disabled": ("requested",),
    },
    CUSTOM_DOMAIN: {
        "requested": ("waiting", "disabled"),
        "waiting": ("verified", "disabled"),
        "verified": ("active", "waiting", "disabled"),
        "active": ("disabled",),
        "disabled": ("requested",),
    },
    UPTIME_SLA: {
        "requested": ("active", "disabled"),
        "active": ("disabled",),
        "disabled": ("requested",),
    },
}
"""By kind: from which state to which others."""


def onward(kind: str, state: str) -> tuple[str, ...]:
    """The states that one may lead to."""
    return PATHS[kind].get(state, ())


def in_the_way(setup: Setup, to: str, now: datetime, guards: Mapping[str, Missing]) -> list[str]:
    """What keeps a set-up from a state, a sentence each."""
    if to not in onward(setup.kind, setup.state):
        return [f"{STATES[setup.state]} does not lead to {STATES.get(to, to).lower()}."]
    return list(guards[to](setup, now)) if to in guards else []


def told(before: str, after: str, changed: Iterable[str]) -> str | None:
    """What our own system is told: that it goes live, is live otherwise, or is no longer; None: nothing.

    What leads back from live to be verified anew is not told: what runs goes on as it is until then.
    """
    if after in LIVE and before != after:
        return f"addon.{after}"
    if after in LIVE:
        return "addon.changed" if {*changed} - {"tests"} else None
    return "addon.disabled" if after == "disabled" and before != "requested" else None
