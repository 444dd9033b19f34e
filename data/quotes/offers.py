"""Quotes at Stripe: what was sent, what became of it, its documents; kept with the actions that did it.

What is written here while an action is closed has happened at Stripe already, so it is kept whatever our own
quote says by then; where the two do not go together the offer tells it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, Engine, insert, select, update

from data.clock import from_epoch, last_day
from data.quotes import accepted as quote_accepted
from data.quotes.drafts import called
from data.quotes.states import (
    ACCEPTED,
    APPROVED,
    SENT,
    SUPERSEDED,
    Move,
    NotMovedError,
    move,
)
from data.tables.offers import quote_document, quote_offer
from data.tables.quotes import sales_quote, sales_quote_move
from data.writing import NotChangedError, publish, reading, transaction

Json = dict[str, Any]
UNREAD = "The database did not give what was sent."
TAKEN = "The customer has accepted the quote that this one revises: it takes no other's place."
_offer, _quote = quote_offer.c, sales_quote.c


class Begun(Protocol):
    """An action as far as a quote is concerned."""

    @property
    def command(self) -> Json: ...

    @property
    def person(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def reason(self) -> str: ...


@dataclass(frozen=True)
class Offer:
    """A version of a quote at Stripe; id is Stripe's."""

    id: str
    quote_id: str
    version: int
    seal: str
    customer_id: str | None
    wanted: Json
    state: str
    written_at: datetime
    sent_at: datetime | None
    sent_by: str | None
    expires_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str | None
    signatory: str | None
    signed_on: date | None
    subscription_id: str | None
    subscription_schedule_id: str | None
    invoice_id: str | None
    completed_at: datetime | None
    told: str | None

    @property
    def last_day(self) -> date | None:
        """The last UTC day on which it can be accepted; None where it has no end."""
        return last_day(self.expires_at) if self.expires_at else None


@dataclass(frozen=True)
class Document:
    """A file that belongs to an offer."""

    name: str
    kind: str
    content: bytes
    at: datetime
    person: str


def may_be_written(connection: Connection, begun: Begun) -> None:
    """Only what is approved, as it was approved. Raises NotChangedError."""
    told = begun.command
    _stands(connection, told, APPROVED)
    mine = (_offer.quote_id == told["quote_id"]) & _offer.state.in_(("written", "open"))
    if connection.scalar(select(_offer.id).where(mine)):
        raise NotChangedError("This quote is at Stripe already: look at it again.")


def may_be_sent(connection: Connection, begun: Begun) -> None:
    """The same, for what is finalized, and only where what it revises was not accepted.

    Raises NotChangedError.
    """
    _stands(connection, begun.command, APPROVED)
    _, before = _revised(connection, begun)
    if before is not None and before.state == ACCEPTED:
        raise NotChangedError(TAKEN)


def _revised(connection: Connection, begun: Begun) -> tuple[str, Any]:
    """The quote that it revises: id, and state and version; "" and None where there is none."""
    name = connection.scalar(select(_quote.revises).where(_quote.id == begun.command["quote_id"]))
    here = select(_quote.version, _quote.state).where(_quote.id == name)
    return str(name or ""), connection.execute(here).first() if name else None


def may_be_accepted(connection: Connection, begun: Begun) -> None:
    """Only what was sent. Raises NotChangedError."""
    _stands(connection, begun.command, SENT)


def _stands(connection: Connection, told: Json, state: str) -> None:
    here = _quote.id == told["quote_id"]
    now = connection.execute(select(_quote.state, _quote.version, _quote.moves).where(here)).first()
    if now is None or now.state != state or now.version != told["version"]:
        raise NotChangedError("This quote was changed meanwhile: look at it as it is now.")
    moves = sales_quote_move.c
    last = (moves.quote_id == told["quote_id"]) & (moves.number == now.moves)
    if connection.scalar(select(moves.seal).where(last)) != told["seal"]:
        raise NotChangedError("This is not what was approved: have it approved anew.")


