"""How far a quote is: its states, what follows which, and every move from one to another, kept and audited.

A move names the state and the version that it was decided on; where either is another by now nothing moves.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, or_, select, update

from data import audit
from data.tables.quotes import sales_quote, sales_quote_approval, sales_quote_move, sales_quote_version
from data.writing import NotChangedError, publish, reading, transaction

Json = Mapping[str, Any]
DRAFT, WAITING, APPROVED, SENT = "draft", "waiting", "approved", "sent"
ACCEPTED, DECLINED, EXPIRED = "accepted", "declined", "expired"
WITHDRAWN, SUPERSEDED = "withdrawn", "superseded"

FOLLOWS: Mapping[str, tuple[str, ...]] = {
    DRAFT: (WAITING, APPROVED, WITHDRAWN),
    WAITING: (APPROVED, DRAFT, WITHDRAWN),
    APPROVED: (SENT, DRAFT, WITHDRAWN),
    SENT: (ACCEPTED, DECLINED, EXPIRED, WITHDRAWN, SUPERSEDED),
    ACCEPTED: (),
    DECLINED: (),
    EXPIRED: (),
    WITHDRAWN: (),
    SUPERSEDED: (),
}
"""What may follow each state. declined is the customer's no; an approver's leads back to draft."""
EDITABLE = (DRAFT, WAITING, APPROVED)
"""States in which the fields may change; a change leads back to draft."""
OVER = (DECLINED, EXPIRED, WITHDRAWN)
"""States of a quote that neither has nor takes the place of another."""
MOST_OFFERS = 50
UNREAD = "The database did not give the states of the quote."
UNMOVED = "The database did not take the note, so the quote is as it was."
EDITED = "Edited, so it has to be approved anew."

_quote, _move, _version = sales_quote.c, sales_quote_move.c, sales_quote_version.c


class NotMovedError(NotChangedError):
    """The quote is not where it was thought to be; the message is a sentence for a person."""


@dataclass(frozen=True)
class Figures:
    """What a quote comes to, minor units of its currency; what recurs in the term is also told at list."""

    currency: str
    total: int
    arr: int
    first_invoice: int
    recurring_list: int
    recurring_net: int
    term: int  # months

    @property
    def discount(self) -> Fraction | None:
        """What all that recurs in the term is below list, as a share of list; None where list is 0."""
        off = self.recurring_list - self.recurring_net
        return Fraction(off, self.recurring_list) if self.recurring_list else None


@dataclass(frozen=True)
class Move:
    """A quote of a version goes from a state to another. seal: seal_of what was asked for, approved, sent."""

    quote_id: str
    from_state: str
    to_state: str
    version: int
    at: datetime
    person: str
    role: str
    reason: str | None = None
    seal: str | None = None
    figures: Json | None = None


@dataclass(frozen=True)
class Kept(Move):
    """A move that was made; they are numbered from 1."""

    number: int = 0


def seal_of(fields: Json, comes_to: Sequence[Any]) -> str:
    """SHA-256 of a quote's fields and of what they came to, as JSON with sorted keys."""
    told = json.dumps([fields, comes_to], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode("ascii")).hexdigest()


def move(connection: Connection, wanted: Move) -> int:
    """Make a move in a transaction; gives its number. Raises NotMovedError, and then nothing has changed."""
    if wanted.to_state not in FOLLOWS[wanted.from_state]:
        raise NotMovedError(f"A quote that is {wanted.from_state} cannot become {wanted.to_state}.")
    here = (_quote.id == wanted.quote_id) & (_quote.state == wanted.from_state)
    made = connection.execute(
        update(sales_quote)
        .where(here, _quote.version == wanted.version)
        .values(state=wanted.to_state, moves=_quote.moves + 1, changed_at=wanted.at)
    ).rowcount
    if not made:
        raise NotMovedError(_elsewhere(connection, wanted))
    number = int(connection.scalar(select(_quote.moves).where(_quote.id == wanted.quote_id)) or 0)
    connection.execute(insert(sales_quote_move).values(**vars(wanted), number=number))
    if wanted.from_state == WAITING:
        _close(connection, wanted)
    _audit(connection, wanted)
    publish(connection, f"quote {wanted.to_state}")
    return number


def go(url: str, wanted: Move) -> None:
    """Make a move in a transaction of its own. Raises NotMovedError and NotChangedError."""
    with transaction(url, UNMOVED) as connection:
        move(connection, wanted)


