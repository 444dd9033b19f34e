"""Accounts of the company against subscriptions at Stripe: plans, capacity, who is missing on either side."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, select

from data.frames.reading import total
from data.frames.reconciliation.finding import (
    RUNNING,
    Finding,
    Known,
    last_run_rates,
    line,
    monthly,
    run_rates,
)
from data.frames.shared import in_force
from data.tables import application, mirror

account, use = application.account.c, application.account_use.c
subscription, customer, price = mirror.subscription.c, mirror.customer.c, mirror.price.c
ACTIVE = timedelta(days=30)
"""An account that used anything within this time is still in use."""


def plan_without_subscription(known: Known) -> Iterator[Finding]:
    """A paid plan in the application, and no subscription at Stripe that bills."""
    words = _paid_words(known)
    mine = exists().where(
        subscription.customer_id == account.stripe_customer_id, subscription.status.in_(RUNNING)
    )
    paused = exists().where(
        subscription.customer_id == account.stripe_customer_id, subscription.status == "paused"
    )
    gone = exists().where(customer.id == account.stripe_customer_id, customer.deleted_at.is_not(None))
    lacking = (account.deleted_at.is_(None), account.plan.in_(words), ~mine, ~gone)
    rows = known.connection.execute(
        select(account.account_id, account.name, account.plan, account.stripe_customer_id)
        .add_columns(paused.label("is_paused"))
        .where(*lacking)
        .order_by(account.account_id)
    ).all()
    paid = last_run_rates(known, select(account.stripe_customer_id).where(*lacking))
    for row in rows:
        currency, arr = paid.get(row.stripe_customer_id, (None, None))
        yield Finding(
            "plan_without_subscription",
            row.account_id,
            f"{row.name or row.account_id} is on {row.plan}; {_missing(row)}",
            "account",
            row.account_id,
            row.stripe_customer_id,
            row.account_id,
            currency,
            monthly(arr),
        )


def _missing(row: Any) -> str:
    if row.stripe_customer_id is None:
        return "the account names no customer at Stripe."
    if row.is_paused:
        return f"the subscription of customer {row.stripe_customer_id} is paused since its trial ended."
    return f"customer {row.stripe_customer_id} has no subscription."


def _paid_words(known: Known) -> list[str]:
    """The accounts' words for plans that cost something."""
    words = known.connection.execute(select(account.plan).distinct()).scalars()
    plans = {word: known.plan(word) for word in words if word}
    return [word for word, plan in plans.items() if plan is not None and known.is_paid(plan)]


def subscription_without_account(known: Known) -> Iterator[Finding]:
    """A customer who pays, and no account in the application that names it."""
    if known.connection.scalar(select(func.count()).select_from(application.account)) == 0:
        return
    linked = exists().where(account.stripe_customer_id == line.customer_id, account.deleted_at.is_(None))
    query = (
        select(line.customer_id, line.currency, customer.name, total(line.arr).label("arr"))
        .join(mirror.customer, customer.id == line.customer_id, isouter=True)
        .where(in_force(known.now), ~linked)
        .group_by(line.customer_id, line.currency, customer.name)
        .order_by(line.customer_id, line.currency)
    )
    for row in known.connection.execute(query):
        yield Finding(
            "subscription_without_account",
            f"{row.customer_id}:{row.currency}",
            f"{row.name or row.customer_id} pays; no account names customer {row.customer_id}.",
            "customer",
            row.customer_id,
            row.customer_id,
            None,
            row.currency,
            monthly(row.arr),
        )


def plan_differs(known: Known) -> Iterator[Finding]:
    """An account on another plan than those that its customer pays for."""
    held = _plans_held(known)
    query = select(account.account_id, account.name, account.plan, account.stripe_customer_id).where(
        account.deleted_at.is_(None), account.stripe_customer_id.is_not(None), account.plan.is_not(None)
    )
    for row in known.connection.execute(query.order_by(account.account_id)):
        plans = held.get(row.stripe_customer_id)
        says = known.plan(row.plan)
        if not plans or says is None or says.name in plans:
            continue
        paid = " and ".join(sorted(plans))
        currency, arr = max(plans.values(), key=lambda pair: pair[1])
        yield Finding(
            "plan_differs",
            row.account_id,
            f"{row.name or row.account_id} is on {says.name} and pays for {paid}.",
            "account",
            row.account_id,
            row.stripe_customer_id,
            row.account_id,
            currency,
            monthly(arr),
        )


