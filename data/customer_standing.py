"""How each customer stands: a row a customer, kept up by every sync, so that lists need not add up.

state: unpaid, past_due, leaving (set to end), active, trialing, paused, incomplete, former (had a
subscription), never (had none), and account (the company's own account, which Stripe does not know).
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Row,
    Select,
    Subquery,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
)

from data.bulk import indexed_after, insert_table
from data.database import upsert
from data.search.words import folded
from data.tables import application, ledger, mirror, operations
from data.tables.customers import customer_standing
from data.touched import touched

BUILT = "customer_standing_at"
"""Under this name sync_state keeps the instant that the rows are as of."""
BATCH = 50_000
OVER = ("canceled", "incomplete_expired")
STATES = ("unpaid", "past_due", "leaving", "active", "trialing", "paused", "incomplete", "former")
"""What a customer's subscriptions come to: the first of these that any is."""
RENEWING = ("active", "past_due", "trialing", "unpaid")

_customer, _account, _line = mirror.customer.c, application.account.c, ledger.timeline.c
_subscription, _item = mirror.subscription.c, mirror.subscription_item.c
_standing = customer_standing.c
SHAPE = pa.schema(
    [
        ("kind", pa.string()),
        ("id", pa.string()),
        ("called", pa.string()),
        ("state", pa.string()),
        ("currency", pa.string()),
        ("arr", pa.int64()),
        ("renews_at", pa.timestamp("us", "UTC")),
        ("created_at", pa.timestamp("us", "UTC")),
    ]
)


def refresh(connection: Connection, customers: Collection[str] | None, now: datetime) -> None:
    """Write down how some customers (None: all) stand now, and those whose run rate changed by itself."""
    built = _noted(connection, BUILT)
    chosen = touched(connection, customers, datetime.fromisoformat(built) if built else None, now)
    mine = _only(delete(customer_standing).where(_standing.kind == "customer"), _standing.id, chosen)
    connection.execute(mine)
    _write(connection, _customers(chosen, now), "customer", lambda row: (*STATES, "never")[row.rank])
    upsert(connection, operations.sync_state, [{"name": BUILT, "value": now.isoformat()}])


def refresh_accounts(connection: Connection) -> None:
    """Write down the accounts that Stripe does not know, as they were last copied."""
    connection.execute(delete(customer_standing).where(_standing.kind == "account"))
    unknown = select(
        _account.account_id.label("id"),
        func.coalesce(_account.name, _account.owner, _account.account_id).label("called"),
        literal(0).label("arr"),
        func.coalesce(_account.created_at, _account.observed_at).label("created_at"),
    ).where(_account.stripe_customer_id.is_(None), _account.deleted_at.is_(None))
    _write(connection, unknown, "account", lambda _: "account")


def is_missing(connection: Connection) -> bool:
    """Whether the database was synced before there was this table."""
    return bool(_noted(connection, ledger.REFRESHED)) and not _noted(connection, BUILT)


def build_missing(engine: Engine, *, anew: bool = False) -> None:
    """Fill the table in a database that was synced before there was one, or anew, as of its ledger."""
    with engine.begin() as connection:
        at = _noted(connection, ledger.REFRESHED)
        if at and (anew or is_missing(connection)):
            refresh(connection, None, datetime.fromisoformat(at))
            refresh_accounts(connection)


def _noted(connection: Connection, name: str) -> str | None:
    state = operations.sync_state.c
    return connection.scalar(select(state.value).where(state.name == name))


Query = TypeVar("Query", Select[Any], Delete)


def _only(query: Query, column: ColumnElement[Any], customers: Collection[str] | None) -> Query:
    return query if customers is None else query.where(column.in_(list(customers)))


