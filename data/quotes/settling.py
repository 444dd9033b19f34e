"""What customers do with quotes at Stripe by themselves, as the sync sees it: noted, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from data.quotes import joining as quote_joining
from data.quotes.offers import change, moved, take
from data.quotes.states import ACCEPTED, EXPIRED, SENT, WITHDRAWN
from data.tables import mirror
from data.tables.actions import UNFINISHED, action
from data.tables.offers import quote_offer
from data.writing import transaction

Json = dict[str, Any]
_offer = quote_offer.c


def settle(url: str, at: datetime) -> int:
    """Note what customers did at Stripe by themselves, as the last sync saw it; how many offers changed.

    Accepted there is accepted here; what ended there unaccepted has expired, or was taken back. Those that
    Stripe has no quote of end here when their day is past. Raises NotChangedError.
    """
    names = ("subscription_id", "subscription_schedule_id", "invoice_id", "accepted_at", "status")
    seen = [mirror.quote.c[name] for name in names]
    theirs = select(quote_offer, *(each.label(f"seen_{each.name}") for each in seen))
    of_it = or_(action.c.subject == _offer.id, action.c.command["revises"].as_string() == _offer.id)
    under_way = exists().where(of_it, action.c.state.in_(UNFINISHED))
    canceled = (mirror.quote.c.status == "canceled") & ~under_way  # whoever does it knows why
    ended = (_offer.state == "open") & ((mirror.quote.c.status == "accepted") | canceled)
    with transaction(url) as connection:
        query = theirs.join(mirror.quote, mirror.quote.c.id == _offer.id).where(ended)
        found = connection.execute(query).all()
        for row in found:
            _settled(connection, row, at)
        late = quote_joining.expire(connection, at)
    return len(found) + late


def _settled(connection: Connection, row: Any, at: datetime) -> None:
    begun = _Seen({"quote_id": row.quote_id, "version": row.version, "seal": row.seal, "offer_id": row.id})
    if row.seen_status == "accepted":
        names = ("subscription", "subscription_schedule", "invoice")
        after = {name: getattr(row, f"seen_{name}_id") for name in names}
        if row.seen_accepted_at:
            after["accepted_at"] = row.seen_accepted_at.timestamp()
        take(connection, row.id, after, at, begun.person)
        moved(connection, begun, SENT, ACCEPTED, at)
        return
    late = row.expires_at is not None and row.expires_at <= at
    change(connection, row.id, state="canceled")
    moved(connection, begun, SENT, EXPIRED if late else WITHDRAWN, at)


@dataclass(frozen=True)
class _Seen:
    """What happened at Stripe without any action of ours."""

    command: Json
    person: str = "Stripe"
    role: str = "system"
    reason: str = "Seen at Stripe"
