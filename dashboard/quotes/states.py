"""The states of a quote in words, and the permission that each move from one to another asks for."""

from collections.abc import Mapping

from data.quotes.states import (
    ACCEPTED,
    APPROVED,
    DECLINED,
    DRAFT,
    EXPIRED,
    FOLLOWS,
    SENT,
    SUPERSEDED,
    WAITING,
    WITHDRAWN,
)

EDIT, APPROVE, SEND = "edit quotes", "approve quotes", "send quotes"

STATES: Mapping[str, str] = {
    DRAFT: "Draft",
    WAITING: "Waiting",
    APPROVED: "Approved",
    SENT: "Sent",
    ACCEPTED: "Accepted",
    DECLINED: "Declined",
    EXPIRED: "Expired",
    WITHDRAWN: "Withdrawn",
    SUPERSEDED: "Superseded",
}
FINAL = tuple(state for state, onward in FOLLOWS.items() if not onward)
"""States that nothing follows; a quote in one of them can be cloned, or revised unless it was accepted."""

MAY: Mapping[tuple[str, str], str] = {
    (DRAFT, WAITING): EDIT,
    (DRAFT, APPROVED): EDIT,  # where the rules ask nobody
    (DRAFT, WITHDRAWN): EDIT,
    (WAITING, APPROVED): APPROVE,
    (WAITING, DRAFT): EDIT,  # taken back or edited; an approver's no needs APPROVE
    (WAITING, WITHDRAWN): EDIT,
    (APPROVED, DRAFT): EDIT,
    (APPROVED, WITHDRAWN): EDIT,
    (APPROVED, SENT): SEND,
    (SENT, ACCEPTED): SEND,
    (SENT, DECLINED): SEND,
    (SENT, EXPIRED): SEND,  # by itself, when its day is past
    (SENT, WITHDRAWN): SEND,
    (SENT, SUPERSEDED): SEND,  # by sending the quote that revises it
}


def onward(state: str, permissions: frozenset[str] | set[str]) -> tuple[str, ...]:
    """The states to which somebody with permissions may lead a quote."""
    return tuple(to for to in FOLLOWS[state] if MAY[state, to] in permissions)
