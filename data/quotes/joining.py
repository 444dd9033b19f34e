"""Quotes that add to a running subscription, as they are sent and end: Stripe knows of neither."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from data.quotes.offers import Begun, Document, change, may_be_accepted, may_be_sent, moved
from data.quotes.states import EXPIRED, SENT, SUPERSEDED, Move, move
from data.tables.actions import UNFINISHED, action
from data.tables.offers import quote_document, quote_offer
from data.tables.quotes import sales_quote
from data.writing import NotChangedError, transaction

Json = dict[str, Any]
UNSENT = "The database did not take it, so nothing was sent."
UNDER_WAY = "Its acceptance is under way: finish that on the Actions page, then look again."
_offer = quote_offer.c


@dataclass(frozen=True)
class _Noted:
    """A move without any action, as the looks at actions take it."""

    command: Json
    person: str = "system"
    role: str = "system"
    reason: str = ""


@dataclass(frozen=True)
class Addition:
    """What was compared with Stripe and is sent: to whom, what they sign, and until when they can."""

    customer_id: str
    wanted: Json
    expires_at: datetime | None


def offer_id(quote_id: str, version: int) -> str:
    """Ours, since Stripe has no quote of it; a version is sent once."""
    return f"{quote_id}-{version}"


def send(url: str, made: Move, addition: Addition, paper: Document) -> None:
    """Note that the customer has it, with the paper; what it revises is superseded.

    Raises NotChangedError where it is not what was approved, as it was approved.
    """
    name = offer_id(made.quote_id, made.version)
    told: Json = {"quote_id": made.quote_id, "version": made.version, "seal": made.seal}
    moments = {"written_at": made.at, "sent_at": made.at, "sent_by": made.person}
    digest = hashlib.sha256(paper.content).hexdigest()
    with transaction(url, UNSENT) as connection:
        may_be_sent(connection, _Noted(told))
        row = {**told, **vars(addition), **moments, "id": name, "state": "open"}
        connection.execute(insert(quote_offer).values(**row))
        kept = {"offer_id": name, "sha256": digest, **vars(paper)}
        connection.execute(insert(quote_document).values(**kept))
        move(connection, made)
        _supersede(connection, made)


def _supersede(connection: Connection, made: Move) -> None:
    """What it revises cannot be accepted any more."""
    quote = sales_quote.c
    revised = connection.scalar(select(quote.revises).where(quote.id == made.quote_id))
    here = select(quote.version, quote.state).where(quote.id == revised)
    before = connection.execute(here).first() if revised else None
    if before is None or before.state != SENT:
        return
    by = (made.at, made.person, made.role, f"Revised by {made.quote_id}")
    _ended(connection, offer_id(str(revised), before.version))
    move(connection, Move(str(revised), SENT, SUPERSEDED, before.version, *by))


def end(url: str, name: str, made: Move) -> None:
    """It cannot be accepted any more. Raises NotChangedError, also while its acceptance is under way."""
    with transaction(url) as connection:
        _ended(connection, name)
        move(connection, made)


def _ended(connection: Connection, name: str) -> None:
    """Close an offer, unless an acceptance was begun; the row is locked before that is asked."""
    change(connection, name, state="canceled")
    if _is_under_way(connection, name):
        raise NotChangedError(UNDER_WAY)


def _is_under_way(connection: Connection, name: str) -> bool:
    begun = select(action.c.command).where(action.c.state.in_(UNFINISHED))
    customer = select(_offer.customer_id).where(_offer.id == name).scalar_subquery()
    theirs = connection.scalars(begun.where(action.c.customer_id == customer))
    return any(told.get("offer_id") == name for told in theirs)


def may_be_joined(connection: Connection, begun: Begun) -> None:
    """Only what was sent and is open. Raises NotChangedError."""
    may_be_accepted(connection, begun)
    told = begun.command
    mine = select(_offer.state, _offer.expires_at).where(_offer.id == told["offer_id"]).with_for_update()
    now = connection.execute(mine).first()
    if now is None or now.state != "open":
        raise NotChangedError("This quote cannot be accepted any more: look at it as it is now.")
    if now.expires_at is not None and now.expires_at <= datetime.fromisoformat(told["at"]):
        raise NotChangedError("This quote has expired: revise it and send it again.")


def expire(connection: Connection, at: datetime) -> int:
    """End those whose day is past and whose acceptance is not under way; how many."""
    late = select(quote_offer).where((_offer.state == "open") & (_offer.expires_at <= at))
    found = [
        row
        for row in connection.execute(late).all()
        if "joins" in row.wanted and not _is_under_way(connection, row.id)
    ]
    for row in found:
        told = {"quote_id": row.quote_id, "version": row.version, "seal": row.seal, "offer_id": row.id}
        change(connection, row.id, state="canceled")
        moved(connection, _Noted(told, reason="Its day is past"), SENT, EXPIRED, at)
    return len(found)
