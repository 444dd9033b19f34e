"""Actions that were cut short: finished where Stripe remembers them, or closed by somebody who looked."""

from datetime import datetime, timedelta
from typing import Any, Literal

from dashboard.actions.base import (
    ActionError,
    Actor,
    ForbiddenActionError,
    Handler,
    UnknownOutcomeError,
)
from dashboard.actions.carrying import carry_out, command_of, handler_of, undone
from dashboard.actions.handlers import COMMANDS
from data import actions, clock
from data.actions import EndedError, Prepared
from data.gateway import Gateway, GatewayError
from data.writing import NotChangedError

Json = dict[str, Any]
KEPT = timedelta(hours=23)
"""Stripe forgets an idempotency key after a day: older actions are not sent again."""
PATIENCE = timedelta(minutes=2)
"""A younger action may still be under way in another process."""


def resume(url: str, gateway: Gateway, now: datetime | None = None) -> dict[str, str]:
    """Finish what was begun and has no known end: its state now, by action.

    What Stripe did is closed as done; what it may not have done is sent again under its old keys while Stripe
    remembers them; what is older and did not happen is closed as refused. Where the object does not tell, an
    older one stays open until somebody has looked and closes it.
    """
    found: dict[str, str] = {}
    instant = now or clock.now()
    for prepared in _unfinished(url):
        if not _under_way(prepared, instant):
            try:
                found[prepared.id] = _resumed(url, gateway, prepared, instant)
            except EndedError as error:
                found[prepared.id] = error.state
            except NotChangedError:
                found[prepared.id] = "unknown"
    return found


def _unfinished(url: str) -> list[Prepared]:
    try:
        return actions.unfinished(url)
    except NotChangedError as error:
        raise ActionError("The database did not say which actions are not finished. Try again.") from error


def _under_way(prepared: Prepared, now: datetime) -> bool:
    """Whether another process may still be sending it, as far as its age tells."""
    return prepared.state != "unknown" and now - prepared.created_at <= PATIENCE


def _resumed(url: str, gateway: Gateway, prepared: Prepared, now: datetime) -> str:
    if prepared.command.get("type") not in COMMANDS:  # of another version of the app: somebody has to look
        return "unknown"
    command = command_of(prepared.command)
    handler = handler_of(command)
    try:
        obj = handler.read(gateway, command)
    except GatewayError:
        return "unknown"
    if handler.achieved(command, obj):
        actions.finish(url, prepared, "done", "found done", handler.seen(obj), clock.now())
        return "done"
    if now - prepared.created_at > KEPT:
        if handler.achieved(command, obj) is None:
            return "unknown"
        actions.finish(url, prepared, "refused", "it never came about", handler.seen(obj), clock.now())
        return "refused"
    untold = handler.achieved(command, obj) is None
    if outcome := _overtaken(url, gateway, prepared, handler, handler.seen(obj), untold):
        return outcome
    try:
        carry_out(url, gateway, prepared, handler, command)
    except UnknownOutcomeError:
        return "unknown"
    except ActionError:
        return "refused"
    return "done"


def _overtaken(
    url: str, gateway: Gateway, prepared: Prepared, handler: Handler[Any], seen: Json, untold: bool
) -> str | None:
    """Close what somebody else's change came before, its first steps taken back; None: nobody changed it."""
    before = prepared.before or {}
    differing = {name for name in seen if name in before and seen[name] != before[name]}
    if not differing - handler.own:
        return None
    steps = actions.begin(url, prepared.id, clock.now())
    done = [(step, step.made) for step in steps if step.state == "done"]
    if untold and not done and any(step.sent_at and step.state != "done" for step in steps):
        told = "the object was changed meanwhile, perhaps by this action itself: look at Stripe"
        actions.finish(url, prepared, "unknown", told, seen, clock.now())
        return "unknown"
    whole = undone(gateway, done) if done else not differing & handler.own
    told = "the object was changed meanwhile, so it was not sent again"
    outcome = "refused" if whole else "unknown"
    actions.finish(url, prepared, outcome, told, seen, clock.now())
    return outcome


def close(url: str, actor: Actor, action_id: str, outcome: Literal["done", "refused"], reason: str) -> None:
    """A person looked at Stripe and says how an action ended. Raises ActionError."""
    if not actor.may("finish actions"):
        raise ForbiddenActionError("Your role may not do this: it needs the permission “finish actions”.")
    if not reason.strip():
        raise ActionError("Say what you saw at Stripe: it is kept with the action.")
    found = next((each for each in _unfinished(url) if each.id == action_id), None)
    if found is None:
        raise ActionError("This action has come to an end meanwhile.")
    if _under_way(found, clock.now()):
        raise ActionError("This action may still be under way: wait two minutes, then look at Stripe again.")
    told = f"{actor.person} looked at Stripe: {reason.strip()}"
    try:
        actions.finish(url, found, outcome, told, None, clock.now())
    except NotChangedError as error:
        raise ActionError("The database did not take the note: it is still open. Try again.") from error
