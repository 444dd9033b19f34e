"""What was typed, looked for among ids, numbers and names: what begins so first, near misses last."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    exists,
    func,
    intersect,
    or_,
    select,
    union_all,
)

from data.frames.reading import made
from data.hidden_fields import PERSONAL
from data.search.words import folded, is_near, terms, variants, words
from data.tables import application, mirror
from data.tables.search import search_owner, search_term, search_variant

LIMIT = 20
MOST_TYPED = 200  # letters; whatever comes after them is no name
MOST_NEAR = 50
"""Near words of one that was typed that are looked for; more make no list that anybody reads."""
MOST_ASKED = 4_000
"""So many of those who have one word are asked for the others, before all are looked at."""

BY_INDEX = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off"
"""Few rows are wanted here, by index; PostgreSQL, expecting many, would read whole tables now and then."""

FOUND = dict.fromkeys(("kind", "id", "customer_id", "name", "email", "matched"), "string")

_owner, _term, _variant = search_owner.c, search_term.c, search_variant.c
_customer, _account, _invoice = mirror.customer.c, application.account.c, mirror.invoice.c
_subscription, _method = mirror.subscription.c, mirror.payment_method.c


BY_WORD = ("Name", "E-mail", "Words of the name", "Spelled almost so")


class Hit(NamedTuple):
    """Somebody that was found, and by what."""

    kind: str
    id: str
    matched: str


def find(engine: Engine, text: str, *, limit: int = LIMIT) -> pd.DataFrame:
    """Customers and accounts for a text, the best first; the columns are FOUND.

    The text is a Stripe id, an account's id, an invoice's number, a card's last four digits, or some letters
    of names, addresses and domains. kind is customer or account; an account whose customer is found too, and
    the account of a customer, are one row with the customer's id. matched says by what.
    """
    typed = " ".join(text[:MOST_TYPED].replace("\0", "").split())
    if not typed:
        return made([], FOUND)
    hits: dict[tuple[str, str], Hit] = {}
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(BY_INDEX)
        for look in (_by_id, _by_number, _by_card, _by_beginning, _by_words):
            for hit in look(connection, typed, limit) if len(hits) < limit else ():
                hits.setdefault((hit.kind, hit.id), hit)
        for hit in () if hits else _by_near_words(connection, typed, limit):
            hits.setdefault((hit.kind, hit.id), hit)
        found = _named(connection, list(hits.values()))
        if PERSONAL in connection.get_execution_options().get("hidden", ()):
            found = [row for row in found if row[5] not in BY_WORD or _is_called(row[3], typed)]
    found.sort(key=lambda row: not folded(row[3]).startswith(folded(typed)))
    return made(found[:limit], FOUND)


IDS: tuple[tuple[str, ColumnElement[Any], ColumnElement[Any]], ...] = (
    ("cus_", _customer.id, _customer.id),
    ("sub_", _subscription.id, _subscription.customer_id),
    ("in_", _invoice.id, _invoice.customer_id),
)


def _by_id(connection: Connection, typed: str, limit: int) -> Iterator[Hit]:
    for prefix, key, customer in IDS:
        if typed.startswith(prefix):
            query = select(customer).where(key == typed)
            yield from (Hit("customer", each, "Stripe id") for each in connection.scalars(query) if each)
    query = select(_account.account_id).where(_account.account_id == typed)
    yield from (Hit("account", each, "Account id") for each in connection.scalars(query))


def _begins(column: ColumnElement[Any], typed: str) -> ColumnElement[bool]:
    """Whether a text begins so; in a column ordered by the letters' code an index finds it."""
    return and_(column >= typed, column < typed + "\U0010ffff")


def _by_number(connection: Connection, typed: str, limit: int) -> Iterator[Hit]:
    if re.search(r"\d", typed) and len(typed) >= 4:
        query = select(_invoice.customer_id).where(_invoice.number == typed.upper()).limit(limit)
        yield from (Hit("customer", each, "Invoice number") for each in connection.scalars(query) if each)


def _by_card(connection: Connection, typed: str, limit: int) -> Iterator[Hit]:
    if re.fullmatch(r"\d{4}", typed):
        query = select(_method.customer_id).where(_method.card_last4 == typed, _method.deleted_at.is_(None))
        found = connection.scalars(query.order_by(_method.customer_id).limit(limit))
        yield from (Hit("customer", each, f"Card ending in {typed}") for each in found if each)


def _by_beginning(connection: Connection, typed: str, limit: int) -> Iterator[Hit]:
    wanted = folded(typed)
    query = select(_term.kind, _term.id, _term.term).where(_begins(_term.term, wanted))
    for row in connection.execute(query.order_by(_term.term, _term.kind, _term.id).limit(limit * 3)):
        yield Hit(row.kind, row.id, "Name" if "@" not in row.term else "E-mail")


