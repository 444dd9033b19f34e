"""When each period ends that no contract governs, what it is worth and what puts it at risk: in SQL."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Float,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    true,
    type_coerce,
    union,
)

from data.account_sums import latest_use
from data.frames.due import COMMITTED, missing_addons
from data.frames.reading import total
from data.frames.risks import OVERUSE, RISKS, UNDERUSE
from data.frames.shared import in_force
from data.tables import application, ledger, mirror, operations
from data.tables.due import BUILT, renewal_due
from data.tables.findings import finding

BITS = {name: 1 << place for place, name in enumerate(RISKS)}
SAID = ("notice_days", "auto_renews", "price_until")
"""Words in a subscription's metadata that make terms of their own."""

subscription, item, customer = mirror.subscription.c, mirror.subscription_item.c, mirror.customer.c
schedule, method, quote = mirror.subscription_schedule.c, mirror.payment_method.c, mirror.quote.c
account, line, price = application.account.c, ledger.timeline.c, mirror.price.c


def rows(connection: Connection, now: datetime) -> FromClause:
    """The rows as they are kept; worked out where they never were."""
    return renewal_due if built(connection) else periods(connection.dialect.name, now).subquery()


def built(connection: Connection) -> datetime | None:
    """The instant that the kept rows are as of; None: there are none."""
    found = noted(connection, BUILT)
    return datetime.fromisoformat(found) if found else None


def noted(connection: Connection, name: str) -> str | None:
    """What sync_state keeps under a name."""
    state = operations.sync_state.c
    return connection.scalar(select(state.value).where(state.name == name))


def under_contract(customers: Collection[str] | None = None) -> Select[Any]:
    """The ids of subscriptions, of some customers at least, whose renewals more than a period may govern."""
    running, accepted = schedule.status == "active", quote.status == "accepted"
    named = subscription.schedule_id == schedule.id
    text = cast(subscription.metadata, Text)
    told = or_(*(text.like(f'%"{word}"%') for word in SAID))
    found = union(
        select(schedule.subscription_id).where(running, schedule.subscription_id.is_not(None)),
        select(subscription.id).where(running).join(mirror.subscription_schedule, named),
        select(quote.subscription_id).where(accepted, quote.subscription_id.is_not(None)),
        select(schedule.subscription_id)
        .join(mirror.quote, quote.subscription_schedule_id == schedule.id)
        .where(accepted, schedule.subscription_id.is_not(None)),
        select(subscription.id).where(told, of(subscription.customer_id, customers)),
    )
    return select(found.subquery().c[0])


def periods(dialect: str, now: datetime, customers: Collection[str] | None = None) -> Select[Any]:
    """The columns of the table: a row for each subscription, interval and end of a period with a value."""
    held = _held(dialect, now, customers).subquery()
    company = _use(customers)
    default = func.coalesce(subscription.default_payment_method_id, customer.default_payment_method_id)
    return (
        select(
            held.c.subscription_id,
            subscription.customer_id,
            held.c.due_at,
            day(dialect, held.c.due_at).label("due_on"),
            held.c.interval,
            subscription.currency,
            held.c.product_ids,
            held.c.arr,
            _risks(dialect, held.c.due_at, company, default).label("risks"),
        )
        .join(mirror.subscription, subscription.id == held.c.subscription_id)
        .join(mirror.customer, customer.id == subscription.customer_id, isouter=True)
        .join(mirror.payment_method, method.id == default, isouter=True)
        .join(company, company.c.customer_id == subscription.customer_id, isouter=True)
    )


