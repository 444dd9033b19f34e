"""Actions on their way to Stripe: written down with their keys before anything is sent, then audited.

A crash between any two steps leaves a row that says what may have been sent, and under which key to ask
again.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from data import approvals, audit, consequences
from data.approvals import Decision
from data.audit import Entry
from data.tables.actions import UNFINISHED, action, action_step, approval
from data.writing import publish, transaction

Json = dict[str, Any]
Method = Literal["post", "delete"]
MADE = "$made"
"""The only key of a param that stands for the id of what a step made, by the step's number."""
HARMLESS = ""


class BusyError(Exception):
    """Another action on the same customer is not finished; the message is a sentence for a person."""


class EndedError(Exception):
    """The action has come to an end in another process; state is how: done or refused."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Step:
    """A request to send, in order; params as the SDK takes them.

    "{0}" in the path is the id of what the first step made, and so is {MADE: 0} in the params. undo takes it
    back when a later one is refused.
    """

    method: Method
    path: str
    params: Json
    undo: str | None = None  # a path to POST to; HARMLESS where what is made binds nobody and may stay


def filled(params: Any, made: Sequence[str | None]) -> Any:
    """Params with the ids of what earlier steps made."""
    if isinstance(params, Mapping):
        if set(params) == {MADE}:
            return made[params[MADE]]
        return {name: filled(value, made) for name, value in params.items()}
    return [filled(each, made) for each in params] if isinstance(params, list) else params


@dataclass(frozen=True)
class Prepared:
    """An action that is written down, or was found unfinished."""

    id: str
    kind: str
    customer_id: str
    subject: str
    command: Json
    person: str
    role: str
    reason: str
    before: Json | None
    created_at: datetime
    state: str = "prepared"


def _writing(url: str) -> AbstractContextManager[Connection]:
    return transaction(url, "The database did not take the note of this action, so nothing was sent.")


def prepare(url: str, new: Prepared, steps: Sequence[Step], approved: Decision | None = None) -> None:
    """Write an action and its steps down, before anything is sent, with the approval that it had.

    Raises BusyError, NotChangedError, and DecidedError where the approval is not to be had any more.
    """
    with _writing(url) as connection:
        try:
            with connection.begin_nested():
                connection.execute(insert(action).values(**{**vars(new), "state": "prepared"}))
        except IntegrityError:
            raise BusyError(_busy(connection, new.customer_id)) from None
        consequences.allow(connection, new)
        rows = [_row(new.id, number, step) for number, step in enumerate(steps)]
        connection.execute(insert(action_step), rows)
        if approved:
            approvals.approve(connection, approved, new.id)


def _row(action_id: str, number: int, step: Step) -> Json:
    return {
        "action_id": action_id,
        "number": number,
        "method": step.method,
        "path": step.path,
        "params": step.params,
        "undo": step.undo,
        "idempotency_key": f"{action_id}-{number}",
        "state": "planned",
    }


def _busy(connection: Connection, customer_id: str) -> str:
    query = select(action).where(action.c.customer_id == customer_id, action.c.state.in_(UNFINISHED))
    found = connection.execute(query).first()
    if found is None:
        return "Somebody else was changing this customer just now: look at it again."
    return (
        f"{found.person} began “{found.kind}” for this customer at {found.created_at:%H:%M} UTC, and it is "
        "not finished. Wait for it, or finish it on the Actions page."
    )


def begin(url: str, action_id: str, at: datetime) -> list[Any]:
    """All steps in order, those not sent yet now marked as being sent.

    Raises EndedError where there is nothing left to send, and NotChangedError.
    """
    with _writing(url) as connection:
        mine = action_step.c.action_id == action_id
        here = action.c.id == action_id
        still_open = here & action.c.state.in_(UNFINISHED)
        if not connection.execute(update(action).where(still_open).values(state="running")).rowcount:
            raise EndedError(str(connection.scalar(select(action.c.state).where(here))))
        rows = list(connection.execute(select(action_step).where(mine).order_by(action_step.c.number)))
        unsent = mine & action_step.c.sent_at.is_(None)
        connection.execute(update(action_step).where(unsent).values(sent_at=at))
        return rows


def answered(
    url: str, action_id: str, number: int, request_id: str | None, made: str | None, at: datetime
) -> None:
    """A step was answered well, with an object of that id."""
    with _writing(url) as connection:
        here = (action_step.c.action_id == action_id) & (action_step.c.number == number)
        done = {"state": "done", "request_id": request_id, "answered_at": at, "made": made}
        connection.execute(update(action_step).where(here).values(**done))


def refused(url: str, action_id: str, number: int, request_id: str | None, at: datetime) -> None:
    """A step was answered with an error by the request of that id: it may be sent again."""
    with _writing(url) as connection:
        here = (action_step.c.action_id == action_id) & (action_step.c.number == number)
        values = {"request_id": request_id, "answered_at": at}
        connection.execute(update(action_step).where(here).values(**values))


def note(url: str, entry: Entry) -> None:
    """Audit what changes nothing at Stripe but is to be known. Raises NotChangedError."""
    with _writing(url) as connection:
        audit.write(connection, entry)
        publish(connection, "action")


def finish(
    url: str, prepared: Prepared, outcome: str, told: str | None, after: Json | None, at: datetime
) -> None:
    """Close an action as done, refused or unknown, with its audit entry, in one transaction.

    What has ended already stays as it is, once in the audit. Only what was closed as refused, and then turns
    out to be done by a process that was still under way, is audited as done too.
    """
    with _writing(url) as connection:
        values: Mapping[str, Any] = {
            "state": outcome,
            "told": told,
            "after": after,
            "finished_at": None if outcome == "unknown" else at,
        }
        standing = (*UNFINISHED, "refused") if outcome == "done" else UNFINISHED
        here = (action.c.id == prepared.id) & action.c.state.in_(standing)
        if not connection.execute(update(action).where(here).values(**values)).rowcount:
            return
        query = select(action_step.c.request_id, action_step.c.made)
        mine = query.where(action_step.c.action_id == prepared.id).order_by(action_step.c.number)
        steps = list(connection.execute(mine))
        requests = [step.request_id for step in steps if step.request_id]
        if outcome == "done":
            consequences.follow(connection, prepared, [step.made for step in steps], after, at)
        audit.write(connection, _entry(prepared, outcome, told, after, requests, at))
        publish(connection, "action")


def _entry(
    prepared: Prepared, outcome: str, told: str | None, after: Json | None, requests: list[str], at: datetime
) -> Entry:
    return Entry(
        at,
        prepared.person,
        prepared.role,
        prepared.kind,
        outcome,
        prepared.customer_id,
        prepared.subject,
        f"{prepared.reason} ({told})" if told else prepared.reason,
        prepared.before,
        after,
        requests,
        prepared.id,
    )


def alone(url: str, person: str, customer_id: str, since: datetime) -> list[Json]:
    """The commands that a person had done for a customer, or tried, without a second person's approval.

    Raises NotChangedError.
    """
    mine = (action.c.person == person) & (action.c.customer_id == customer_id)
    lately = (action.c.created_at >= since) & (action.c.state != "refused")
    approved = exists().where(approval.c.action_id == action.c.id)
    with transaction(url, "The database did not say what was done lately.") as connection:
        return list(connection.scalars(select(action.c.command).where(mine, lately, ~approved)))


def unfinished(url: str) -> list[Prepared]:
    """Actions that were begun and have no known end, the oldest first."""
    names = list(Prepared.__dataclass_fields__)
    with _writing(url) as connection:
        query = select(*(action.c[name] for name in names)).where(action.c.state.in_(UNFINISHED))
        rows = connection.execute(query.order_by(action.c.created_at)).all()
        return [Prepared(**row._asdict()) for row in rows]