def _customers(customers: Collection[str] | None, now: datetime) -> Select[Any]:
    """Customers that are not deleted: id, called, state, currency, arr, renews_at, created_at."""
    has, renews, worth = _having(customers), _renewals(customers), _worth(customers, now)
    query = (
        select(
            _customer.id,
            func.coalesce(_customer.name, _customer.email, _customer.id).label("called"),
            func.coalesce(has.c.rank, len(STATES)).label("rank"),
            func.coalesce(worth.c.currency, _customer.currency).label("currency"),
            func.coalesce(worth.c.arr, 0).label("arr"),
            renews.c.renews_at,
            func.coalesce(_customer.created_at, _customer.observed_at).label("created_at"),
        )
        .join(has, has.c.customer_id == _customer.id, isouter=True)
        .join(renews, renews.c.customer_id == _customer.id, isouter=True)
        .join(worth, worth.c.customer_id == _customer.id, isouter=True)
        .where(_customer.deleted_at.is_(None))
    )
    return _only(query, _customer.id, customers)


def _leaving() -> ColumnElement[bool]:
    return or_(_subscription.cancel_at.is_not(None), func.coalesce(_subscription.cancel_at_period_end, False))


def _having(customers: Collection[str] | None) -> Subquery:
    """What the subscriptions of each customer come to: customer_id, rank (a place in STATES)."""
    said = _subscription.status
    places = {state: place for place, state in enumerate(STATES)}
    rank = case(
        (said.in_(("unpaid", "past_due", "trialing", "paused", "incomplete")), case(places, value=said)),
        (said.in_(OVER), places["former"]),
        (_leaving(), places["leaving"]),
        else_=places["active"],
    )
    query = select(_subscription.customer_id, func.min(rank).label("rank"))
    query = query.where(_subscription.deleted_at.is_(None)).group_by(_subscription.customer_id)
    return _only(query, _subscription.customer_id, customers).subquery()


def _renewals(customers: Collection[str] | None) -> Subquery:
    """The first period to end of what goes on: customer_id, renews_at."""
    query = (
        select(_subscription.customer_id, func.min(_item.current_period_end).label("renews_at"))
        .join(mirror.subscription_item, _item.subscription_id == _subscription.id)
        .where(
            _subscription.status.in_(RENEWING),
            ~_leaving(),
            _subscription.deleted_at.is_(None),
            _item.deleted_at.is_(None),
        )
        .group_by(_subscription.customer_id)
    )
    return _only(query, _subscription.customer_id, customers).subquery()


def _worth(customers: Collection[str] | None, now: datetime) -> Subquery:
    """The run rate in the currency where it is most: customer_id, currency, arr."""
    arr = cast(func.sum(_line.arr), BigInteger)
    place = func.row_number().over(partition_by=_line.customer_id, order_by=(arr.desc(), _line.currency))
    query = (
        select(_line.customer_id, _line.currency, arr.label("arr"), place.label("place"))
        .where(_line.counted, _line.arr > 0, _line.from_at <= now)
        .where(or_(_line.to_at.is_(None), _line.to_at > now))
        .group_by(_line.customer_id, _line.currency)
    )
    each = _only(query, _line.customer_id, customers).subquery()
    return select(each.c.customer_id, each.c.currency, each.c.arr).where(each.c.place == 1).subquery()


def _write(connection: Connection, query: Select[Any], kind: str, state: Callable[[Any], str]) -> None:
    """Insert a row for each of the query's; all are read before, since SQLite may drop indexes meanwhile."""
    names = [column.name for column in query.selected_columns]

    def batch(found: Sequence[Row[Any]]) -> pa.RecordBatch:
        columns = dict(zip(names, zip(*found, strict=True), strict=True))
        columns |= {"kind": (kind,) * len(found), "state": tuple(map(state, found))}
        columns["called"] = tuple(map(folded, columns["called"]))
        nothing = (None,) * len(found)
        return pa.record_batch([pa.array(columns.get(f.name, nothing), f.type) for f in SHAPE], SHAPE)

    batches = [batch(found) for found in connection.execute(query).partitions(BATCH)]
    rows = pa.Table.from_batches(batches, SHAPE)
    with indexed_after(connection, customer_standing, len(rows)):
        insert_table(connection, customer_standing, rows)
