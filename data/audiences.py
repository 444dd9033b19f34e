"""Audiences: who a customer is today, by country, segment and account manager.

The company's own accounts say it; of a customer without one, Stripe knows the country. A customer's whole
history counts for the audience of today.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from pyarrow import compute
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    Subquery,
    and_,
    delete,
    func,
    insert,
    select,
    union,
)
from sqlalchemy.sql.selectable import NamedFromClause

from data.tables import application, ledger, mirror

ATTRIBUTES = ("country", "segment", "account_manager")
BELONGING = pa.schema([("customer_id", pa.string()), ("audience_id", pa.int64())])


def assign(connection: Connection, customers: Collection[str] | None) -> None:
    """Write down the audience of some customers (None: of all), as their attributes are now."""
    people = _people(customers)
    _add_new(connection, people)
    table = ledger.customer_audience
    connection.execute(_only(delete(table), table.c.customer_id, customers))
    connection.execute(insert(table).from_select(["customer_id", "audience_id"], _found(people)))


def moved(connection: Connection) -> set[str]:
    """The customers whose attributes are no longer those of their audience."""
    people = _people(None)
    _add_new(connection, people)
    found, known = _found(people).subquery(), ledger.customer_audience
    query = select(found.c.customer_id).join(known, known.c.customer_id == found.c.customer_id, isouter=True)
    return set(
        connection.execute(query.where(known.c.audience_id.is_distinct_from(found.c.audience_id))).scalars()
    )


def belonging(connection: Connection, customers: Collection[str] | None) -> pa.Table:
    """The audience written down for some customers (None: for all): customer_id, audience_id."""
    table = ledger.customer_audience
    query = _only(select(table.c.customer_id, table.c.audience_id), table.c.customer_id, customers)
    rows = connection.execute(query).all()
    columns = list(zip(*rows, strict=True)) or [(), ()]
    return pa.table(columns, schema=BELONGING)


def parted(belonging: pa.Table, customers: Sequence[pa.ChunkedArray]) -> list[pa.Table]:
    """The audiences of customers in parts, of which no two share one."""
    different = [compute.unique(each) for each in customers]
    place = compute.index_in(belonging["customer_id"], value_set=pa.concat_arrays(different))
    stops = np.cumsum([len(each) for each in different])
    part = np.searchsorted(stops, compute.fill_null(place, int(stops[-1])).to_numpy(), "right")
    return [belonging.filter(pa.array(part == number)) for number in range(len(different))]


def _people(customers: Collection[str] | None) -> Subquery:
    """Customers with their attributes: customer_id, country, segment, account_manager."""
    known, accounts = mirror.customer.c, _accounts(customers)
    everybody = union(
        _only(select(known.id.label("customer_id")), known.id, customers),
        _only(select(mirror.subscription.c.customer_id), mirror.subscription.c.customer_id, customers),
    ).subquery()
    mine = everybody.c.customer_id
    return (
        select(
            mine,
            func.coalesce(accounts.c.country, func.nullif(known.country, "")).label("country"),
            accounts.c.segment,
            accounts.c.account_manager,
        )
        .select_from(everybody)
        .join(mirror.customer, known.id == mine, isouter=True)
        .join(accounts, accounts.c.customer_id == mine, isouter=True)
        .subquery("people")
    )


def _accounts(customers: Collection[str] | None) -> Subquery:
    """What the company's accounts say of each customer; of several, the first in the alphabet."""
    account = application.account.c
    attributes = (func.min(func.nullif(account[name], "")).label(name) for name in ATTRIBUTES)
    query = select(account.stripe_customer_id.label("customer_id"), *attributes)
    query = query.where(account.deleted_at.is_(None))
    return _only(query, account.stripe_customer_id, customers).group_by(account.stripe_customer_id).subquery()


Query = TypeVar("Query", Select[Any], Delete)


def _only(query: Query, column: ColumnElement[Any], customers: Collection[str] | None) -> Query:
    return query.where(column.is_not(None) if customers is None else column.in_(customers))


def _add_new(connection: Connection, people: Subquery) -> None:
    """Number the combinations of attributes that had none yet; a number is never given to another."""
    table = ledger.audience
    missing = (
        select(*(people.c[name] for name in ATTRIBUTES))
        .join(table, _same(people, table), isouter=True)
        .where(table.c.id.is_(None))
        .distinct()
        .order_by(*(people.c[name] for name in ATTRIBUTES))
    )
    connection.execute(insert(table).from_select(ATTRIBUTES, missing))


def _found(people: Subquery) -> Select[tuple[str, int]]:
    """Each customer with the number of their attributes: customer_id, audience_id."""
    table = ledger.audience
    return select(people.c.customer_id, table.c.id.label("audience_id")).join(table, _same(people, table))


def _same(one: NamedFromClause, other: NamedFromClause) -> ColumnElement[bool]:
    """Equal attributes, not known equal to not known; written so that a database can join by hash."""
    return and_(*(func.coalesce(one.c[name], "") == func.coalesce(other.c[name], "") for name in ATTRIBUTES))