class Word(NamedTuple):
    """A word that was typed: what begins with it, and words that it may have been meant for."""

    typed: str
    near: tuple[str, ...] = ()

    def conditions(self, term: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Each a stretch of the index of terms; any of them will do."""
        return [_begins(term, self.typed), *(term == each for each in self.near)]


def _by_words(connection: Connection, typed: str, limit: int) -> Iterator[Hit]:
    """Who has a word beginning with each of those typed, in any order."""
    wanted = [Word(each) for each in words(typed)]
    if len(wanted) > 1 and "@" not in typed:
        yield from _having(connection, wanted, limit, "Words of the name")


def _by_near_words(connection: Connection, typed: str, limit: int) -> Iterator[Hit]:
    """The same where each word may have one letter wrong, missing, too many or exchanged."""
    wanted = [Word(each, tuple(_near(connection, each))) for each in words(typed)]
    if wanted and (len(wanted) > 1 or wanted[0].near):
        yield from _having(connection, wanted, limit, "Spelled almost so")


def _having(connection: Connection, wanted: Sequence[Word], limit: int, matched: str) -> Iterator[Hit]:
    """Who has all of the words: some of those with the rarest are asked for the others.

    Where there are more with the rarest and none of these has the others too, all of them are.
    """
    counts = [_count(connection, word) for word in wanted]
    rarest = counts.index(min(counts))
    some = _some(wanted[rarest], MOST_ASKED).subquery().c
    others = (_has(some, word) for place, word in enumerate(wanted) if place != rarest)
    query = select(some.kind, some.id).where(*others).limit(limit * 3)
    found = {(row.kind, row.id) for row in connection.execute(query)} if counts[rarest] else set()
    if not found and counts[rarest] > MOST_ASKED:
        every = intersect(*(_whole(word) for word in wanted)).subquery().c
        found = {(row.kind, row.id) for row in connection.execute(select(every.kind, every.id).limit(limit))}
    for kind, key in sorted(found)[:limit]:
        yield Hit(kind, key, matched)


def _count(connection: Connection, word: Word) -> int:
    """How many have a word, counted no further than is asked."""
    return connection.scalar(select(func.count()).select_from(_some(word, MOST_ASKED + 1).subquery())) or 0


def _some(word: Word, most: int) -> Select[Any]:
    """So many of those who have a word, in the order of the index."""
    walks = [
        select(_term.kind, _term.id).where(each).order_by(_term.term, _term.kind, _term.id).limit(most)
        for each in word.conditions(_term.term)
    ]
    either = union_all(*(select(walk.subquery()) for walk in walks)).subquery().c
    return select(either.kind, either.id).limit(most)


def _whole(word: Word) -> Select[Any]:
    return select(_term.kind, _term.id).where(or_(*word.conditions(_term.term)))


def _has(somebody: Any, word: Word) -> ColumnElement[bool]:
    """Whether somebody has a word too."""
    other = search_term.alias().c
    mine = and_(other.kind == somebody.kind, other.id == somebody.id)
    theirs = other.term.concat("")  # not to be looked for among the words of everybody
    return exists(select(other.id).where(mine, or_(*word.conditions(theirs))))


def _near(connection: Connection, word: str) -> list[str]:
    query = (
        select(_variant.term)
        .where(_variant.variant.in_(list(variants(word))))
        .distinct()
        .limit(MOST_NEAR * 4)
    )
    found = sorted(each for each in connection.scalars(query) if is_near(word, each))
    return found[:MOST_NEAR]


def _named(connection: Connection, hits: Sequence[Hit]) -> list[tuple[Any, ...]]:
    """The hits with names; accounts of customers as those customers."""
    accounts = [hit.id for hit in hits if hit.kind == "account"]
    query = select(_account.account_id, _account.stripe_customer_id).where(_account.account_id.in_(accounts))
    customer_of = {row.account_id: row.stripe_customer_id for row in connection.execute(query)}
    best: dict[tuple[str, str], str] = {}
    for hit in hits:
        customer = customer_of.get(hit.id) if hit.kind == "account" else hit.id
        best.setdefault(("customer", customer) if customer else ("account", hit.id), hit.matched)
    keys = list(best)
    called = _called(connection, keys)
    return [
        (
            kind,
            key,
            key if kind == "customer" else None,
            *called.get((kind, key), (None, None)),
            best[kind, key],
        )
        for kind, key in keys
    ]


def _is_called(name: str | None, typed: str) -> bool:
    """Whether somebody is found by the name alone, and not by an address that may not be seen."""
    known = terms(name, None)
    if any(term.startswith(folded(typed)) for term in known):
        return True
    wanted = words(typed)
    return bool(wanted) and all(
        any(term.startswith(word) or is_near(word, term) for term in known) for word in wanted
    )


def _called(
    connection: Connection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Any, Any]]:
    ids = [key for _, key in keys]
    query = select(_owner.kind, _owner.id, _owner.name, _owner.email).where(_owner.id.in_(ids))
    return {(row.kind, row.id): (row.name, row.email) for row in connection.execute(query)}
