"""Drafts of quotes: a version for each change, and nobody's change overwritten by another's.

Whoever saves names the version that the change was made on; where another was first, nothing is saved.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    bindparam,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from data.clock import now
from data.own_customers import quotes_of
from data.quotes import states as quote_states
from data.quotes.states import NotMovedError
from data.sign_in_settings import Own
from data.tables.offers import quote_offer
from data.tables.quotes import sales_quote, sales_quote_version
from data.writing import NotChangedError, reading, transaction

__all__ = [
    "MOST_LISTED",
    "Draft",
    "NotChangedError",
    "NotMovedError",
    "create",
    "latest",
    "listed",
    "save",
    "versions",
]

MOST_LISTED = 200
MOST_TRIES = 20
FIRST = 1001  # number of a quote
NUMBERED = re.compile(r"(?:q\s*-?\s*)?(\d{1,9})", re.IGNORECASE)
UNREAD = "The database did not give the quotes."
Fields = Mapping[str, Any]

_quote, _version = sales_quote.c, sales_quote_version.c
_DRAFTS = (
    select(
        _quote.id,
        _version.version,
        _version.fields,
        _version.saved_at,
        _version.saved_by,
        _quote.created_at,
        _quote.created_by,
        _quote.cloned_from,
        _quote.state,
        _quote.revises,
        _quote.number,
    )
    .join(sales_quote_version, _version.quote_id == _quote.id)
    .order_by(_quote.changed_at.desc(), _quote.id, _version.version.desc())
)
_LATEST = _DRAFTS.where(_quote.id == bindparam("quote_id"), _version.version == _quote.version).limit(1)


@dataclass(frozen=True)
class Draft:
    """A version of a quote: its fields by name as they were typed, who saved them and when."""

    id: str
    version: int
    fields: Fields
    saved_at: datetime
    saved_by: str
    created_at: datetime
    created_by: str
    cloned_from: str | None
    state: str  # of data.quotes.states.FOLLOWS
    revises: str | None  # the quote that this one takes the place of once it is sent
    number: int | None = None

    @property
    def name(self) -> str:
        """What people call it, us and the customer."""
        return called(self.number, self.id)


def called(number: int | None, quote_id: str) -> str:
    """A quote by its number."""
    return quote_id if number is None else f"Q-{number}"


def number_in(text: str) -> int | None:
    """The number that a text names a quote by ("Q-1001", "q1001", "1001"); None: it names none."""
    found = NUMBERED.fullmatch(text.strip())
    return int(found[1]) if found else None


def create(
    url: str, fields: Fields, person: str, cloned_from: str | None = None, revises: str | None = None
) -> str:
    """Begin a quote; gives its id. Raises NotChangedError."""
    for _ in range(MOST_TRIES):
        try:
            return _created(url, fields, person, cloned_from, revises)
        except NotChangedError as error:  # of several at once one has the number, the others the next
            if "number" not in str(getattr(error.__cause__, "orig", "")):
                raise
    raise NotChangedError("Others are beginning quotes at this moment: try again.")


def _created(url: str, fields: Fields, person: str, cloned_from: str | None, revises: str | None) -> str:
    key, at = f"q_{uuid4().hex[:20]}", now()
    head = {"id": key, "version": 1, "cloned_from": cloned_from, "created_at": at, "created_by": person}
    head["revises"] = revises
    last = select(func.coalesce(func.max(_quote.number), FIRST - 1)).scalar_subquery()
    with transaction(url) as connection:
        connection.execute(insert(sales_quote).values(**head, changed_at=at, number=last + 1))
        _write(connection, key, 1, fields, person, at)
    return key


def revise(url: str, quote_id: str, fields: Fields, person: str) -> str:
    """Begin the quote that is to take one's place; its id, or of the furthest that has it or may take it.

    Of several begun at once there is one, which the database sees to. Raises NotChangedError.
    """
    if (standing := _furthest(url, quote_id)) is not None:
        return standing
    try:
        return create(url, fields, person, revises=quote_id)
    except NotChangedError:
        if (standing := _furthest(url, quote_id)) is not None:
            return standing
        raise


def _furthest(url: str, quote_id: str) -> str | None:
    """The last of the quotes of which each revises the one before, and is not over."""
    last = quote_id
    with reading(url, UNREAD) as connection:
        query = select(_quote.id).where(
            _quote.revises == bindparam("of"), _quote.state.not_in(quote_states.OVER)
        )
        while (found := connection.scalar(query, {"of": last})) is not None:
            last = found
    return last if last != quote_id else None


def save(url: str, quote_id: str, version: int, fields: Fields, person: str, role: str = "") -> bool:
    """Keep a version after the one that it was made of; False where another was first.

    What was approved before is void. Raises NotChangedError, and NotMovedError where the quote was sent.
    """
    at = now()
    mine = (_quote.id == quote_id) & (_quote.version == version)
    with transaction(url) as connection:
        taken = connection.execute(
            update(sales_quote).where(mine).values(version=version + 1, changed_at=at)
        ).rowcount
        if taken:
            _write(connection, quote_id, version + 1, fields, person, at)
            quote_states.edited(connection, quote_id, version + 1, at, (person, role))
    return bool(taken)


def _write(
    connection: Connection, quote_id: str, version: int, fields: Fields, person: str, at: datetime
) -> None:
    row = {"quote_id": quote_id, "version": version, "fields": dict(fields), "saved_at": at}
    connection.execute(insert(sales_quote_version).values(**row, saved_by=person))


def latest(url: str | Engine, quote_id: str) -> Draft | None:
    """A quote as it is now. Raises NotChangedError."""
    found = _read(url, _LATEST, {"quote_id": quote_id})
    return found[0] if found else None


def versions(url: str | Engine, quote_id: str) -> Sequence[Draft]:
    """Every version of a quote, the newest first. Raises NotChangedError."""
    return _drafts(url, _quote.id == quote_id, None)


def authors(url: str | Engine, quote_id: str) -> set[str]:
    """Everybody who has typed into a quote. Raises NotChangedError."""
    query = select(_version.saved_by).where(_version.quote_id == quote_id).distinct()
    with reading(url, UNREAD) as connection:
        return set(connection.scalars(query))


def revision_of(url: str | Engine, quote_id: str) -> Draft | None:
    """The newest quote that revises one. Raises NotChangedError."""
    found = _drafts(url, (_quote.revises == quote_id) & (_version.version == _quote.version), 1)
    return found[0] if found else None


def listed(
    url: str | Engine,
    own: Own | None = None,
    customer_id: str = "",
    *,
    states: Collection[str] = (),
    text: str = "",
    named: Collection[str] = (),
) -> Sequence[Draft]:
    """The quotes as they are now, those changed last first, MOST_LISTED of them; own: of some customers.

    customer_id: only of this one, who may have been a prospect. states: only in one of these. text: only
    those that have it as their number, or in the name of a prospect or of who began it; or that are for one
    of the customers `named`. Raises NotChangedError.
    """
    shown = true() if own is None else _quote.id.in_(quotes_of(own))
    for_whom = _for([customer_id]) if customer_id else true()
    in_state = _quote.state.in_(states) if states else true()
    sought = _sought(text, named) if text.strip() else true()
    which = (_version.version == _quote.version) & shown & for_whom & in_state & sought
    return _drafts(url, which, MOST_LISTED)


def _for(customers: Collection[str]) -> ColumnElement[bool]:
    """Of some customers, who may have been prospects."""
    became = select(quote_offer.c.quote_id).where(quote_offer.c.customer_id.in_(customers))
    told: ColumnElement[bool] = _version.fields["customer_id"].as_string().in_(customers)
    return told | _quote.id.in_(became)


def _sought(text: str, named: Collection[str]) -> ColumnElement[bool]:
    number, letters = number_in(text), text.strip().replace("\0", "")
    return or_(
        false() if number is None else _quote.number == number,
        _version.fields["prospect"].as_string().icontains(letters, autoescape=True),
        _quote.created_by.icontains(letters, autoescape=True),
        _for(named) if named else false(),
    )


def _drafts(url: str | Engine, which: Any, most: int | None) -> Sequence[Draft]:
    return _read(url, _DRAFTS.where(which).limit(most), {})


def _read(url: str | Engine, query: Select[Any], given: Mapping[str, Any]) -> Sequence[Draft]:
    with reading(url, UNREAD) as connection:
        return [Draft(**row) for row in connection.execute(query, given).mappings()]
