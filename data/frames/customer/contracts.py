"""What a customer has: subscriptions with their items, discounts and schedules, as they are now."""

from datetime import datetime

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Text, and_, case, cast, func, or_, select

from data.clock import from_epoch
from data.frames.reading import INSTANT, made, read, total
from data.frames.shared import in_force
from data.tables import ledger, mirror

subscription, item, price = mirror.subscription.c, mirror.subscription_item.c, mirror.price.c
discount, coupon, product = mirror.discount.c, mirror.coupon.c, mirror.product.c
schedule, line = mirror.subscription_schedule.c, ledger.timeline.c

OVER = ("canceled", "incomplete_expired")


def customer_subscriptions(engine: Engine, customer_id: str, now: datetime) -> pd.DataFrame:
    """Subscriptions, those that run first, then the newest; arr is what counts now.

    subscription_id, status, currency, arr, start_at, renews_at (the first of its items' periods to end),
    trial_end_at, cancel_at_period_end, cancel_at, canceled_at (asked for), ended_at, cancellation_reason,
    cancellation_feedback, cancellation_comment, collection_method, days_until_due, pause_behavior,
    pause_resumes_at, schedule_id.
    """
    running = case((subscription.status.in_(OVER), 1), else_=0)
    query = select(
        subscription.id.label("subscription_id"),
        subscription.status,
        subscription.currency,
        _arr(line.subscription_id == subscription.id, now),
        subscription.start_at,
        select(func.min(item.current_period_end))
        .where(item.subscription_id == subscription.id, item.deleted_at.is_(None))
        .scalar_subquery()
        .label("renews_at"),
        subscription.trial_end_at,
        subscription.cancel_at_period_end,
        subscription.cancel_at,
        subscription.canceled_at,
        subscription.ended_at,
        subscription.cancellation_reason,
        subscription.cancellation_feedback,
        subscription.cancellation_comment,
        subscription.collection_method,
        subscription.days_until_due,
        subscription.pause_behavior,
        subscription.pause_resumes_at,
        subscription.schedule_id,
    ).where(subscription.customer_id == customer_id, subscription.deleted_at.is_(None))
    return read(engine, query.order_by(running, subscription.start_at.desc(), subscription.id))


def _arr(mine: ColumnElement[bool], now: datetime) -> ColumnElement[int]:
    """What counts of some segments at an instant; 0 when nothing does."""
    sums = select(func.coalesce(total(line.arr), 0)).where(mine, in_force(now))
    return sums.scalar_subquery().label("arr")


def customer_items(engine: Engine, customer_id: str, now: datetime) -> pd.DataFrame:
    """The items of subscriptions that are not over, in Stripe's order; arr is what counts of each now.

    subscription_id, item_id, product_id, product, said (the product's metadata), price_id,
    unit_amount_decimal (minor units, exact text; missing on tiered prices), billing_scheme, usage_type,
    interval ("1month"), currency, quantity, period_start, period_end, arr.
    """
    count = cast(func.coalesce(price.recurring_interval_count, 1), Text)
    interval = count + price.recurring_interval
    query = (
        select(
            item.subscription_id,
            item.id.label("item_id"),
            price.product_id,
            product.name.label("product"),
            product.metadata.label("said"),
            item.price_id,
            price.unit_amount_decimal,
            price.billing_scheme,
            price.recurring_usage_type.label("usage_type"),
            interval.label("interval"),
            price.currency,
            item.quantity,
            item.current_period_start.label("period_start"),
            item.current_period_end.label("period_end"),
            _arr(  # by the index that there is
                and_(line.subscription_id == item.subscription_id, line.subscription_item_id == item.id), now
            ),
        )
        .join(mirror.subscription, subscription.id == item.subscription_id)
        .join(mirror.price, price.id == item.price_id, isouter=True)
        .join(mirror.product, product.id == price.product_id, isouter=True)
        .where(
            subscription.customer_id == customer_id,
            subscription.deleted_at.is_(None),
            subscription.status.not_in(OVER),
            item.deleted_at.is_(None),
        )
    )
    return read(engine, query.order_by(item.subscription_id, item.position, item.id))


