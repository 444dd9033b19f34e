"""Customers to look for: names of two words and a form, a domain each, cards, invoices, accounts."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
from sqlalchemy import Connection, Engine, Table, text

from data.bulk import insert_table
from data.search.words import terms, variants
from data.tables import application, metadata, mirror
from data.tables.search import search_owner, search_term, search_variant

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHUNK = 50_000
SYLLABLES = (
    "ba", "be", "co", "da", "di", "el", "fa", "gra", "ha", "in", "jo", "ka", "lu", "ma",
    "nor", "no", "ol", "pe", "qui", "ra", "sa", "ti", "tra", "um", "ver", "wi", "ya", "zen",
)  # fmt: skip
FORMS = ("GmbH", "Inc.", "Ltd", "AG", "LLC", "S.A.", "Labs", "Group")
PEOPLE = (
    "anna",
    "ben",
    "clara",
    "david",
    "emma",
    "greta",
    "hugo",
    "ida",
    "jonas",
    "klara",
    "mia",
    "noah",
    "olga",
)
TABLES = (
    mirror.customer,
    mirror.payment_method,
    mirror.invoice,
    application.account,
    search_owner,
    search_term,
    search_variant,
)


def vocabulary(count: int, seed: int) -> list[str]:
    """So many different words of two to four syllables."""
    dice = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault("".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))))
    return list(found)


FIRST, SECOND = vocabulary(3_000, 1), vocabulary(9_000, 2)


def named(place: int) -> tuple[str, str]:
    """The name and e-mail address of a customer; some words are in thousands of names."""
    dice = random.Random(place)
    one = FIRST[int(len(FIRST) * dice.random() ** 2)]
    two = SECOND[int(len(SECOND) * dice.random() ** 2)]
    name = f"{one.capitalize()} {two.capitalize()} {dice.choice(FORMS)}"
    return name, f"{dice.choice(PEOPLE)}.{dice.choice(SECOND)}@{one}{two}.example"


def fill(engine: Engine, customers: int) -> None:
    """All tables with their rows, the indexes made afterwards, as that is faster."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        for table in TABLES:
            for index in table.indexes:
                index.drop(connection)
        written: set[str] = set()
        for start in range(0, customers, CHUNK):
            for table, rows in _rows(range(start, min(start + CHUNK, customers)), written):
                _insert(connection, table, rows)
        for table in TABLES:
            for index in table.indexes:
                index.create(connection)
    with engine.begin() as connection:
        connection.execute(text("analyze"))


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        insert_table(connection, table, pa.Table.from_pylist(rows))


def _rows(places: range, written: set[str]) -> Iterator[tuple[Table, list[dict[str, object]]]]:
    """The rows of some customers by table; written: the words whose near misses are there already."""
    people = {place: named(place) for place in places}
    owner = {place: {"kind": "customer", "id": f"cus_{place}"} for place in places}
    called = [{"id": f"cus_{i}", "name": n, "email": m, "observed_at": NOW} for i, (n, m) in people.items()]
    yield mirror.customer, called
    yield search_owner, [owner[i] | {"name": n, "email": m} for i, (n, m) in people.items()]
    found = [(term, place) for place, both in people.items() for term in sorted(terms(*both))]
    yield search_term, [{"term": term, **owner[place]} for term, place in found]
    new = {term for term, _ in found} - written
    written |= new
    yield search_variant, [{"variant": each, "term": term} for term in sorted(new) for each in variants(term)]
    seen = {"observed_at": NOW, "created_at": NOW}
    yield (
        mirror.payment_method,
        [
            {"id": f"pm_{i}", "customer_id": f"cus_{i}", "card_last4": f"{i * 7919 % 10_000:04d}", **seen}
            for i in places
        ],
    )
    yield (
        mirror.invoice,
        [{"id": f"in_{i}", "customer_id": f"cus_{i}", "number": f"SO{i:07d}-0001", **seen} for i in places],
    )
    yield (
        application.account,
        [{"account_id": f"acc_{i}", "stripe_customer_id": f"cus_{i}", **seen} for i in places if i % 4 == 0],
    )