def written(
    connection: Connection, begun: Begun, made: Sequence[str | None], after: Json | None, at: datetime
) -> None:
    """A draft of the quote is at Stripe: the last step made it."""
    told = begun.command
    values = {name: told[name] for name in ("quote_id", "version", "seal")}
    customer = (after or {}).get("customer") or told["customer"] or None
    row = {**values, "id": made[-1] or (after or {})["quote"], "customer_id": customer, "state": "written"}
    connection.execute(insert(quote_offer).values(**row, wanted=orjson.loads(told["wanted"]), written_at=at))


def sent(
    connection: Connection, begun: Begun, made: Sequence[str | None], after: Json | None, at: datetime
) -> None:
    """The customer can accept it; what it revises is superseded."""
    told = begun.command
    values: Json = {"state": "open", "sent_at": at, "sent_by": begun.person}
    if after and after.get("customer"):
        values["customer_id"] = after["customer"]
    if after and "expires_at" in after:  # of an addition it is known before
        values["expires_at"] = _instant(after, "expires_at")
    change(connection, told["offer_id"], **values)
    moved(connection, begun, APPROVED, SENT, at)
    if told.get("revises"):
        change(connection, told["revises"], state="canceled", told=None)
    supersede(connection, begun, at)


def supersede(connection: Connection, begun: Begun, at: datetime) -> None:
    """What a quote that is sent now revises has lost its place to it; of an addition nobody else can know."""
    revised, before = _revised(connection, begun)
    if before is None or before.state != SENT:
        return
    held = select(_offer.id, _offer.wanted).where(_offer.quote_id == revised, _offer.state == "open")
    for row in connection.execute(held).all():
        if "joins" in row.wanted:
            change(connection, row.id, state="canceled")
    name = str(begun.command["quote_id"])
    number = connection.scalar(select(_quote.number).where(_quote.id == name))
    by = (at, begun.person, begun.role, f"Revised by {called(number, name)}")
    move(connection, Move(revised, SENT, SUPERSEDED, before.version, *by))


def accepted(
    connection: Connection, begun: Begun, made: Sequence[str | None], after: Json | None, at: datetime
) -> None:
    """The customer accepted, as somebody noted."""
    told = begun.command
    signed = {"signatory": told["signatory"], "signed_on": date.fromisoformat(told["signed_on"])}
    take(connection, told["offer_id"], after or {}, at, begun.person, **signed)
    moved(connection, begun, SENT, ACCEPTED, at)


def take(
    connection: Connection, offer_id: str, after: Json, at: datetime, person: str, **signed: Any
) -> None:
    """Write down that an offer was accepted, and what came of it as far as it is known."""
    names = ("subscription_id", "subscription_schedule_id", "invoice_id")
    came = {name: after[key] for name in names if after.get(key := name.removesuffix("_id"))}
    accepted_at = _instant(after, "accepted_at") or at
    values = {"state": "accepted", "accepted_at": accepted_at, "accepted_by": person}
    change(connection, offer_id, **values, **signed, **came)
    quote_accepted.hand_over(connection, offer_id, person, accepted_at)


def cancelled(
    connection: Connection, begun: Begun, made: Sequence[str | None], after: Json | None, at: datetime
) -> None:
    """It cannot be accepted any more; the quote's state says why, where it was sent."""
    told = begun.command
    change(connection, told["offer_id"], state="canceled", told=None)
    if told["to_state"]:
        moved(connection, begun, SENT, told["to_state"], at)


def ramped(
    connection: Connection, begun: Begun, made: Sequence[str | None], after: Json | None, at: datetime
) -> None:
    """The later stages are planned at Stripe: nothing is left to do."""
    known = {"subscription_schedule_id": after["schedule"]} if after and after.get("schedule") else {}
    change(connection, begun.command["offer_id"], completed_at=at, **known)


