"""Links to the papers of a sent quote: made, opened, taken back; whoever has one may read the papers.

The token is random and is the link's alone: here is its SHA-256, so nobody who reads the database has a link.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, select, update

from data import audit
from data.audit import Entry
from data.clock import last_day, now
from data.quotes.drafts import called
from data.quotes.offers import UNREAD, Offer
from data.tables.offers import quote_document, quote_link, quote_offer
from data.tables.quotes import sales_quote
from data.writing import NotChangedError, publish, reading, transaction

BYTES = 32  # of a token
TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
MOST = 20  # links of an offer that are good at once
SERVED = ("order_form", "stripe")
"""The kinds of documents that a link gives, and no others."""
READS = {"open", "accepted"}
_link, _offer, _paper = quote_link.c, quote_offer.c, quote_document.c


@dataclass(frozen=True)
class Link:
    """A link; who has its token reads the papers until it expires or is taken back."""

    id: int
    offer_id: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    opened: int

    @property
    def last_day(self) -> date:
        """The last UTC day of which it is good for at least a part."""
        return last_day(self.expires_at)

    def good(self, at: datetime) -> bool:
        """Whether it still leads anywhere."""
        return self.revoked_at is None and at < self.expires_at


@dataclass(frozen=True)
class Opened:
    """What somebody with a link gets to: the offer, and the state of our own quote."""

    link: Link
    offer: Offer
    state: str
    name: str  # of our own quote


def make(url: str, offer: Offer, until: datetime, entry: Entry) -> str:
    """A new link to an offer's papers, with its audit entry; gives the token. Raises NotChangedError."""
    token = secrets.token_urlsafe(BYTES)
    at = entry.at
    with transaction(url) as connection:
        state = connection.scalar(select(_offer.state).where(_offer.id == offer.id).with_for_update())
        if state not in READS:
            raise NotChangedError("This quote is not open any more: a link would lead nowhere.")
        good = [each for each in _links(connection, offer.id) if each.good(at)]
        if len(good) >= MOST:
            raise NotChangedError(f"There are {MOST} links to it already: take back those nobody needs.")
        known = {"offer_id": offer.id, "token_sha256": _digest(token), "made_by": entry.person}
        connection.execute(insert(quote_link).values(**known, made_at=at, expires_at=until))
        audit.write(connection, entry)
        publish(connection, "quote link")
    return token


def revoke(url: str, link: Link, entry: Entry) -> None:
    """A link leads nowhere from now on, once in the audit. Raises NotChangedError."""
    here = (_link.id == link.id) & _link.revoked_at.is_(None)
    taken = {"revoked_at": entry.at, "revoked_by": entry.person}
    with transaction(url) as connection:
        if connection.execute(update(quote_link).where(here).values(taken)).rowcount:
            audit.write(connection, entry)
            publish(connection, "quote link")


def links(source: str | Engine, offer_id: str) -> Sequence[Link]:
    """The links of an offer, the newest first. Raises NotChangedError."""
    with reading(source, UNREAD) as connection:
        return _links(connection, offer_id)


def _links(connection: Connection, offer_id: str) -> list[Link]:
    names = [quote_link.c[name] for name in Link.__dataclass_fields__]
    query = select(*names).where(_link.offer_id == offer_id).order_by(_link.id.desc())
    return [Link(**row) for row in connection.execute(query).mappings()]


def found(url: str, token: str) -> Opened | None:
    """What a token leads to, also where it is not good any more. Raises NotChangedError."""
    if not TOKEN.fullmatch(token):
        return None
    mine = [quote_link.c[name] for name in Link.__dataclass_fields__]
    theirs = [quote_offer.c[name].label(f"of_{name}") for name in Offer.__dataclass_fields__]
    query = (
        select(*mine, *theirs, sales_quote.c.state.label("quote_state"), sales_quote.c.number)
        .join(quote_offer, _offer.id == _link.offer_id)
        .join(sales_quote, sales_quote.c.id == _offer.quote_id)
        .where(_link.token_sha256 == _digest(token))
    )
    with reading(url, UNREAD) as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        return None
    offer = Offer(**{name: row[f"of_{name}"] for name in Offer.__dataclass_fields__})
    link = Link(**{name: row[name] for name in Link.__dataclass_fields__})
    return Opened(link, offer, row["quote_state"], called(row["number"], offer.quote_id))


def opened(url: str, link: Link) -> Link:
    """Note that its page was opened. Raises NotChangedError."""
    at = now()
    with transaction(url) as connection:
        values = {"last_opened_at": at, "opened": _link.opened + 1}
        connection.execute(update(quote_link).where(_link.id == link.id).values(values))
        first = (_link.id == link.id) & _link.first_opened_at.is_(None)
        connection.execute(update(quote_link).where(first).values(first_opened_at=at))
    return replace(link, last_opened_at=at, opened=link.opened + 1)


def kinds(url: str, offer_id: str) -> Sequence[str]:
    """Of SERVED, the papers that there are. Raises NotChangedError."""
    query = select(_paper.kind).where(_paper.offer_id == offer_id).distinct()
    with reading(url, UNREAD) as connection:
        there = set(connection.scalars(query))
    return [kind for kind in SERVED if kind in there]


def read(url: str, offer_id: str, kind: str, entry: Entry) -> bytes | None:
    """The newest paper of a kind for somebody with a link, once that is audited. Raises NotChangedError."""
    if kind not in SERVED:
        return None
    mine = (_paper.offer_id == offer_id) & (_paper.kind == kind)
    with transaction(url) as connection:
        newest = select(_paper.content).where(mine).order_by(_paper.id.desc()).limit(1)
        content: bytes | None = connection.scalar(newest)
        if content is not None:
            audit.write(connection, entry)
    return content


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
