"""What is read to say what falls due: items, contracts, the company's accounts, discounts and quotes.

Only subscriptions that may fall due inside the horizon are read: their period ends there, or they have
a contract.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from data.frames.reading import total
from data.frames.shared import in_force
from data.tables import application, ledger, mirror
from data.tables.findings import NOT_LIVE, finding
from data.tables.quotes import sales_quote, sales_quote_version

subscription, item, customer = mirror.subscription.c, mirror.subscription_item.c, mirror.customer.c
schedule, method, quote = mirror.subscription_schedule.c, mirror.payment_method.c, mirror.quote.c
account, use, line = application.account.c, application.account_use.c, ledger.timeline.c

COMMITTED = ("active", "past_due", "unpaid")
"""Statuses whose period is committed: a trial is not, and what ended has none."""
OFFERED = ("draft", "open", "accepted")
"""Statuses of a quote that may lead, or has led, to a contract."""

ON_THE_WAY = ("draft", "waiting", "approved", "sent")
"""States of a quote of our own that may still lead to a contract."""

Ids = Select[Any]


@dataclass(frozen=True)
class Company:
    """What the company's own accounts say of a customer; capacity and use only where all of them say it."""

    account_manager: str | None = None
    segment: str | None = None
    country: str | None = None
    capacity: int | None = None
    used: int | None = None
    used_on: date | None = None

    @property
    def share(self) -> float | None:
        """Use as a share of the bought capacity; None when either is not known."""
        return None if self.used is None or not self.capacity else self.used / self.capacity


def candidates(now: datetime, until: datetime) -> Ids:
    """The ids of subscriptions that may fall due from now until an instant (exclusive)."""
    ends = item.current_period_end
    by_period = select(item.subscription_id).where(ends >= now, ends < until, item.deleted_at.is_(None))
    contracts = (schedule.status == "active", schedule.end_behavior.in_(("cancel", "release")))
    by_schedule = select(schedule.subscription_id).where(*contracts)
    accepted = quote.status == "accepted"
    by_quote = select(quote.subscription_id).where(accepted, quote.subscription_id.is_not(None))
    through = (
        select(schedule.subscription_id)
        .join(mirror.quote, quote.subscription_schedule_id == schedule.id)
        .where(accepted)
    )
    return select(union(by_period, by_schedule, by_quote, through).subquery().c[0])


def listed(connection: Connection, ids: Ids) -> Ids:
    """The same ids, asked for once and handed over as one list."""
    found = list(connection.scalars(ids))
    if connection.dialect.name == "sqlite":
        return select(func.json_each(orjson.dumps(found).decode()).table_valued("value").c.value)
    return select(func.unnest(literal(found, ARRAY(Text))).column_valued())


def items(ids: Ids, now: datetime) -> Select[Any]:
    """Items of committed subscriptions, each with all that its renewal's row needs."""
    default_method = func.coalesce(subscription.default_payment_method_id, customer.default_payment_method_id)
    held = (
        select(line.subscription_item_id, total(line.arr).label("arr"))
        .where(in_force(now), line.subscription_id.in_(ids))
        .group_by(line.subscription_item_id)
        .subquery()
    )
    mine = mirror.payment_method.alias().c
    has_methods = exists().where(mine.customer_id == subscription.customer_id, mine.deleted_at.is_(None))
    latest = mirror.invoice.c
    return (
        select(
            subscription.id.label("subscription_id"),
            subscription.customer_id,
            subscription.status,
            subscription.currency,
            subscription.collection_method,
            subscription.cancel_at_period_end,
            subscription.cancel_at,
            subscription.canceled_at,
            subscription.pause_behavior,
            subscription.pause_resumes_at,
            subscription.start_at,
            subscription.metadata.label("subscription_metadata"),
            customer.name.label("customer_name"),
            customer.email.label("customer_email"),
            customer.country,
            item.current_period_end,
            mirror.price.c.product_id,
            mirror.price.c.recurring_interval,
            mirror.price.c.recurring_interval_count,
            held.c.arr,
            schedule.id.label("schedule_id"),
            schedule.end_behavior,
            schedule.phases,
            schedule.current_phase_end,
            schedule.created_at.label("schedule_created_at"),
            schedule.metadata.label("schedule_metadata"),
            method.card_brand,
            method.card_last4,
            method.card_exp_month,
            method.card_exp_year,
            or_(default_method.is_not(None), customer.default_source_id.is_not(None)).label("has_default"),
            has_methods.label("has_methods"),
            latest.number.label("invoice_number"),
            latest.status.label("invoice_status"),
            latest.amount_remaining,
        )
        .join(mirror.subscription_item, item.subscription_id == subscription.id)
        .join(held, held.c.subscription_item_id == item.id, isouter=True)
        .join(mirror.price, mirror.price.c.id == item.price_id, isouter=True)
        .join(mirror.customer, customer.id == subscription.customer_id, isouter=True)
        .join(mirror.payment_method, method.id == default_method, isouter=True)
        .join(mirror.invoice, latest.id == subscription.latest_invoice_id, isouter=True)
        .join(
            mirror.subscription_schedule,
            and_(schedule.id == subscription.schedule_id, schedule.status == "active"),
            isouter=True,
        )
        .where(subscription.id.in_(ids), subscription.status.in_(COMMITTED))
        .where(subscription.deleted_at.is_(None), item.deleted_at.is_(None))
        .order_by(subscription.id, item.position, item.id)
    )


