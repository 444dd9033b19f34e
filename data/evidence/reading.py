"""The mirror's rows that tell of the past, for some customers or for all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, and_, case, cast, func, or_, select

from data.records.fields import listed, reference
from data.tables import mirror

Json = dict[str, Any]
Rows = Mapping[str, list[Any]]
Customers = Sequence[str] | None
Failure = tuple[str | None, int | None]
AT_ONCE = 5_000
"""More ids than this are not named one by one: everything is read."""

event, subscription = mirror.event.c, mirror.subscription.c
schedule, charge = mirror.subscription_schedule.c, mirror.charge.c


def _named(table: Table, names: str) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in names.split()]


_CHARGED = "id subscription_id subscription_item_id price_id quantity amount proration credited_lines"
LINE = _named(
    mirror.invoice_line,
    f"{_CHARGED} invoice_id invoice_item_id discount_amounts period_start period_end",
)
PENDING = _named(mirror.invoice_item, f"{_CHARGED} period_start period_end")
BILL = _named(
    mirror.invoice,
    "id customer_id subscription_id status billing_reason collection_method amount_due attempt_count"
    " discounts created_at finalized_at paid_at marked_uncollectible_at",
)
EVENT = _named(mirror.event, "id type object_id data created_at")


class Found(NamedTuple):
    """Rows by what they belong to; by subscription where nothing else is said."""

    events: Rows
    lines: list[Any]
    pending: list[Any]
    bills: Rows
    schedules: Rows
    failures: Mapping[Failure, list[datetime]]  # attempts, in order of time
    discounts: Mapping[str, Json]  # discount objects that events show, by id
    events_from: datetime | None


def read(connection: Connection, customers: Customers) -> Found:
    """Everything that tells of the past of some customers' subscriptions (None: of all)."""
    events, bills = _events(connection, customers), _bills(connection, customers)
    return Found(
        events,
        _lines(connection, customers),
        _rows(connection, mirror.invoice_item, PENDING, customers),
        bills,
        _schedules(connection, customers),
        _failures(connection, customers),
        _discounts(connection, _discounts_named(events, bills)),
        events_from(connection),
    )


def events_from(connection: Connection) -> datetime | None:
    """The oldest event that is kept: what happened to a subscription since has left an event."""
    found: datetime | None = connection.execute(select(func.min(event.created_at))).scalar()
    return found


def _rows(
    connection: Connection, table: Table, columns: Sequence[ColumnElement[Any]], customers: Customers
) -> list[Any]:
    """Rows that name a subscription of these customers and are not deleted, in order of id."""
    query = _theirs(select(*columns), table.c.subscription_id, customers)
    return list(connection.execute(query.where(table.c.deleted_at.is_(None)).order_by(table.c.id)).all())


def _lines(connection: Connection, customers: Customers) -> list[Any]:
    """Invoice lines, without those that say and continue what the ones around them say of an item.

    billed_until: how far the subscription's lines that begin before reach.
    """
    line = mirror.invoice_line.c
    said = (line.price_id, line.quantity, line.amount == 0, line.proration)
    order = (line.period_start, line.id)
    of_item: dict[str, Any] = {"partition_by": line.subscription_item_id, "order_by": order}
    before, after = (*said, line.period_end), (*said, line.period_start)
    pairs = zip((*before, *after), (*said, line.period_start, *said, line.period_end), strict=True)
    sides = [func.lag] * len(before) + [func.lead] * len(after)
    differs = or_(
        *(
            side(other).over(**of_item).is_distinct_from(own)
            for side, (other, own) in zip(sides, pairs, strict=True)
        )
    )
    reached = func.max(line.period_end).over(
        partition_by=line.subscription_id, order_by=order, rows=(None, -1)
    )
    read = select(*LINE, differs.label("differs"), reached.label("billed_until"))
    read = read.where(line.deleted_at.is_(None))
    every = _theirs(read, line.subscription_id, customers).subquery()
    names = (*(column.name for column in LINE), "billed_until")
    discounted = func.length(cast(every.c.discount_amounts, Text)) > len("null")
    telling = or_(every.c.differs, every.c.proration, discounted)
    kept = select(*(every.c[name] for name in names)).where(telling)
    return list(connection.execute(kept.order_by(every.c.id)).all())