def customer_discounts(engine: Engine, customer_id: str) -> pd.DataFrame:
    """Discounts that are there now, on the customer as a whole and on subscriptions.

    discount_id, subscription_id (missing: all of the customer's), item_id, coupon_id, coupon, percent_off
    (exact text), amount_off (minor units), currency, duration, start_at, end_at (missing: no end).
    """
    theirs = or_(discount.customer_id == customer_id, subscription.customer_id == customer_id)
    query = (
        select(
            discount.id.label("discount_id"),
            discount.subscription_id,
            discount.subscription_item_id.label("item_id"),
            discount.coupon_id,
            coupon.name.label("coupon"),
            coupon.percent_off,
            coupon.amount_off,
            coupon.currency,
            coupon.duration,
            discount.start_at,
            discount.end_at,
        )
        .join(mirror.subscription, subscription.id == discount.subscription_id, isouter=True)
        .join(mirror.coupon, coupon.id == discount.coupon_id, isouter=True)
        .where(theirs, discount.deleted_at.is_(None))
        .where(or_(subscription.id.is_(None), subscription.status.not_in(OVER)))
    )
    return read(engine, query.order_by(discount.start_at, discount.id))


def prices_named(engine: Engine, prices: tuple[str, ...]) -> pd.DataFrame:
    """What some prices are of: price_id, product."""
    query = select(price.id.label("price_id"), product.name.label("product"))
    query = query.join(mirror.product, product.id == price.product_id).where(price.id.in_(prices))
    return read(engine, query.order_by(price.id))


def prices_offered(engine: Engine, currency: str, held: tuple[str, ...]) -> pd.DataFrame:
    """Prices that a subscription in a currency may have: those held, and active ones of active products.

    price_id, product, interval ("1month"), unit_amount_decimal (missing: by tiers), currency.
    """
    count = cast(func.coalesce(price.recurring_interval_count, 1), Text)
    offered = and_(
        price.active,
        product.active,
        price.recurring_interval.is_not(None),
        func.coalesce(price.recurring_usage_type, "licensed") != "metered",
    )
    query = (
        select(
            price.id.label("price_id"),
            product.name.label("product"),
            (count + price.recurring_interval).label("interval"),
            price.unit_amount_decimal,
            price.currency,
        )
        .join(mirror.product, product.id == price.product_id)
        .where(price.currency == currency, price.deleted_at.is_(None), or_(price.id.in_(held), offered))
    )
    return read(engine, query.order_by(product.name, price.recurring_interval, price.id))


def coupons_offered(engine: Engine) -> pd.DataFrame:
    """Coupons that are valid now: coupon_id, name, percent_off, amount_off, currency, duration."""
    query = select(
        coupon.id.label("coupon_id"),
        coupon.name,
        coupon.percent_off,
        coupon.amount_off,
        coupon.currency,
        coupon.duration,
    ).where(coupon.valid, coupon.deleted_at.is_(None))
    return read(engine, query.order_by(coupon.name, coupon.id))


PHASES = {
    "schedule_id": "string",
    "subscription_id": "string",
    "status": "string",
    "end_behavior": "string",
    "start_at": INSTANT,
    "end_at": INSTANT,
    "price_id": "string",
    "quantity": "Int64",
}


def customer_schedules(engine: Engine, customer_id: str) -> pd.DataFrame:
    """The phases of schedules, a row for each item, in order of time; the columns are PHASES."""
    query = (
        select(schedule.id, schedule.subscription_id, schedule.status, schedule.end_behavior, schedule.phases)
        .where(and_(schedule.customer_id == customer_id, schedule.deleted_at.is_(None)))
        .order_by(schedule.created_at, schedule.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    phases = [
        (
            row.id,
            row.subscription_id,
            row.status,
            row.end_behavior,
            from_epoch(phase.get("start")),
            from_epoch(phase.get("end")),
            each.get("price"),
            each.get("quantity"),
        )
        for row in rows
        for phase in row.phases or ()
        for each in phase.get("items") or ()
    ]
    return made(phases, PHASES)
