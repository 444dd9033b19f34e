"""A second person for what is over a role's limit: asked for with the preview, approved on a new one."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from dashboard.actions import carrying, running
from dashboard.actions.base import ActionError, Actor, Command, ForbiddenActionError, OverLimitError, Preview
from dashboard.actions.handlers import COMMANDS
from data import approvals, clock
from data.approvals import Approval, DecidedError, Decision
from data.gateway import Gateway
from data.writing import NotChangedError

Json = dict[str, Any]
APPROVE = "approve actions"


def ask(url: str, actor: Actor, command: Command, shown: Preview, reason: str, days: int) -> str:
    """Ask for the approval of what was previewed; gives the request's id. Raises ActionError."""
    handler = carrying.handler_of(command)
    running.permitted(actor, command)
    if not reason.strip():
        raise ActionError("Say why: whoever approves reads the reason.")
    now = clock.now()
    new = Approval(
        uuid.uuid4().hex,
        handler.name,
        command.customer_id,
        command.subject,
        carrying.written(command, shown.at),
        actor.person,
        actor.role,
        reason.strip(),
        list(running.over_with_earlier(url, actor, command, shown)),
        told(shown),
        now,
        now + timedelta(days=days),
    )
    try:
        approvals.ask(url, new)
    except (DecidedError, NotChangedError) as error:
        raise ActionError(str(error)) from error
    return new.id


def told(shown: Preview) -> Json:
    """A preview as it is kept with a request: what was seen, what changes, and what it leads to."""
    money = shown.money
    return {
        "seen": dict(shown.seen),
        "rows": [list(row) for row in shown.rows],
        "currency": shown.currency,
        "arr": [shown.arr_before, shown.arr_after],
        "effect": shown.effect,
        "billed": None if money is None else [money.currency, money.total, money.now],
    }


def look(url: str, gateway: Gateway, actor: Actor, approval_id: str) -> Preview:
    """What a request would do now. Raises ChangedError where the object is not what it was asked for."""
    asked = _open(url, approval_id)
    _may_decide(actor, asked)
    shown = running.preview(gateway, actor, _command(asked))
    running.unchanged(asked.shown["seen"], shown.seen)
    return shown


def approve(
    url: str, gateway: Gateway, actor: Actor, approval_id: str, shown: Preview, comment: str = ""
) -> str:
    """Do what was asked for, as it was just shown; gives the action's id. Raises ActionError."""
    asked = _open(url, approval_id)
    _may_decide(actor, asked)
    if exceeded := running.over(actor, shown):
        raise OverLimitError(" ".join(exceeded))
    running.unchanged(asked.shown["seen"], shown.seen)
    said = f": {comment.strip()}" if comment.strip() else ""
    reason = f"{asked.reason} (approved by {actor.person}{said})"
    decision = Decision(asked, actor.person, actor.role, comment.strip(), clock.now())
    return running.start(
        url, gateway, _command(asked), shown, (asked.person, asked.role, reason), approved=decision
    )


def decline(url: str, actor: Actor, approval_id: str, comment: str) -> None:
    """Say no, and why; whoever asked may take the request back. Raises ActionError."""
    asked = _found(url, approval_id)
    own = _same(actor.person, asked.person)
    if not actor.owns(asked.customer_id):
        raise ForbiddenActionError("This customer has another account manager.")
    if not own and not actor.may(APPROVE):
        raise ForbiddenActionError(f"Your role may not do this: it needs the permission “{APPROVE}”.")
    if not comment.strip():
        raise ActionError("Say why: whoever asked reads it.")
    decision = Decision(asked, actor.person, actor.role, comment.strip(), clock.now())
    try:
        approvals.turn_down(url, decision, "withdrawn" if own else "declined")
    except (DecidedError, NotChangedError) as error:
        raise ActionError(str(error)) from error


def expire(url: str, now: datetime | None = None) -> int:
    """Close what has waited too long; gives how many. Raises ActionError."""
    try:
        return approvals.expire(url, now or clock.now())
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def _found(url: str, approval_id: str) -> Approval:
    try:
        return approvals.find(url, approval_id, clock.now())
    except (DecidedError, NotChangedError) as error:
        raise ActionError(str(error)) from error


def _open(url: str, approval_id: str) -> Approval:
    found = _found(url, approval_id)
    if found.command.get("type") not in COMMANDS:
        raise ActionError("It was asked for in another version of the app: decline it, and ask again.")
    return found


def _may_decide(actor: Actor, asked: Approval) -> None:
    if _same(actor.person, asked.person):
        raise ForbiddenActionError("Nobody approves their own request: somebody else has to look at it.")
    if not actor.may(APPROVE):
        raise ForbiddenActionError(f"Your role may not do this: it needs the permission “{APPROVE}”.")
    running.permitted(actor, _command(asked))


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _command(asked: Approval) -> Command:
    return carrying.command_of(asked.command)
