"""One page of the customers that filters leave, walked along an index from where it begins."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
)

from data.account_sums import latest_use
from data.frames.reading import read
from data.tables import application, ledger, mirror
from data.tables.customers import customer_standing
from data.tables.types import UTCDateTime

OVER = ("canceled", "incomplete_expired")
FEW = 2_000
"""So many ids are looked up one by one; of more, each row along the walk is asked whether it is one."""

standing, account = customer_standing.c, application.account.c
customer, subscription = mirror.customer.c, mirror.subscription.c
item, price = mirror.subscription_item.c, mirror.price.c
known, audience = ledger.customer_audience.c, ledger.audience.c
Wanted = list[ColumnElement[bool]]


@dataclass(frozen=True)
class Order:
    """Rows by a column and, of the same value, by kind and id: forwards (1) or backwards (-1)."""

    by: ColumnElement[Any]
    way: int

    def sorted(self, query: Select[Any]) -> Select[Any]:
        """The query's rows in this order."""
        keys = (self.by, standing.kind, standing.id)
        return query.order_by(*(each if self.way > 0 else each.desc() for each in keys))

    def beyond(self, place: str) -> Iterator[ColumnElement[bool]]:
        """Rows after a place; no condition for a text that names none."""
        try:
            value, kind, key = json.loads(place)
            value = datetime.fromisoformat(value) if isinstance(self.by.type, UTCDateTime) else value
        except (ValueError, TypeError):
            return
        here = tuple_(self.by, standing.kind, standing.id)
        there = tuple_(literal(value, self.by.type), literal(str(kind)), literal(str(key)))
        yield here > there if self.way > 0 else here < there

    def places(self, frame: pd.DataFrame) -> list[str]:
        """Where each row stands, as texts for `beyond`."""
        values = [_plain(each) for each in frame["sorted_by"]]
        return [json.dumps(place) for place in zip(values, frame["kind"], frame["id"], strict=True)]


def _plain(value: Any) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str) else int(value)


ORDERS = {
    "name": Order(standing.called, 1),
    "newest": Order(standing.created_at, -1),
    "renewal": Order(standing.renews_at, 1),
    "arr": Order(standing.arr, -1),
}
"""The ways that a list may be sorted; by run rate only within one currency."""


@dataclass(frozen=True)
class Asked:
    """What a list of customers is narrowed to; None and nothing are no condition."""

    now: datetime
    states: Collection[str] = ()
    products: Collection[str] | None = None
    intervals: Collection[str] | None = None
    plans: Collection[str] = ()  # what the application calls them, for accounts that Stripe does not know
    currency: str = ""
    countries: Collection[str] = ()  # of these three an empty text is: not known
    segments: Collection[str] = ()
    account_managers: Collection[str] = ()
    renews_until: datetime | None = None
    among: Collection[str] | None = None  # ids of customers and accounts

    @property
    def people(self) -> dict[str, Collection[str]]:
        """The attributes that are asked for, by their names."""
        every = {"country": self.countries, "segment": self.segments}
        every["account_manager"] = self.account_managers
        return {name: values for name, values in every.items() if values}


def customer_page(
    engine: Engine, now: datetime, *, sort: str = "name", after: str = "", limit: int = 50, **narrowed: Any
) -> pd.DataFrame:
    """Customers, and accounts that Stripe does not know, as the fields of Asked narrow them.

    after is the `place` of the last row of the page before. Columns: kind (customer, account), id, name,
    email, country, segment, account_manager, state, product_ids and intervals (joined by |), plan (the
    application's word), currency, arr (minor units), renews_at, created_at, capacity and used (missing unless
    all accounts of a customer have them), place.
    """
    order, asked = ORDERS[sort], Asked(now, **narrowed)
    with engine.connect() as connection:
        branches = list(_branches(connection, asked)) or [[false()]]
    some = [*_always(asked, sort), *order.beyond(after)]
    walks = [
        select(order.sorted(select(standing.kind, standing.id).where(*each, *some)).limit(limit).subquery())
        for each in branches
    ]
    found = (union(*walks) if len(walks) > 1 else walks[0]).subquery()
    here = and_(standing.kind == found.c.kind, standing.id == found.c.id)
    query = _listed(order).join(found, here)
    frame = read(engine, order.sorted(query).limit(limit))
    frame = frame.merge(_held(engine, frame["id"]), how="left", on="id")
    frame["place"] = pd.Series(order.places(frame), index=frame.index, dtype="string")
    return frame.drop(columns="sorted_by")


def _always(asked: Asked, sort: str) -> Wanted:
    """What holds of every row, whichever branch it comes from."""
    wanted: Wanted = []
    if asked.currency or sort == "arr":
        wanted.append(standing.currency == asked.currency)
    if asked.renews_until is not None or sort == "renewal":
        wanted.append(standing.renews_at >= asked.now)
    if asked.renews_until is not None:
        wanted.append(standing.renews_at < asked.renews_until)
    if asked.among is not None:
        wanted.append(standing.id.in_(list(asked.among)))
    return wanted