def _plans_held(known: Known) -> dict[str, dict[str, tuple[str, int]]]:
    """Of each customer the plans paid for, each with its currency and run rate."""
    names = known.products("plan")
    query = (
        select(line.customer_id, line.product_id, line.currency, total(line.arr).label("arr"))
        .where(in_force(known.now), line.product_id.in_(names))
        .group_by(line.customer_id, line.product_id, line.currency)
    )
    held: dict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    for row in known.connection.execute(query):
        held[row.customer_id][names[row.product_id]] = (row.currency, row.arr)
    return held


def capacity_differs(known: Known) -> Iterator[Finding]:
    """Another capacity in the application than the contract says, or than is billed by the seat."""
    granted = (
        select(
            account.stripe_customer_id.label("customer_id"),
            total(account.capacity).label("capacity"),
            func.min(account.account_id).label("account_id"),
            func.min(account.name).label("name"),
        )
        .where(account.deleted_at.is_(None), account.stripe_customer_id.is_not(None))
        .group_by(account.stripe_customer_id)
        .having(func.count() == func.count(account.capacity))
        .subquery()
    )
    query = (
        select(
            granted,
            line.currency,
            line.quantity,
            line.arr,
            line.price_id,
            subscription.metadata,
        )
        .join(granted, granted.c.customer_id == line.customer_id)
        .join(mirror.subscription, subscription.id == line.subscription_id)
        .where(in_force(known.now), line.product_id.in_(known.products("plan")))
        .order_by(granted.c.customer_id, line.subscription_item_id)
    )
    by_seat = _sold_by_seat(known)
    items: dict[str, list[Any]] = defaultdict(list)
    for row in known.connection.execute(query):
        items[row.customer_id].append(row)
    for rows in items.values():
        yield from _capacity(rows, by_seat)


def _capacity(rows: list[Any], by_seat: set[str]) -> Iterator[Finding]:
    """The finding of one customer, whose plan items these are."""
    bought = [_bought(row, by_seat) for row in rows]
    first = rows[0]
    if None in bought or sum(each or 0 for each in bought) == first.capacity:
        return
    paid = sum(each or 0 for each in bought)
    amount = None
    if len(rows) == 1 and first.price_id in by_seat and first.quantity:
        amount = monthly(abs(first.capacity - paid) * first.arr // first.quantity)
    yield Finding(
        "capacity_differs",
        first.account_id,
        f"{first.name or first.account_id} may use {first.capacity:,} and pays for {paid:,}.",
        "account",
        first.account_id,
        first.customer_id,
        first.account_id,
        first.currency,
        amount,
    )


def _bought(row: Any, by_seat: set[str]) -> int | None:
    """The capacity of an item: what the contract says, else its quantity where the price is by the seat."""
    said = str((row.metadata or {}).get("capacity", ""))
    if said.isdecimal():
        return int(said)
    quantity: int | None = row.quantity
    return quantity if row.price_id in by_seat else None


def _sold_by_seat(known: Known) -> set[str]:
    """Prices of which somebody holds more than one."""
    query = select(line.price_id).where(in_force(known.now), line.quantity > 1).distinct()
    return {name for name in known.connection.execute(query).scalars() if name}


def deleted_still_used(known: Known) -> Iterator[Finding]:
    """A customer deleted at Stripe whose account still used the product within 30 days."""
    day = known.now.date() - ACTIVE
    used = exists().where(use.account_id == account.account_id, use.day >= day, use.used > 0)
    mine = (account.deleted_at.is_(None), customer.deleted_at.is_not(None), used)
    joined = mirror.customer.join(application.account, account.stripe_customer_id == customer.id)
    rows = known.connection.execute(
        select(account.account_id, account.name, account.plan, customer.id.label("customer_id"))
        .select_from(joined)
        .where(*mine)
        .order_by(account.account_id)
    ).all()
    of = select(customer.id).select_from(joined).where(*mine)
    paid = last_run_rates(known, of) | run_rates(known, of)
    for row in rows:
        currency, arr = paid.get(row.customer_id, (None, None))
        yield Finding(
            "deleted_still_used",
            row.account_id,
            f"{row.name or row.account_id} uses {row.plan or 'no plan'}; its customer is deleted at Stripe.",
            "account",
            row.account_id,
            row.customer_id,
            row.account_id,
            currency,
            monthly(arr),
        )
