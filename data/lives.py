"""Mirror rows as the lives of subscriptions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, union

from data.discounts import Coupon, Discount
from data.evidence import NOTHING, Evidence
from data.evidence.assembling import assembled, coupon_ids
from data.evidence.reading import price_ids, read
from data.history import Item, Life
from data.tables import mirror
from data.valuation import Price, exact, tiers_of

SUBSCRIPTION = (
    mirror.subscription.c.id,
    mirror.subscription.c.customer_id,
    mirror.subscription.c.status,
    mirror.subscription.c.currency,
    mirror.subscription.c.start_at,
    mirror.subscription.c.created_at,
    mirror.subscription.c.trial_start_at,
    mirror.subscription.c.trial_end_at,
    mirror.subscription.c.ended_at,
    mirror.subscription.c.deleted_at,
    mirror.subscription.c.observed_at,
)
ITEM = (
    mirror.subscription_item.c.id,
    mirror.subscription_item.c.subscription_id,
    mirror.subscription_item.c.price_id,
    mirror.subscription_item.c.quantity,
    mirror.subscription_item.c.created_at,
)
PRICE = (
    mirror.price.c.id,
    mirror.price.c.product_id,
    mirror.price.c.currency,
    mirror.price.c.unit_amount,
    mirror.price.c.unit_amount_decimal,
    mirror.price.c.billing_scheme,
    mirror.price.c.tiers_mode,
    mirror.price.c.tiers,
    mirror.price.c.transform_quantity,
    mirror.price.c.recurring_interval,
    mirror.price.c.recurring_interval_count,
    mirror.price.c.recurring_usage_type,
)


def lives(connection: Connection, customers: Sequence[str] | None) -> Iterator[Life]:
    """The subscriptions of some customers (None: of all), in order of id."""
    found = read(connection, customers)
    prices = _prices(connection, customers, price_ids(found))
    items = _items(connection, customers, prices)
    own, of_customer = _discounts(connection, customers)
    known = assembled(found, prices, _coupons(connection, coupon_ids(found)))
    query = select(*SUBSCRIPTION).order_by(mirror.subscription.c.id)
    for row in connection.execute(_only(query, mirror.subscription.c.customer_id, customers)):
        if row.customer_id is not None:
            discounts = [*own.get(row.id, ()), *of_customer.get(row.customer_id, ())]
            yield _life(row, items.get(row.id, ()), discounts, known.get(row.id, NOTHING))


def _only(query: Select[Any], column: ColumnElement[Any], customers: Sequence[str] | None) -> Select[Any]:
    return query if customers is None else query.where(column.in_(customers))


def _life(row: Any, items: Sequence[Item], discounts: Sequence[Discount], evidence: Evidence) -> Life:
    return Life(
        row.id,
        row.customer_id,
        row.status or "",
        row.currency,
        row.start_at or row.created_at or row.observed_at,
        row.created_at,
        row.trial_start_at,
        row.trial_end_at,
        row.ended_at or row.deleted_at,
        tuple(items),
        tuple(discounts),
        evidence,
        row.observed_at,
    )


def _of_customers(query: Select[Any], customers: Sequence[str] | None) -> Select[Any]:
    """A query of subscription items narrowed to some customers."""
    if customers is None:
        return query
    joined = mirror.subscription_item.c.subscription_id == mirror.subscription.c.id
    return query.join(mirror.subscription, joined).where(mirror.subscription.c.customer_id.in_(customers))


def _prices(connection: Connection, customers: Sequence[str] | None, named: set[str]) -> dict[str, Price]:
    used = select(mirror.subscription_item.c.price_id)
    query = select(*PRICE)
    if customers is not None and len(named) < 500:
        held = mirror.price.c.id.in_(_of_customers(used, customers))
        query = query.where(or_(held, mirror.price.c.id.in_(named)))
    return {row.id: price_of(row) for row in connection.execute(query)}


def price_of(row: Any) -> Price:
    """A price's row as what valuation needs of it."""
    transform: Mapping[str, Any] = row.transform_quantity or {}
    tiered = row.billing_scheme == "tiered"
    return Price(
        row.id,
        row.product_id,
        row.currency,
        row.recurring_interval,
        row.recurring_interval_count or 1,
        row.recurring_usage_type,
        None if tiered else exact(row.unit_amount_decimal, row.unit_amount),
        row.tiers_mode,
        tiers_of(row.tiers),
        transform.get("divide_by"),
        transform.get("round") == "up",
    )


def _items(
    connection: Connection, customers: Sequence[str] | None, prices: Mapping[str, Price]
) -> dict[str, list[Item]]:
    query = _of_customers(select(*ITEM), customers).where(mirror.subscription_item.c.deleted_at.is_(None))
    found: dict[str, list[Item]] = defaultdict(list)
    order = (mirror.subscription_item.c.position, mirror.subscription_item.c.id)
    for row in connection.execute(query.order_by(*order)):
        item = Item(row.id, prices.get(row.price_id or ""), row.quantity, row.created_at)
        found[row.subscription_id].append(item)
    return found


def _discounts(
    connection: Connection, customers: Sequence[str] | None
) -> tuple[Mapping[str, list[Discount]], Mapping[str, list[Discount]]]:
    """Discounts by the subscription that has them, and those that a customer has as a whole.

    A customer's discount reaches only subscriptions that have none of their own then, as at Stripe.
    """
    query = (
        select(mirror.discount, mirror.subscription.c.customer_id.label("owner_id"))
        .join(
            mirror.subscription, mirror.discount.c.subscription_id == mirror.subscription.c.id, isouter=True
        )
        .where(mirror.discount.c.deleted_at.is_(None))
        .order_by(mirror.discount.c.position, mirror.discount.c.id)
    )
    if customers is not None:
        owned = select(mirror.subscription.c.id).where(mirror.subscription.c.customer_id.in_(customers))
        of_subscription = select(mirror.discount.c.id).where(mirror.discount.c.subscription_id.in_(owned))
        of_customer = select(mirror.discount.c.id).where(mirror.discount.c.customer_id.in_(customers))
        query = query.where(mirror.discount.c.id.in_(union(of_subscription, of_customer)))
    rows = connection.execute(query).all()
    coupons = _coupons(connection, {row.coupon_id for row in rows if row.coupon_id})
    own: dict[str, list[Discount]] = defaultdict(list)
    general: dict[str, list[Discount]] = defaultdict(list)
    for row in rows:
        coupon = coupons.get(row.coupon_id or "")
        whole = not row.subscription_id
        discount = Discount(coupon, row.subscription_item_id, row.start_at, row.end_at, row.id, whole)
        key, found = (row.subscription_id, own) if row.subscription_id else (row.customer_id, general)
        found[key or ""].append(discount)
    return own, general


def _coupons(connection: Connection, wanted: set[str]) -> dict[str, Coupon]:
    if not wanted:
        return {}
    query = select(mirror.coupon)
    if len(wanted) < 500:
        query = query.where(mirror.coupon.c.id.in_(wanted))
    return {row.id: coupon_of(row) for row in connection.execute(query)}


def coupon_of(row: Any) -> Coupon:
    """A coupon's row as what discounts need of it."""
    amounts: dict[str, int] = {
        currency: option["amount_off"]
        for currency, option in (row.currency_options or {}).items()
        if option.get("amount_off") is not None
    }
    if row.currency and row.amount_off is not None:
        amounts[row.currency] = row.amount_off
    products = row.applies_to_products
    return Coupon(
        row.id,
        row.duration,
        None if row.percent_off is None else Fraction(row.percent_off),
        tuple(sorted(amounts.items())),
        None if products is None else frozenset(products),
    )