def _theirs(query: Select[Any], column: ColumnElement[Any], customers: Customers) -> Select[Any]:
    if customers is None:
        return query.where(column.is_not(None))
    owned = select(subscription.id).where(subscription.customer_id.in_(customers))
    return query.where(column.in_(owned))


def _by(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if key := getattr(row, name):
            found[key].append(row)
    return found


def _events(connection: Connection, customers: Customers) -> Rows:
    about = (event.object_type == "subscription", event.type.like("customer.subscription.%"))
    query = select(*EVENT).where(*about, event.created_at.is_not(None))
    return _by(connection.execute(_theirs(query, event.object_id, customers)), "object_id")


def _bills(connection: Connection, customers: Customers) -> Rows:
    """First invoices, and all of a subscription that had a discount or trouble with a payment."""
    bill = mirror.invoice.c
    trouble = (bill.discount > 0, bill.discounts.is_not(None), bill.attempt_count > 1)
    troubled = case((or_(*trouble, bill.marked_uncollectible_at.is_not(None)), 1), else_=0)
    telling = func.max(troubled).over(partition_by=bill.subscription_id).label("telling")
    found = _theirs(select(*BILL, bill.deleted_at, telling), bill.subscription_id, customers).subquery().c
    query = select(*(found[column.name] for column in BILL)).where(found.deleted_at.is_(None))
    told = or_(found.billing_reason == "subscription_create", found.telling == 1)
    return _by(connection.execute(query.where(told).order_by(found.created_at, found.id)), "subscription_id")


def _schedules(connection: Connection, customers: Customers) -> Rows:
    query = select(mirror.subscription_schedule).order_by(schedule.id)
    if customers is not None:
        query = query.where(schedule.customer_id.in_(customers))
    rows = connection.execute(query).all()
    found = _by(rows, "subscription_id")
    for key, released in _by(rows, "released_subscription_id").items():
        found[key] = [*found.get(key, ()), *released]
    return found


def _failures(connection: Connection, customers: Customers) -> Mapping[Failure, list[datetime]]:
    """Attempts that failed: by (invoice, None) where its payment names it, else by customer and amount."""
    paid = mirror.invoice_payment.c
    whose = and_(paid.payment_intent_id == charge.payment_intent_id, paid.deleted_at.is_(None))
    query = select(charge.customer_id, charge.amount, charge.created_at, paid.invoice_id)
    query = query.join_from(mirror.charge, mirror.invoice_payment, whose, isouter=True)
    query = query.where(charge.status == "failed", charge.created_at.is_not(None))
    if customers is not None:
        query = query.where(charge.customer_id.in_(customers))
    found: dict[Failure, list[datetime]] = defaultdict(list)
    for row in connection.execute(query.order_by(charge.created_at)):
        key = (row.invoice_id, None) if row.invoice_id else (row.customer_id, row.amount)
        found[key].append(row.created_at)
    return found


def _discounts_named(events: Rows, bills: Rows) -> set[str]:
    """The ids of discounts that events and invoices name without showing them."""
    objects = [obj for rows in events.values() for row in rows for obj in _sides(row)]
    given = [each for obj in objects for each in _discounts_of(obj)]
    given += [each for rows in bills.values() for row in rows for each in row.discounts or ()]
    return {each for each in given if isinstance(each, str)} | {
        each["id"] for each in given if isinstance(each, dict) and "start" not in each
    }


def _discounts_of(obj: Json) -> list[str | Json]:
    inside = [each for item in listed(obj.get("items")) for each in item.get("discounts") or ()]
    return [*(obj.get("discounts") or ()), *inside]


def _discounts(connection: Connection, ids: set[str]) -> Mapping[str, Json]:
    if not ids:
        return {}
    query = select(event.data).where(event.object_type == "discount")
    if len(ids) <= AT_ONCE:
        query = query.where(event.object_id.in_(ids))
    objects = [row.data["object"] for row in connection.execute(query)]
    return {obj["id"]: obj for obj in objects if reference(obj)}


def price_ids(found: Found) -> set[str]:
    """The prices that all of it names."""
    named = {row.price_id for row in (*found.lines, *found.pending)}
    for rows in found.events.values():
        for obj in (obj for row in rows for obj in _sides(row)):
            named |= {reference(each.get("price")) for each in listed(obj.get("items"))}
    return {each for each in named if each}


def _sides(row: Any) -> tuple[Json, Json]:
    """An event's object, and what changed of it as it was."""
    return row.data["object"], row.data.get("previous_attributes") or {}