def _held(dialect: str, now: datetime, customers: Collection[str] | None) -> Select[Any]:
    """What ends together: subscription_id, interval, due_at, product_ids, arr."""
    products: ColumnElement[str] = func.aggregate_strings(price.product_id, "|")
    if dialect == "postgresql":  # SQLite adds up in the order of its rows, PostgreSQL in any
        products = func.aggregate_strings(price.product_id, "|").aggregate_order_by(item.position, item.id)
    count = func.coalesce(func.nullif(price.recurring_interval_count, 0), 1)
    every = case((price.recurring_interval.is_(None), ""), else_=cast(count, Text) + price.recurring_interval)
    mine = and_(line.subscription_id == item.subscription_id, line.subscription_item_id == item.id)
    query = (
        select(
            item.subscription_id,
            item.current_period_end.label("due_at"),
            every.label("interval"),
            products.label("product_ids"),
            func.coalesce(total(line.arr), 0).label("arr"),
        )
        .join(mirror.subscription, subscription.id == item.subscription_id)
        .join(mirror.price, price.id == item.price_id, isouter=True)
        .join(ledger.timeline, and_(mine, in_force(now)), isouter=True)
        .where(item.current_period_end.is_not(None), item.deleted_at.is_(None))
        .where(subscription.status.in_(COMMITTED), subscription.deleted_at.is_(None))
        .where(or_(line.arr.is_not(None), subscription.status == "unpaid"))
        .where(item.subscription_id.not_in(under_contract(customers)))
        .group_by(item.subscription_id, item.current_period_end, every)
    )
    return query.where(of(subscription.customer_id, customers))


def of(customer_id: ColumnElement[Any], customers: Collection[str] | None) -> ColumnElement[bool]:
    """Of some customers; None: of all."""
    return true() if customers is None else customer_id.in_(customers)


def _use(customers: Collection[str] | None) -> Subquery:
    """Capacity and use of customers all of whose accounts say both."""
    each = select(
        account.stripe_customer_id.label("customer_id"), account.capacity, latest_use().label("used")
    ).where(account.stripe_customer_id.is_not(None), account.deleted_at.is_(None))
    part = each.where(of(account.stripe_customer_id, customers)).subquery().c
    known = and_(func.count(part.capacity) == func.count(), func.count(part.used) == func.count())
    return (
        select(part.customer_id, total(part.capacity).label("capacity"), total(part.used).label("used"))
        .group_by(part.customer_id)
        .having(known)
        .subquery()
    )


def _risks(
    dialect: str, due_at: ColumnElement[datetime], company: Subquery, default: ColumnElement[Any]
) -> ColumnElement[int]:
    """The sum of the bits of the reasons; see data.frames.risks, which also has the evidence of each."""
    automatic = subscription.collection_method == "charge_automatically"
    has_default = or_(default.is_not(None), customer.default_source_id.is_not(None))
    other = mirror.payment_method.alias().c
    has_methods = exists().where(other.customer_id == subscription.customer_id, other.deleted_at.is_(None))
    month = cast(func.replace(part(dialect, due_at, 7), "-", ""), Integer)
    share = cast(company.c.used, Float) / func.nullif(company.c.capacity, 0)
    found = {
        "set to cancel": or_(subscription.cancel_at_period_end, subscription.cancel_at.is_not(None)),
        "past due": subscription.status == "past_due",
        "unpaid": subscription.status == "unpaid",
        "collection paused": subscription.pause_behavior.is_not(None),
        "card expires before the due date": and_(
            automatic, method.card_exp_year * 100 + method.card_exp_month < month
        ),
        "no payment method on file": and_(automatic, ~has_default, ~has_methods),
        "no default payment method": and_(automatic, ~has_default, has_methods),
        "use above 100% of capacity": share > OVERUSE,
        "use below 40% of capacity": share < UNDERUSE,
        "add-on paid and not live": subscription.customer_id.in_(
            select(finding.c.customer_id).where(missing_addons(), finding.c.customer_id.is_not(None))
        ),
    }
    bits = [case((condition, BITS[name]), else_=0) for name, condition in found.items()]
    return sum(bits[1:], start=bits[0])


def day(dialect: str, at: ColumnElement[datetime]) -> ColumnElement[date]:
    """The UTC day of an instant."""
    text = part(dialect, at, 10)
    return type_coerce(text, Date) if dialect == "sqlite" else cast(text, Date)


def part(dialect: str, at: ColumnElement[datetime], letters: int) -> ColumnElement[str]:
    """The first letters of an instant in UTC: 7 are its month, 10 its day; SQLite keeps it as such a text."""
    if dialect == "sqlite":
        return func.substr(cast(at, Text), 1, letters, type_=Text)
    return func.left(func.to_char(func.timezone("UTC", at), "YYYY-MM-DD"), letters, type_=Text)
