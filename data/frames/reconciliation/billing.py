"""Billing against itself: discounts past their end, customers billed twice, invoices of what ended."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import case, func, select

from data import money
from data.frames.reading import total
from data.frames.reconciliation.finding import LIVE, Finding, Known, line, monthly
from data.frames.shared import in_force
from data.tables import mirror
from data.valuation import PER_YEAR

subscription, customer, invoice = mirror.subscription.c, mirror.customer.c, mirror.invoice.c
given, coupon, price, item = mirror.discount.c, mirror.coupon.c, mirror.price.c, mirror.subscription_item.c
ENDED = ("canceled", "incomplete_expired")


def discount_past_end(known: Known) -> Iterator[Finding]:
    """A discount whose end has passed, still on a subscription that is there."""
    arr = (
        select(total(line.arr))
        .where(in_force(known.now), line.subscription_id == subscription.id)
        .scalar_subquery()
    )
    query = (
        select(
            given.id,
            given.end_at,
            coupon.name,
            coupon.percent_off,
            coupon.amount_off,
            coupon.currency.label("coupon_currency"),
            subscription.id.label("subscription_id"),
            subscription.customer_id,
            subscription.currency,
            customer.name.label("customer_name"),
            arr.label("arr"),
        )
        .join(mirror.subscription, subscription.id == given.subscription_id)
        .join(mirror.coupon, coupon.id == given.coupon_id, isouter=True)
        .join(mirror.customer, customer.id == subscription.customer_id, isouter=True)
        .where(given.deleted_at.is_(None), given.end_at < known.now, subscription.status.in_(LIVE))
        .order_by(given.id)
    )
    for row in known.connection.execute(query).all():
        yield Finding(
            "discount_past_end",
            f"{row.subscription_id}:{row.id}",
            f"{row.customer_name or row.customer_id}: {row.name or 'a discount'} ended on "
            f"{row.end_at:%Y-%m-%d} and is still on the subscription.",
            "subscription",
            row.subscription_id,
            row.customer_id,
            None,
            row.currency,
            _off(known, row),
        )


def _off(known: Known, row: Any) -> int | None:
    """What a discount takes off a month; null where Stripe did not say it."""
    if row.percent_off is not None and row.arr is not None:
        share = Decimal(row.percent_off) / 100
        return int((Decimal(row.arr) * share / 12).quantize(Decimal(1), ROUND_HALF_UP))
    if row.amount_off is None or row.coupon_currency != row.currency:
        return None
    query = (
        select(price.recurring_interval, price.recurring_interval_count)
        .join(mirror.subscription_item, item.price_id == price.id)
        .where(item.subscription_id == row.subscription_id, price.recurring_interval.is_not(None))
        .order_by(item.position)
    )
    found = known.connection.execute(query).first()
    return None if found is None else _a_month(row.amount_off, *found)


def _a_month(amount: int, interval: str, count: int | None) -> int | None:
    """An amount of each billing period as an amount a month."""
    return monthly(amount * PER_YEAR[interval] // (count or 1)) if interval in PER_YEAR else None


def billed_twice(known: Known) -> Iterator[Finding]:
    """A customer with two subscriptions to one plan, or two customers with one address who both pay."""
    yield from _same_plan(known)
    yield from _same_address(known)


def _same_plan(known: Known) -> Iterator[Finding]:
    """Worth all but the dearest; a plan may have several products, such as one that is no longer sold."""
    names = known.products("plan")
    if not names:
        return
    counted = (
        select(
            line.customer_id,
            line.product_id,
            case(names, value=line.product_id).label("plan"),
            line.currency,
            line.subscription_id,
            line.arr,
        )
        .where(in_force(known.now), line.product_id.in_(names))
        .subquery()
        .c
    )
    of = (counted.customer_id, counted.plan, counted.currency)
    held = (
        select(*of, func.min(counted.product_id).label("product_id"), total(counted.arr).label("arr"))
        .group_by(*of, counted.subscription_id)
        .subquery()
        .c
    )
    key = (held.customer_id, held.plan, held.currency)
    query = (
        select(
            *key,
            customer.name,
            func.min(held.product_id).label("product_id"),
            (total(held.arr) - func.max(held.arr)).label("arr"),
            func.count().label("number"),
        )
        .join(mirror.customer, customer.id == held.customer_id, isouter=True)
        .group_by(*key, customer.name)
        .having(func.count() > 1)
        .order_by(*key)
    )
    for row in known.connection.execute(query):
        yield Finding(
            "billed_twice",
            f"{row.customer_id}:{row.product_id}:{row.currency}",
            f"{row.name or row.customer_id} has {row.number} subscriptions to {row.plan}.",
            "customer",
            row.customer_id,
            row.customer_id,
            None,
            row.currency,
            monthly(row.arr),
        )


def _same_address(known: Known) -> Iterator[Finding]:
    address = func.lower(customer.email)
    paying = (
        select(line.customer_id, line.currency, total(line.arr).label("arr"))
        .where(in_force(known.now))
        .group_by(line.customer_id, line.currency)
        .subquery()
    )
    twice = (
        select(address)
        .join(paying, paying.c.customer_id == customer.id)
        .where(customer.email.is_not(None), customer.email != "")
        .group_by(address)
        .having(func.count(func.distinct(customer.id)) > 1)
    )
    query = (
        select(customer.id, customer.name, address.label("address"), paying.c.currency, paying.c.arr)
        .join(paying, paying.c.customer_id == customer.id)
        .where(address.in_(twice))
        .order_by(address, paying.c.arr.desc(), customer.id)
    )
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in known.connection.execute(query):
        groups[row.address].append(row)
    for email, rows in groups.items():
        last = rows[-1]
        others = ", ".join(dict.fromkeys(row.id for row in rows[:-1] if row.id != last.id))
        yield Finding(
            "billed_twice",
            f"{email}",
            f"{last.name or last.id} ({email}) pays as {last.id} and as {others}.",
            "customer",
            last.id,
            last.id,
            None,
            last.currency,
            monthly(last.arr),
        )


def invoice_of_ended(known: Known) -> Iterator[Finding]:
    """An open invoice of a subscription that ended."""
    query = (
        select(
            invoice.id,
            invoice.number,
            invoice.customer_id,
            invoice.customer_name,
            invoice.currency,
            invoice.amount_remaining,
            subscription.id.label("subscription_id"),
            subscription.ended_at,
        )
        .join(mirror.subscription, subscription.id == invoice.subscription_id)
        .where(invoice.status == "open", invoice.amount_remaining > 0, invoice.deleted_at.is_(None))
        .where(subscription.status.in_(ENDED))
        .order_by(invoice.id)
    )
    for row in known.connection.execute(query):
        owed = f"{money.major(row.amount_remaining, row.currency)} {row.currency.upper()}"
        ended = f" on {row.ended_at:%Y-%m-%d}" if row.ended_at else ""
        yield Finding(
            "invoice_of_ended",
            row.id,
            f"{row.customer_name or row.customer_id}: invoice {row.number or row.id} is open for {owed}; "
            f"its subscription ended{ended}.",
            "invoice",
            row.id,
            row.customer_id,
            None,
            row.currency,
            row.amount_remaining,
            "once",
        )


def quote_not_invoiced(known: Known) -> Iterator[Finding]:
    """A quote accepted more than a day ago, and nothing was invoiced for it since."""
    quote = mirror.quote.c
    billed = (
        select(invoice.id)
        .where(invoice.status.in_(("open", "paid", "uncollectible")))
        .where(
            (invoice.id == quote.invoice_id)
            | ((invoice.subscription_id == quote.subscription_id) & (invoice.created_at >= quote.accepted_at))
        )
        .exists()
    )
    query = (
        select(
            quote.id,
            quote.number,
            quote.customer_id,
            quote.currency,
            quote.accepted_at,
            quote.amount_total,
            quote.recurring_amount_total,
            quote.recurring_interval,
            quote.recurring_interval_count,
            customer.name,
        )
        .join(mirror.customer, customer.id == quote.customer_id, isouter=True)
        .where(quote.status == "accepted", quote.accepted_at < known.day_ago, ~billed)
        .where(quote.amount_total > 0)
        .order_by(quote.id)
    )
    for row in known.connection.execute(query):
        recurs = row.recurring_amount_total and row.recurring_interval
        amount = (
            _a_month(row.recurring_amount_total, row.recurring_interval, row.recurring_interval_count)
            if recurs
            else row.amount_total
        )
        yield Finding(
            "quote_not_invoiced",
            row.id,
            f"{row.name or row.customer_id}: quote {row.number or row.id} was accepted on "
            f"{row.accepted_at:%Y-%m-%d}; nothing was invoiced for it.",
            "quote",
            row.id,
            row.customer_id,
            None,
            row.currency,
            amount,
            "month" if recurs else "once",
        )
