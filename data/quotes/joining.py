"""Quotes that add to a running subscription, as they are sent and end: Stripe knows of neither."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from data.quotes.offers import Begun, Document, change, may_be_accepted, may_be_sent, moved, supersede
from data.quotes.states import EXPIRED, SENT, Move, move
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
    """Note that the customer has it, with the paper; the addition that it revises is superseded.

    Raises NotChangedError where it is not what was approved, as it was approved.
    """
    with transaction(url, UNSENT) as connection:
        begun = _hold(connection, made, addition, paper)
        if (revised := _open_addition(connection, made)) is not None:
            _free(connection, revised)
        change(connection, begun.command["offer_id"], state="open", sent_at=made.at, sent_by=made.person)
        move(connection, made)
        supersede(connection, begun, made.at)


def hold(url: str, made: Move, addition: Addition, paper: Document) -> str:
    """Keep what is to be sent in the place of a quote at Stripe, which is taken back first; gives its id.

    Raises NotChangedError.
    """
    with transaction(url, UNSENT) as connection:
        return str(_hold(connection, made, addition, paper).command["offer_id"])


def _hold(connection: Connection, made: Move, addition: Addition, paper: Document) -> _Noted:
    name = offer_id(made.quote_id, made.version)
    told: Json = {"quote_id": made.quote_id, "version": made.version, "seal": made.seal}
    begun = _Noted({**told, "offer_id": name}, made.person, made.role, made.reason or "")
    may_be_sent(connection, begun)
    connection.execute(delete(quote_offer).where(_offer.id == name, _offer.sent_at.is_(None)))  # cut short
    row = {**told, **vars(addition), "id": name, "state": "written", "written_at": made.at}
    connection.execute(insert(quote_offer).values(**row))
    digest = hashlib.sha256(paper.content).hexdigest()
    connection.execute(insert(quote_document).values(offer_id=name, sha256=digest, **vars(paper)))
    return begun


def _open_addition(connection: Connection, made: Move) -> str | None:
    """The open offer of the addition that a quote revises."""
    revises = select(sales_quote.c.revises).where(sales_quote.c.id == made.quote_id).scalar_subquery()
    mine = select(_offer.id, _offer.wanted).where(_offer.quote_id == revises, _offer.state == "open")
    return next((str(row.id) for row in connection.execute(mine).all() if "joins" in row.wanted), None)


def end(url: str, name: str, made: Move) -> None:
    """It cannot be accepted any more. Raises NotChangedError, also while its acceptance is under way."""
    with transaction(url) as connection:
        _free(connection, name)
        move(connection, made)


def _free(connection: Connection, name: str) -> None:
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