def _branches(connection: Connection, asked: Asked) -> Iterator[Wanted]:
    """Conditions, each list a walk along one index; a row that meets any list is wanted."""
    narrow = asked.people or asked.products is not None or asked.intervals is not None
    if not narrow:
        yield from [[standing.state == state] for state in asked.states] or [[]]
        return
    customers: Wanted = [standing.kind == "customer"]
    if asked.products is not None or asked.intervals is not None:
        customers.append(_among(connection, _holding(asked), subscription.customer_id))
    if asked.people:
        customers.append(_among(connection, _belonging(asked), known.customer_id))
    accounts = [standing.kind == "account", standing.id.in_(_accounts(asked))]
    theirs = [[standing.state == state] for state in asked.states if state != "account"]
    if theirs or not asked.states:
        yield from [[*customers, *each] for each in theirs or [[]]]
    if asked.intervals is None and (not asked.states or "account" in asked.states):
        yield accounts


def _among(connection: Connection, ids: Select[Any], key: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row is one of some ids: looked up from the few, or asked along the walk of the many."""
    few = connection.scalar(select(func.count()).select_from(ids.limit(FEW).subquery()))
    return standing.id.in_(ids) if (few or 0) < FEW else exists(ids.where(key == standing.id))


def _holding(asked: Asked) -> Select[Any]:
    """Customers with a subscription, not over, of some products and intervals."""
    query = (
        select(subscription.customer_id)
        .join(mirror.subscription_item, item.subscription_id == subscription.id)
        .join(mirror.price, price.id == item.price_id)
        .where(subscription.status.not_in(OVER), subscription.deleted_at.is_(None), item.deleted_at.is_(None))
    )
    if asked.products is not None:
        query = query.where(price.product_id.in_(list(asked.products)))
    if asked.intervals is not None:
        query = query.where(_interval().in_(list(asked.intervals)))
    return query


def _interval() -> ColumnElement[str]:
    return cast(func.coalesce(price.recurring_interval_count, 1), Text) + price.recurring_interval


def _belonging(asked: Asked) -> Select[Any]:
    """Customers of some countries, segments and account managers."""
    query = select(known.customer_id).join(ledger.audience, audience.id == known.audience_id)
    return query.where(*(_said(audience[name], values) for name, values in asked.people.items()))


def _said(column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    return func.coalesce(column, "").in_(list(values))


def _accounts(asked: Asked) -> Select[Any]:
    """Accounts of the same attributes, and on a plan of these names."""
    query = select(account.account_id).where(account.stripe_customer_id.is_(None))
    query = query.where(*(_said(account[name], values) for name, values in asked.people.items()))
    return query if asked.products is None else query.where(func.lower(account.plan).in_(list(asked.plans)))


def _of_accounts(name: str) -> ColumnElement[Any]:
    """What the accounts behind a row say; of several the first in the alphabet."""
    mine = account.stripe_customer_id == standing.id
    theirs = select(func.min(account[name])).where(mine, account.deleted_at.is_(None)).scalar_subquery()
    own = select(account[name]).where(account.account_id == standing.id).scalar_subquery()
    return func.coalesce(theirs, own)


def _listed(order: Order) -> Select[Any]:
    """Rows with what a list shows of them."""
    return select(
        standing.kind,
        standing.id,
        func.coalesce(customer.name, _of_accounts("name")).label("name"),
        func.coalesce(customer.email, _of_accounts("owner")).label("email"),
        func.coalesce(_of_accounts("country"), customer.country).label("country"),
        *(_of_accounts(name).label(name) for name in ("segment", "account_manager", "plan")),
        standing.state,
        standing.currency,
        standing.arr,
        standing.renews_at,
        standing.created_at,
        order.by.label("sorted_by"),
    ).join(mirror.customer, and_(standing.kind == "customer", customer.id == standing.id), isouter=True)


def _held(engine: Engine, ids: "pd.Series[Any]") -> pd.DataFrame:
    """What each has now: id, product_ids and intervals, joined by |, and capacity and use."""
    parts = [_held_by(engine, list(ids[start : start + 5_000])) for start in range(0, len(ids) or 1, 5_000)]
    return pd.concat(parts, ignore_index=True)


def _held_by(engine: Engine, ids: Sequence[str]) -> pd.DataFrame:
    query = (
        select(subscription.customer_id.label("id"), price.product_id, _interval().label("interval"))
        .join(mirror.subscription_item, item.subscription_id == subscription.id)
        .join(mirror.price, price.id == item.price_id)
        .where(subscription.customer_id.in_(ids), subscription.status.not_in(OVER))
        .where(subscription.deleted_at.is_(None), item.deleted_at.is_(None))
        .order_by(item.position, item.id)
    )
    rows = read(engine, query).groupby("id")
    joined = rows.agg({"product_id": _joined, "interval": _joined}).reset_index()
    owner = func.coalesce(account.stripe_customer_id, account.account_id)
    company = (
        select(owner.label("id"), account.capacity, latest_use().label("used"))
        .where(account.deleted_at.is_(None))
        .where(or_(account.stripe_customer_id.in_(ids), account.account_id.in_(ids)))
    )
    sums = read(engine, company).groupby("id").agg(_whole).reset_index()
    every = pd.DataFrame({"id": pd.Series(list(ids), dtype="string")})
    names = {"product_id": "product_ids", "interval": "intervals"}
    return every.merge(joined.rename(columns=names), how="left").merge(sums, how="left")


def _whole(values: "pd.Series[Any]") -> Any:
    """Their sum; missing where one of them is, since a part is not the whole."""
    return values.sum(skipna=False)


def _joined(values: "pd.Series[Any]") -> str:
    return "|".join(dict.fromkeys(str(each) for each in values.dropna()))
