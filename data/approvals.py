"""What waits for a second person: asked for, approved, declined, withdrawn or expired; each is audited.

Approving and writing the action down are one transaction (data.actions.prepare): what was approved is on its
way, and resumed if need be, and nothing is approved twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from data import audit
from data.audit import Entry
from data.tables.actions import WAITING, approval
from data.writing import publish, transaction

Json = dict[str, Any]
REFUSED = "The database did not take the note, so nothing was asked for or decided."


class DecidedError(Exception):
    """There is nothing to decide, or the same is asked for already; the message is for a person."""


@dataclass(frozen=True)
class Approval:
    """A change that somebody asks for; shown is the preview, over says in words which limits it exceeds."""

    id: str
    kind: str
    customer_id: str
    subject: str
    command: Json
    person: str
    role: str
    reason: str
    over: list[str]
    shown: Json
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Decision:
    """Who decided on what, when, and what they said of it."""

    approval: Approval
    person: str
    role: str
    comment: str
    at: datetime


def ask(url: str, new: Approval) -> None:
    """Write a request down. Raises DecidedError where the same is asked for already, and NotChangedError."""
    with transaction(url, REFUSED) as connection:
        try:
            with connection.begin_nested():
                connection.execute(insert(approval).values(**vars(new), state=WAITING))
        except IntegrityError:
            raise DecidedError(_asked_already(connection, new)) from None
        asked = Decision(new, new.person, new.role, " ".join([new.reason, *new.over]), new.created_at)
        _note(connection, asked, "Ask for approval", None)


def _asked_already(connection: Connection, new: Approval) -> str:
    same = (approval.c.subject == new.subject) & (approval.c.kind == new.kind)
    query = select(approval.c.person).where(same, approval.c.state == WAITING)
    who = connection.scalar(query) or "Somebody"
    return f"{who} has asked for “{new.kind}” of the same object already: it waits on the Approvals page."


def find(url: str, approval_id: str, at: datetime) -> Approval:
    """A request that waits. Raises DecidedError and NotChangedError."""
    names = list(Approval.__dataclass_fields__)
    with transaction(url, "The database did not say what waits.") as connection:
        query = select(*(approval.c[name] for name in names), approval.c.state, approval.c.decided_by)
        row = connection.execute(query.where(approval.c.id == approval_id)).mappings().first()
    if row is None:
        raise DecidedError("There is no such request.")
    if row["state"] == WAITING and row["expires_at"] <= at:
        raise DecidedError("This request has expired: ask again.")
    if row["state"] != WAITING:
        raise DecidedError(f"{row['decided_by'] or 'Somebody'} has {row['state']} it meanwhile.")
    return Approval(**{name: row[name] for name in names})


def approve(connection: Connection, decision: Decision, action_id: str) -> None:
    """Take a request for an action that is being written down. Raises DecidedError: somebody was first."""
    _decide(connection, decision, "approved", action_id)
    _note(connection, decision, "Approve", action_id)


def turn_down(url: str, decision: Decision, state: Literal["declined", "withdrawn"]) -> None:
    """Close a request without doing it. Raises DecidedError and NotChangedError."""
    with transaction(url, REFUSED) as connection:
        _decide(connection, decision, state, None)
        _note(connection, decision, "Decline" if state == "declined" else "Withdraw", None)


def _decide(connection: Connection, decision: Decision, state: str, action_id: str | None) -> None:
    here = (approval.c.id == decision.approval.id) & (approval.c.state == WAITING)
    values = {
        "state": state,
        "decided_by": decision.person,
        "comment": decision.comment,
        "decided_at": decision.at,
        "action_id": action_id,
    }
    query = update(approval).where(here, approval.c.expires_at > decision.at).values(**values)
    if not connection.execute(query).rowcount:
        raise DecidedError("Somebody else has decided meanwhile, or the request has expired.")


def expire(url: str, at: datetime) -> int:
    """Close what has waited too long; gives how many. Raises NotChangedError."""
    names = list(Approval.__dataclass_fields__)
    late = (approval.c.state == WAITING) & (approval.c.expires_at <= at)
    with transaction(url, REFUSED) as connection:
        rows = connection.execute(select(*(approval.c[name] for name in names)).where(late)).mappings().all()
        for row in rows:
            mine = late & (approval.c.id == row["id"])
            gone = update(approval).where(mine).values(state="expired", decided_at=at)
            if connection.execute(gone).rowcount:
                told = Approval(**row)
                decision = Decision(told, told.person, told.role, "Nobody decided in time.", at)
                _note(connection, decision, "Let a request expire", None)
    return len(rows)


def _note(connection: Connection, decision: Decision, what: str, action_id: str | None) -> None:
    asked = decision.approval
    entry = Entry(
        decision.at,
        decision.person,
        decision.role,
        f"{what}: {asked.kind}",
        "done",
        asked.customer_id,
        asked.subject,
        decision.comment,
        action_id=action_id,
    )
    audit.write(connection, entry)
    publish(connection, "approval")