def _elsewhere(connection: Connection, wanted: Move) -> str:
    """Why a move was not made."""
    query = select(_quote.state, _quote.version).where(_quote.id == wanted.quote_id)
    now = connection.execute(query).first()
    if now is None:
        return "There is no such quote."
    if now.state != wanted.from_state:
        return f"This quote is {now.state} meanwhile, so nothing was done: look at it as it is now."
    return "Somebody changed this quote meanwhile, so nothing was done: look at it as it is now."


def _close(connection: Connection, left: Move) -> None:
    """What nobody has decided need not be decided any more."""
    asked = sales_quote_approval.c
    mine = (asked.quote_id == left.quote_id) & (asked.state == "waiting")
    connection.execute(update(sales_quote_approval).where(mine).values(state="closed", decided_at=left.at))


def _audit(connection: Connection, made: Move) -> None:
    mine = (_version.quote_id == made.quote_id) & (_version.version == made.version)
    fields = connection.scalar(select(_version.fields).where(mine)) or {}
    entry = audit.Entry(
        at=made.at,
        person=made.person,
        role=made.role,
        what=f"Quote {made.to_state}",
        outcome="done",
        customer_id=fields.get("customer_id") or None,
        subject=made.quote_id,
        reason=made.reason,
        before={"state": made.from_state},
        after={"state": made.to_state, "version": made.version, "seal": made.seal},
    )
    audit.write(connection, entry)


def edited(connection: Connection, quote_id: str, version: int, at: datetime, by: tuple[str, str]) -> None:
    """A version was kept by a person in a role: what was asked for or approved before is void.

    Raises NotMovedError where the quote may not be changed any more.
    """
    state = connection.scalar(select(_quote.state).where(_quote.id == quote_id))
    if state not in EDITABLE:
        raise NotMovedError(f"This quote is {state}, so it cannot be changed: revise or clone it.")
    if state != DRAFT:
        move(connection, Move(quote_id, state, DRAFT, version, at, *by, reason=EDITED))


@dataclass(frozen=True)
class Offer:
    """What a quote came to when it was last asked for, approved or sent, and what it is now."""

    id: str
    state: str
    created_by: str
    customer_id: str | None
    prospect: str | None
    at: datetime
    figures: Json


def offers(url: str | Engine, owner: str, customer_id: str | None, besides: str) -> Sequence[Offer]:
    """The quotes of an owner and those for a customer that had come to something, the newest first.

    Without one quote, MOST_OFFERS of them. Raises NotChangedError.
    """
    last = (
        select(_move.quote_id, func.max(_move.number).label("number"))
        .where(_move.figures.is_not(None))
        .group_by(_move.quote_id)
        .subquery()
    )
    customer = _version.fields["customer_id"].as_string()
    theirs = [customer == customer_id] if customer_id else []
    query = (
        select(
            _quote.id,
            _quote.state,
            _quote.created_by,
            customer.label("customer_id"),
            _version.fields["prospect"].as_string().label("prospect"),
            _move.at,
            _move.figures,
        )
        .join(last, last.c.quote_id == _quote.id)
        .join(sales_quote_move, (_move.quote_id == _quote.id) & (_move.number == last.c.number))
        .join(sales_quote_version, (_version.quote_id == _quote.id) & (_version.version == _move.version))
        .where(or_(_quote.created_by == owner, *theirs), _quote.id != besides)
        .order_by(_move.at.desc(), _quote.id)
        .limit(MOST_OFFERS)
    )
    with reading(url, UNREAD) as connection:
        return [Offer(**row) for row in connection.execute(query).mappings()]


def agreed(url: str | Engine, quote_ids: Sequence[str]) -> Mapping[str, Json]:
    """What each of some quotes came to, a Figures by name, when its version was last asked for or approved.

    Raises NotChangedError.
    """
    query = (
        select(_move.quote_id, _move.figures)
        .join(sales_quote, (_quote.id == _move.quote_id) & (_quote.version == _move.version))
        .where(_move.quote_id.in_(quote_ids), _move.figures.is_not(None))
        .order_by(_move.number)
    )
    with reading(url, UNREAD) as connection:
        return {row.quote_id: row.figures for row in connection.execute(query)}


def history(url: str | Engine, quote_id: str) -> Sequence[Kept]:
    """Every move of a quote, the newest first. Raises NotChangedError."""
    names = [sales_quote_move.c[name] for name in Kept.__dataclass_fields__]
    query = select(*names).where(_move.quote_id == quote_id).order_by(_move.number.desc())
    with reading(url, UNREAD) as connection:
        return [Kept(**row) for row in connection.execute(query).mappings()]
