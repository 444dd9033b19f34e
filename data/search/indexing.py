"""The index kept up to date: only who is called otherwise than before is written again."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, insert, select

from data.database import upsert
from data.search.words import terms, variants
from data.tables import application, mirror
from data.tables.search import search_owner, search_term, search_variant

CHUNK = 5_000
Named = tuple[str | None, str | None]

_customer, _account = mirror.customer.c, application.account.c
CUSTOMERS = select(_customer.id, _customer.name, _customer.email).order_by(_customer.id)
ACCOUNTS = (
    select(_account.account_id.label("id"), _account.name, _account.owner.label("email"))
    .where(_account.deleted_at.is_(None))
    .order_by(_account.account_id)
)


def refresh_customers(connection: Connection, customers: set[str] | None) -> None:
    """Index some customers, None: all, as the mirror has them now; also those deleted at Stripe.

    All too where none is indexed yet: in a database that was filled before there was an index.
    """
    any_yet = select(search_owner.c.id).where(search_owner.c.kind == "customer").limit(1)
    if customers is None or connection.execute(any_yet).first() is None:
        _refresh_all(connection, "customer", CUSTOMERS, _customer.id)
        return
    for ids in _chunks(sorted(customers)):
        rows = connection.execute(CUSTOMERS.where(_customer.id.in_(ids)))
        _refresh(connection, "customer", ids, rows)


def refresh_accounts(connection: Connection) -> None:
    """Index the accounts of the application as they were last copied."""
    _refresh_all(connection, "account", ACCOUNTS, _account.account_id)


def _refresh_all(connection: Connection, kind: str, query: Select[Any], key: Any) -> None:
    last = ""
    while rows := connection.execute(query.where(key > last).limit(CHUNK)).all():
        _refresh(connection, kind, [row.id for row in rows], rows)
        last = rows[-1].id
    owner, present = search_owner.c, query.with_only_columns(key).order_by(None)
    gone = select(owner.id).where(owner.kind == kind, owner.id.not_in(present))
    for ids in _chunks(list(connection.execute(gone).scalars())):
        _forget(connection, kind, ids)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _refresh(connection: Connection, kind: str, ids: Sequence[str], rows: Iterable[Any]) -> None:
    """Write again what differs of the owners with these ids."""
    owner = search_owner.c
    query = select(owner.id, owner.name, owner.email).where(owner.kind == kind, owner.id.in_(ids))
    before = {row.id: (row.name, row.email) for row in connection.execute(query)}
    after: dict[str, Named] = {row.id: (row.name, row.email) for row in rows}
    changed = {key: named for key, named in after.items() if before.get(key) != named}
    _forget(connection, kind, [key for key in before if key not in after or key in changed])
    _write(connection, kind, changed)


def _forget(connection: Connection, kind: str, ids: Sequence[str]) -> None:
    for table in (search_owner, search_term):
        if ids:
            connection.execute(delete(table).where(table.c.kind == kind, table.c.id.in_(ids)))


def _write(connection: Connection, kind: str, named: dict[str, Named]) -> None:
    owners = [{"kind": kind, "id": key, "name": name, "email": mail} for key, (name, mail) in named.items()]
    found = [(term, key) for key, both in named.items() for term in terms(*both)]
    near = {(variant, term) for term in {term for term, _ in found} for variant in variants(term)}
    _insert(connection, search_owner, owners)
    _insert(connection, search_term, [{"term": term, "kind": kind, "id": key} for term, key in found])
    upsert(connection, search_variant, [{"variant": variant, "term": term} for variant, term in sorted(near)])


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
