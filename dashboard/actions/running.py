"""Carrying actions out: guards first, the key written down before the call, the audit entry last."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dashboard.actions import limits
from dashboard.actions.base import (
    UNLIMITED,
    ActionError,
    Actor,
    ChangedError,
    Command,
    ForbiddenActionError,
    Handler,
    OverLimitError,
    Preview,
    UnknownOutcomeError,
)
from dashboard.actions.carrying import carry_out, handler_of, written
from dashboard.metrics.actions import in_words
from data import actions, clock
from data.actions import BusyError, EndedError, Prepared
from data.approvals import DecidedError, Decision
from data.gateway import Forbidden, Gateway, GatewayError, NotFound
from data.records.fields import reference
from data.writing import NotChangedError

Json = dict[str, Any]

NOT_NOTED = (
    "It was begun, and then the database did not take a note, so it is not known here whether Stripe did it. "
    "Nothing is sent twice: finish it on the Actions page. `python -m dashboard doctor` checks the database."
)


def preview(gateway: Gateway, actor: Actor, command: Command) -> Preview:
    """What the command would do. Raises ActionError and GatewayError."""
    handler = handler_of(command)
    permitted(actor, command)
    obj = handler.read(gateway, command)
    _possible(handler, command, obj)
    return handler.preview(command, obj, gateway, _instant(gateway, obj))


def _instant(gateway: Gateway, obj: Json) -> datetime:
    """Now by Stripe's clock, or the test clock that the object lives on: prorations count from it."""
    if clock_id := reference(obj.get("test_clock")):
        with suppress(NotFound, Forbidden):  # a key may be kept from it
            frozen = gateway.get(f"/v1/test_helpers/test_clocks/{clock_id}")["frozen_time"]
            return datetime.fromtimestamp(frozen, UTC)
    return gateway.clock.now().replace(microsecond=0)


def permitted(actor: Actor, command: Command) -> None:
    """Go on, or raise ForbiddenActionError."""
    permission = handler_of(command).permission
    if not actor.may(permission):
        raise ForbiddenActionError(f"Your role may not do this: it needs the permission “{permission}”.")
    if not owned(actor, command):
        raise ForbiddenActionError(
            "You may act for your own customers only, and this one has another account manager."
        )


def owned(actor: Actor, command: Command) -> bool:
    """Whether the actor may act for whom it is about; a new customer is its account's, or nobody's."""
    account: str = getattr(command, "account_id", "")
    is_new = command.customer_id.startswith("new ")
    return (is_new or actor.owns(command.customer_id)) and (not account or actor.owns(account))


def _possible(handler: Handler[Any], command: Command, obj: Json) -> None:
    """Go on, or raise ActionError; what belongs to one customer is not changed in the name of another."""
    if (of := reference(obj.get("customer"))) and of != command.customer_id:
        raise ActionError(
            f"{command.subject} belongs to another customer. Nothing was changed: open the page anew."
        )
    refusal = handler.guard(command, obj)
    if refusal:
        raise ActionError(refusal)


def execute(url: str, gateway: Gateway, actor: Actor, command: Command, shown: Preview, reason: str) -> str:
    """Do what was previewed; gives the action's id.

    Raises ActionError: nothing was done, or, as UnknownOutcomeError, it is not known and can be resumed.
    OverLimitError: somebody else has to approve it first.
    """
    permitted(actor, command)
    if not reason.strip():
        raise ActionError("Say why: the reason is kept with the change.")
    if told := over_with_earlier(url, actor, command, shown):
        raise OverLimitError(" ".join(told))
    return start(url, gateway, command, shown, (actor.person, actor.role, reason.strip()))


def over(actor: Actor, shown: Preview) -> tuple[str, ...]:
    """Which of the role's limits a change exceeds, a sentence each."""
    return limits.over(shown.stakes, actor.role, actor.limits, actor.rates, clock.now())


def over_with_earlier(url: str, actor: Actor, command: Command, shown: Preview) -> tuple[str, ...]:
    """The same of somebody who acts alone: what they did for the customer lately counts too.

    Raises ActionError.
    """
    if not shown.stakes or actor.limits == UNLIMITED:
        return ()
    try:
        done = actions.alone(url, actor.person, command.customer_id, clock.now() - limits.LATELY)
    except NotChangedError as error:
        raise ActionError(str(error)) from error
    earlier = [stake for each in done for stake in each.get("stakes", ())]
    return over(actor, replace(shown, stakes=limits.together(shown.stakes, earlier)))


def start(
    url: str,
    gateway: Gateway,
    command: Command,
    shown: Preview,
    asked: tuple[str, str, str],
    approved: Decision | None = None,
) -> str:
    """Write down what is permitted, and do it; asked: by whom, in which role, why. Raises ActionError."""
    handler = handler_of(command)
    try:
        obj = handler.read(gateway, command)
    except GatewayError as error:
        raise ActionError(f"Nothing was changed. {error.sentence}") from error
    unchanged(shown.seen, handler.seen(obj))
    _possible(handler, command, obj)
    prepared = Prepared(
        uuid.uuid4().hex,
        handler.name,
        command.customer_id,
        command.subject,
        {**written(command, shown.at), "stakes": limits.written(shown.stakes)},
        *asked,
        dict(handler.seen(obj)),
        clock.now(),
    )
    try:
        actions.prepare(url, prepared, handler.steps(command, obj, shown.at), approved)
    except (BusyError, DecidedError, NotChangedError) as error:
        raise ActionError(str(error)) from error
    try:
        _look_again(url, gateway, prepared, handler, command)
        carry_out(url, gateway, prepared, handler, command)
    except EndedError as error:
        raise ActionError(f"Somebody closed this action meanwhile, as {error.state}.") from error
    except NotChangedError as error:
        raise UnknownOutcomeError(NOT_NOTED) from error
    return prepared.id


def _look_again(
    url: str, gateway: Gateway, prepared: Prepared, handler: Handler[Any], command: Command
) -> None:
    """Nobody else can begin now: what somebody did between the look and the note closes the action."""
    try:
        unchanged(prepared.before or {}, handler.seen(handler.read(gateway, command)))
    except GatewayError as error:
        actions.finish(url, prepared, "refused", error.sentence, None, clock.now())
        raise ActionError(f"Nothing was changed. {error.sentence}") from error
    except ChangedError as error:
        actions.finish(url, prepared, "refused", str(error), None, clock.now())
        raise


def unchanged(shown: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
    """Go on, or raise ChangedError, which says what differs."""
    differing = [name for name in seen if seen[name] != shown.get(name)]
    if differing:
        currency = seen.get("currency")
        told = "; ".join(
            f"{name} was {in_words(name, shown.get(name), currency)}, "
            f"is {in_words(name, seen[name], currency)}"
            for name in differing
        )
        raise ChangedError(f"It was changed since the preview: {told}. Nothing was done; look at it again.")