def moved(connection: Connection, begun: Begun, origin: str, to: str, at: datetime) -> None:
    """Move our own quote, unless somebody else has; where it is elsewhere by now the offer says so."""
    told = begun.command
    wanted = Move(
        told["quote_id"],
        origin,
        to,
        told["version"],
        at,
        begun.person,
        begun.role,
        begun.reason,
        told["seal"],
    )
    try:
        move(connection, wanted)
    except NotMovedError as error:
        if connection.scalar(select(_quote.state).where(_quote.id == told["quote_id"])) == to:
            return
        change(connection, told["offer_id"], told=f"At Stripe it is {to}, here it is not: {error}")


def change(connection: Connection, offer_id: str, **values: Any) -> None:
    """Write values of an offer."""
    connection.execute(update(quote_offer).where(_offer.id == offer_id).values(**values))


def _instant(after: Json | None, name: str) -> datetime | None:
    return from_epoch((after or {}).get(name))


def offers(url: str | Engine, quote_id: str) -> Sequence[Offer]:
    """What was sent of a quote, the newest first. Raises NotChangedError."""
    return _offers(url, _offer.quote_id == quote_id)


def incomplete(url: str) -> Sequence[Offer]:
    """Accepted, and not all that follows is in place, the oldest last. Raises NotChangedError."""
    return _offers(url, (_offer.state == "accepted") & _offer.completed_at.is_(None))


def last_days(source: str | Engine, quote_ids: Sequence[str]) -> dict[str, date]:
    """The last day to accept each of some quotes that can be accepted and end. Raises NotChangedError."""
    mine = _offer.quote_id.in_(quote_ids) & (_offer.state == "open") & _offer.expires_at.is_not(None)
    with reading(source, UNREAD) as connection:
        rows = connection.execute(select(_offer.quote_id, _offer.expires_at).where(mine))
        return {quote_id: last_day(end) for quote_id, end in rows}


def open_offers(url: str) -> Sequence[Offer]:
    """Those that customers can accept. Raises NotChangedError."""
    return _offers(url, _offer.state == "open")


def _offers(url: str | Engine, which: Any) -> Sequence[Offer]:
    names = [quote_offer.c[name] for name in Offer.__dataclass_fields__]
    query = select(*names).where(which).order_by(_offer.written_at.desc(), _offer.id)
    with reading(url, UNREAD) as connection:
        return [Offer(**row) for row in connection.execute(query).mappings()]


def complete(url: str, offer_id: str, at: datetime) -> None:
    """Nothing is left to do for an accepted offer. Raises NotChangedError."""
    with transaction(url) as connection:
        change(connection, offer_id, completed_at=at)
        publish(connection, "quote completed")


def gone(url: str, offer_id: str) -> None:
    """A draft is not at Stripe any more: it was taken back there, or nobody sent it in time.

    Raises NotChangedError.
    """
    with transaction(url) as connection:
        change(connection, offer_id, state="canceled")
        publish(connection, "quote canceled")


def keep(url: str, offer_id: str, new: Document) -> None:
    """Keep a file, once. Raises NotChangedError."""
    digest = hashlib.sha256(new.content).hexdigest()
    mine = (quote_document.c.offer_id == offer_id) & (quote_document.c.sha256 == digest)
    with transaction(url) as connection:
        if connection.scalar(select(quote_document.c.id).where(mine)) is None:
            row = {"offer_id": offer_id, "sha256": digest, **vars(new)}
            connection.execute(insert(quote_document).values(**row))


def documents(url: str | Engine, offer_id: str, *kinds: str) -> Sequence[Document]:
    """The files of an offer, of some kinds or all, the oldest first. Raises NotChangedError."""
    names, file = [quote_document.c[name] for name in Document.__dataclass_fields__], quote_document.c
    query = select(*names).where(file.offer_id == offer_id).order_by(file.id)
    query = query.where(file.kind.in_(kinds)) if kinds else query
    with reading(url, UNREAD) as connection:
        return [Document(**row) for row in connection.execute(query).mappings()]
