"""What was typed, as the parts of all invoices that it may mean: each a walk along an index."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, Engine, and_, literal_column, select

from data import money
from data.frames.search import find
from data.search.words import folded, terms, words
from data.tables import mirror
from data.tables.search import search_owner, search_term

invoice, term = mirror.invoice.c, search_term.c

MOST_CUSTOMERS = 60
"""Customers of one search whose invoices are listed."""
MOST_NUMBERED = 1_000
"""Invoices with a number or purchase order that begins so which are listed."""
MOST_LOOKED_AT = 2_000
"""Customers with one of several words that are looked at for the others."""

AMOUNT = re.compile(
    r"(?:[a-z]{3} |[^\w\s.,-]{1,3} ?)?(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,3})?(?: [a-z]{3})?", re.IGNORECASE
)
"""An amount as people copy it: 1,234.50, $1,234.50, 1234.5 EUR."""

Part = ColumnElement[bool]


def parts(engine: Engine, typed: str) -> list[Part]:
    """The conditions that a text may mean, any of which is enough; none of them for a text of blanks.

    An invoice's or customer's id, the beginning of a number or of a purchase order, an amount (total or what
    is still open), words of a customer's name or e-mail address.
    """
    wanted = " ".join(typed.replace("\0", "").split())
    if wanted.startswith("in_"):
        return [invoice.id == wanted]
    if wanted.startswith("cus_"):
        return [invoice.customer_id == wanted]
    with engine.connect() as connection:
        numbered = _numbered(connection, wanted)
        found = [*([invoice.id.in_(numbered)] if numbered else ()), *_amounts(connection, wanted)]
    customers = _customers(engine, wanted)
    return [*found, invoice.customer_id.in_(customers)] if customers else found


def _numbered(connection: Connection, wanted: str) -> list[str]:
    """Invoices whose number or purchase order begins so, as typed or in capitals.

    They are looked up first: a planner that guesses how many there are may walk through all invoices instead.
    """
    found: dict[str, None] = {}
    for letters in dict.fromkeys((wanted, wanted.upper())):
        for column in (invoice.number, invoice.po_number):
            begins = _begins(connection.dialect.name, column, letters)
            found |= dict.fromkeys(connection.scalars(select(invoice.id).where(begins).limit(MOST_NUMBERED)))
    return list(found)[:MOST_NUMBERED]


def _begins(dialect: str, column: ColumnElement[str], letters: str) -> Part:
    """Whether a text begins so, in the words for which each database looks into its index."""
    if dialect == "sqlite":
        return and_(column >= letters, column < letters + "\U0010ffff")
    return column.startswith(letters, autoescape=True)


def _amounts(connection: Connection, wanted: str) -> Iterator[Part]:
    """The amount in each currency that has invoices, as a total and as what is still open."""
    matched = AMOUNT.fullmatch(wanted)
    if matched is None:
        return
    major = Decimal(matched[1].replace(",", "") + (matched[2] or ""))
    for currency in _currencies(connection):
        minor = major.scaleb(money.decimals(currency))
        if minor == minor.to_integral_value():
            yield and_(invoice.currency == currency, invoice.total == int(minor))
            remaining = and_(invoice.currency == currency, invoice.amount_remaining == int(minor))
            yield and_(remaining, literal_column(mirror.IS_OPEN))


def _currencies(connection: Connection) -> Sequence[str]:
    """The currencies of all invoices: one look into the index for each."""
    found: list[str] = []
    while len(found) < 200:
        query = select(invoice.currency).where(invoice.currency > (found[-1] if found else ""))
        after = connection.scalar(query.order_by(invoice.currency).limit(1))
        if after is None:
            break
        found.append(after)
    return found


def _customers(engine: Engine, wanted: str) -> list[str]:
    """Customers whose name or address begins so, or has all the words; else who is spelled almost so."""
    with engine.connect() as connection:
        found = _beginning(connection, folded(wanted), MOST_CUSTOMERS)
        asked = words(wanted)
        if len(asked) > 1 and len(found) < MOST_CUSTOMERS:
            found = list(dict.fromkeys([*found, *_with_all(connection, asked)]))
    if found or len(asked) != 1:
        return found[:MOST_CUSTOMERS]
    near = find(engine, wanted, limit=MOST_CUSTOMERS)
    return [str(each) for each in near.loc[near["matched"] == "Spelled almost so", "customer_id"].dropna()]


def _beginning(connection: Connection, letters: str, limit: int) -> list[str]:
    """Customers with a word, a name or an address that begins so."""
    begins = and_(term.term >= letters, term.term < letters + "\U0010ffff", term.kind == "customer")
    query = select(term.id).where(begins).order_by(term.term, term.id).limit(limit)
    return list(dict.fromkeys(connection.scalars(query)))


def _with_all(connection: Connection, asked: Sequence[str]) -> list[str]:
    """Customers with each of the words: of those with the rarest, however common the others are."""
    rarest = min((_beginning(connection, each, MOST_LOOKED_AT) for each in asked), key=len)
    query = select(search_owner.c.id, search_owner.c.name, search_owner.c.email)
    owners = connection.execute(
        query.where(search_owner.c.kind == "customer", search_owner.c.id.in_(rarest)).order_by(
            search_owner.c.id
        )
    )
    return [
        str(owner.id)
        for owner in owners
        if all(any(each.startswith(word) for each in terms(owner.name, owner.email)) for word in asked)
    ]
