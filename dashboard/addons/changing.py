"""A set-up as it is after somebody changes its settings or leads it to another state; written nowhere."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.addons import rules, states
from dashboard.addons.states import Setup
from data import clock
from data.addons.storage import Kept
from data.writing import NotChangedError


def as_setup(kept: Kept) -> Setup:
    """A set-up as the rules take it."""
    return Setup(kept.kind, kept.state, kept.settings, kept.checks)


def with_settings(kept: Kept, changed: Mapping[str, Any]) -> Kept:
    """With other settings, None takes one out; what had been verified of others leads back."""
    told = {name: value for name, value in {**kept.settings, **changed}.items() if value is not None}
    state, told, reason = rules.after_change(as_setup(kept), told)
    after = replace(kept, settings=told, state=state, reason=reason or kept.reason)
    if state != kept.state:
        after = replace(after, checks={})
    return replace(after, hostname=told.get("hostname"))


def in_the_way(kept: Kept, to: str) -> list[str]:
    """What keeps a set-up from a state, a sentence each."""
    return states.in_the_way(as_setup(kept), to, clock.now(), rules.GUARDS[kept.kind])


def moved(kept: Kept, to: str, reason: str) -> Kept:
    """In another state. Raises NotChangedError with what is in the way."""
    missing = in_the_way(kept, to)
    if missing:
        raise NotChangedError(" ".join(missing))
    if to == "disabled" and not reason.strip():
        raise NotChangedError("Say why it is disabled.")
    after = replace(kept, state=to, reason=reason.strip() or None)
    if to == "disabled" and kept.hostname:
        after = replace(after, hostname=None)  # somebody else may have it now
    elif to == "disabled" and kept.kind == states.UPTIME_SLA and kept.state in states.LIVE:
        after = replace(after, settings={**kept.settings, "ended": clock.month_of(clock.now())})
    elif to == "requested":
        after = replace(after, checks={}, hostname=kept.settings.get("hostname"))
    return after


def led(kept: Kept, to: str) -> str:
    """What a move is called in the history."""
    return f"{states.STATES[kept.state]} to {states.STATES[to].lower()}"
