"""Carrying actions out: guards first, the key written down before the call, the audit entry last."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

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
from dashboard.actions.handlers import COMMANDS, HANDLERS
from dashboard.metrics.actions import in_words
from data import actions, clock
from data.actions import HARMLESS, BusyError, EndedError, Prepared, filled
from data.approvals import DecidedError, Decision
from data.gateway import NOT_LOOKED_AT, UNCLEAR, Forbidden, Gateway, GatewayError, NotFound, Refused
from data.records.fields import reference
from data.writing import NotChangedError

Json = dict[str, Any]

KEPT = timedelta(hours=23)
"""Stripe forgets an idempotency key after a day: older actions are not sent again."""
PATIENCE = timedelta(minutes=2)
"""A younger action may still be under way in another process."""
NOT_NOTED = (
    "It was begun, and then the database did not take a note, so it is not known here whether Stripe did it. "
    "Nothing is sent twice: finish it on the Actions page. `python -m dashboard doctor` checks the database."
)


def handler_of(command: Command) -> Handler[Any]:
    """What the command's kind needs and does."""
    return HANDLERS[type(command)]


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
        _carry_out(url, gateway, prepared, handler, command)
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


def _carry_out(
    url: str, gateway: Gateway, prepared: Prepared, handler: Handler[Any], command: Command
) -> None:
    """Send the steps that are not done, each under its own key; close the action."""
    made: list[str | None] = []
    done: list[Any] = []
    for step in actions.begin(url, prepared.id, clock.now()):
        if step.state != "done":
            try:
                identity = _sent(url, gateway, step, made)
            except GatewayError as error:
                if _has_happened(gateway, handler, command, error):
                    break
                sent_before = step.sent_at is not None
                open_still = isinstance(error, (*UNCLEAR, *(NOT_LOOKED_AT if sent_before else ())))
                _not_done(url, gateway, prepared, done, error, open_still)
        else:
            identity = step.made
        made.append(identity)
        done.append((step, identity))
    actions.finish(url, prepared, "done", None, _after(gateway, handler, command), clock.now())


def _sent(url: str, gateway: Gateway, step: Any, made: list[str | None]) -> str | None:
    path = step.path.format(*made)
    try:
        answer = gateway.write(step.method, path, filled(step.params, made), step.idempotency_key)
    except GatewayError as error:
        if error.request_id:
            actions.refused(url, step.action_id, step.number, error.request_id, clock.now())
        raise
    identity = answer.object.get("id")
    actions.answered(url, step.action_id, step.number, answer.request_id, identity, clock.now())
    return identity


def _has_happened(gateway: Gateway, handler: Handler[Any], command: Command, error: GatewayError) -> bool:
    """Whether what was wanted is so although the answer was lost, or says that nothing is left to do."""
    if not isinstance(error, (*UNCLEAR, NotFound, Refused)):
        return False
    try:
        return handler.achieved(command, handler.read(gateway, command)) is True
    except GatewayError:
        return False


def _not_done(
    url: str, gateway: Gateway, prepared: Prepared, done: list[Any], error: GatewayError, open_still: bool
) -> None:
    """Close the action as refused, or leave it open where Stripe may have done it. Raises ActionError."""
    if open_still or not _undone(gateway, done):
        actions.finish(url, prepared, "unknown", error.sentence, None, clock.now())
        raise UnknownOutcomeError(
            f"It is not known whether Stripe did this. {error.sentence} Nothing is sent twice: finish it on "
            "the Actions page when Stripe answers again."
        ) from error
    actions.finish(url, prepared, "refused", error.sentence, None, clock.now())
    raise ActionError(f"Stripe refused, and nothing was changed. {error.sentence}") from error


def _undone(gateway: Gateway, done: list[Any]) -> bool:
    """Take back the steps that were done, the last first; whether nothing is left of them."""
    for step, made in reversed(done):
        if step.undo is None:
            return False
        if step.undo == HARMLESS:
            continue
        try:
            gateway.write("post", step.undo.format(made), {}, f"{step.idempotency_key}-undo")
        except GatewayError:
            return False
    return True


def _after(gateway: Gateway, handler: Handler[Any], command: Command) -> Json | None:
    """The object as it is after the change; None where it cannot be read now."""
    try:
        return handler.seen(handler.read(gateway, command))
    except GatewayError:
        return None


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
        _carry_out(url, gateway, prepared, handler, command)
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
    whole = _undone(gateway, done) if done else not differing & handler.own
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


def written(command: Command, at: datetime) -> Json:
    """A command as it is written down."""
    return {"type": type(command).__name__, "at": at.isoformat(), **asdict(command)}  # type: ignore[call-overload]


def command_of(told: Json) -> Command:
    """A command as it was written down."""
    fields = {name: _plain(value) for name, value in told.items() if name not in ("type", "at", "stakes")}
    made: Command = COMMANDS[told["type"]](**fields)
    return made


def _plain(value: Any) -> Any:
    """Lists of JSON as the tuples that commands are made of."""
    return tuple(map(_plain, value)) if isinstance(value, list) else value