def customers(ids: Ids) -> Ids:
    """The ids of the customers of some subscriptions."""
    return select(subscription.customer_id).where(subscription.id.in_(ids))


def companies(connection: Connection, of: Ids) -> Mapping[str, Company]:
    """What the company's accounts say of some customers, by id; of several, the first in the alphabet."""
    mine = (account.stripe_customer_id.in_(of), account.deleted_at.is_(None))
    theirs = select(account.account_id).where(*mine)
    days = (
        select(use.account_id, func.max(use.day).label("day"))
        .where(use.account_id.in_(theirs))
        .group_by(use.account_id)
        .subquery()
    )
    query = (
        select(
            account.stripe_customer_id,
            account.account_manager,
            account.segment,
            account.country,
            account.capacity,
            use.used,
            use.day,
        )
        .join(days, days.c.account_id == account.account_id, isouter=True)
        .join(
            application.account_use,
            and_(use.account_id == days.c.account_id, use.day == days.c.day),
            isouter=True,
        )
        .where(*mine)
        .order_by(account.account_id)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.stripe_customer_id].append(row)
    return {customer_id: _company(rows) for customer_id, rows in found.items()}


def _company(rows: Sequence[Any]) -> Company:
    days = [row.day for row in rows if row.day]
    return Company(
        _first(row.account_manager for row in rows),
        _first(row.segment for row in rows),
        _first(row.country for row in rows),
        _whole([row.capacity for row in rows]),
        _whole([row.used for row in rows]),
        max(days, default=None),
    )


def _first(values: Iterable[str | None]) -> str | None:
    return min(filter(None, values), default=None)


def _whole(values: Sequence[int | None]) -> int | None:
    """The sum where every part is known: a part is not the whole."""
    return None if None in values else sum(value for value in values if value is not None)


def offers(connection: Connection, of: Ids) -> Mapping[str, list[datetime]]:
    """When the quotes of our own were begun that are on their way to some customers, by customer."""
    mine, newest = sales_quote.c, sales_quote_version.c
    customer_id = newest.fields["customer_id"].as_string()
    query = (
        select(customer_id.label("customer_id"), mine.created_at)
        .join(sales_quote_version, and_(newest.quote_id == mine.id, newest.version == mine.version))
        .where(mine.state.in_(ON_THE_WAY), customer_id.in_(of))
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.customer_id].append(row.created_at)
    return found


def not_live(connection: Connection, of: Ids) -> Mapping[str, tuple[str, ...]]:
    """The add-ons that some customers pay for and do not have, a sentence each, as they were last found."""
    row = finding.c
    query = select(row.customer_id, row.detail).where(missing_addons(), row.customer_id.in_(of))
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for each in connection.execute(query.order_by(row.finding)):
        found[each.customer_id] += (each.detail,)
    return found


def missing_addons() -> ColumnElement[bool]:
    """Findings of an add-on that is paid and not live."""
    return and_(finding.c.kind == NOT_LIVE, finding.c.closed_at.is_(None), finding.c.detail.is_not(None))


def discounts(connection: Connection, ids: Ids, now: datetime) -> Mapping[str, Any]:
    """Of each subscription the discount that ends next: end_at, name, percent_off, amount_off, currency."""
    given, coupon = mirror.discount.c, mirror.coupon.c
    query = (
        select(
            given.subscription_id,
            given.end_at,
            coupon.name,
            coupon.percent_off,
            coupon.amount_off,
            coupon.currency,
        )
        .join(mirror.coupon, coupon.id == given.coupon_id, isouter=True)
        .where(given.subscription_id.in_(ids), given.deleted_at.is_(None), given.end_at > now)
        .order_by(given.end_at.desc())
    )
    return {row.subscription_id: row for row in connection.execute(query)}


def quotes(connection: Connection, of: Ids) -> Mapping[str, list[Any]]:
    """The quotes of some customers that may lead to a contract or did, the newest last, by customer."""
    query = (
        select(
            quote.id,
            quote.number,
            quote.customer_id,
            quote.subscription_id,
            quote.subscription_schedule_id,
            quote.status,
            quote.metadata,
            quote.accepted_at,
            quote.expires_at,
            quote.created_at,
        )
        .where(quote.customer_id.in_(of), quote.status.in_(OFFERED), quote.deleted_at.is_(None))
        .order_by(func.coalesce(quote.accepted_at, quote.created_at), quote.id)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.customer_id].append(row)
    return found
