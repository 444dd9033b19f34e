"""What an action sends to Stripe: its steps, each once under its own key, and the note of how it ended."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from dashboard.actions.base import ActionError, Command, Handler, UnknownOutcomeError
from dashboard.actions.handlers import COMMANDS, HANDLERS
from data import actions, clock
from data.actions import HARMLESS, Prepared, filled
from data.gateway import NOT_LOOKED_AT, UNCLEAR, Gateway, GatewayError, NotFound, Refused

Json = dict[str, Any]


def handler_of(command: Command) -> Handler[Any]:
    """What the command's kind needs and does."""
    return HANDLERS[type(command)]


def carry_out(
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
    if open_still or not undone(gateway, done):
        actions.finish(url, prepared, "unknown", error.sentence, None, clock.now())
        raise UnknownOutcomeError(
            f"It is not known whether Stripe did this. {error.sentence} Nothing is sent twice: finish it on "
            "the Actions page when Stripe answers again."
        ) from error
    actions.finish(url, prepared, "refused", error.sentence, None, clock.now())
    raise ActionError(f"Stripe refused, and nothing was changed. {error.sentence}") from error


def undone(gateway: Gateway, done: list[Any]) -> bool:
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
