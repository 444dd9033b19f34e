"""What falls due: committed periods that end, or the contract terms that govern them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, Subquery, and_, exists, func, or_, select

from data.catalog import current
from data.clock import from_epoch
from data.frames.products import products
from data.frames.reading import INSTANT, made, total
from data.frames.risks import risks
from data.frames.shared import customer_accounts, in_force
from data.tables import ledger, mirror

subscription, item, customer = mirror.subscription.c, mirror.subscription_item.c, mirror.customer.c
schedule, method, line = mirror.subscription_schedule.c, mirror.payment_method.c, ledger.timeline.c

COMMITTED = ("active", "past_due", "unpaid")
"""Statuses whose period is committed: a trial is not, and what ended has none."""

DTYPES: Mapping[str, Any] = {
    "subscription_id": "string",
    "customer_id": "string",
    "customer_name": "string",
    "customer_email": "string",
    "account_manager": "string",
    "segment": "string",
    "country": "string",
    "product_ids": "string",
    "plan": "string",
    "interval": "string",
    "currency": "string",
    "arr": "Int64",
    "due_at": INSTANT,
    "governs": "string",
    "collection_method": "string",
    "status": "string",
    "cancel_at_period_end": "boolean",
    "cancel_at": INSTANT,
    "risks": "string",
    "capacity": "Int64",
    "used": "Int64",
}


class Key(NamedTuple):
    """What falls due together."""

    due: datetime
    subscription_id: str
    interval: str
    governs: str


def renewals(engine: Engine, now: datetime, until: datetime) -> pd.DataFrame:
    """Renewals due from now until an instant (exclusive), soonest first; the columns are DTYPES.

    A row for each subscription, interval and due date; product_ids are joined by "|", risks by "; ". arr is
    the run rate of these items now: 0 while unpaid. governs is "schedule" where a contract term ends, else
    "period". capacity and used are null where they are not known.
    """
    with engine.connect() as connection:
        rows = connection.execute(_query(now, until)).all()
    plans = products(engine).set_index("product_id")["plan"].to_dict()
    groups: dict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        key = _key(row)
        if key is not None and now <= key.due < until and (row.arr or row.status == "unpaid"):
            groups[key].append(row)
    return made([_row(key, groups[key], plans) for key in sorted(groups)], dict(DTYPES))


def _query(now: datetime, until: datetime) -> Select[Any]:
    """Items of committed subscriptions that may fall due, each with all that its renewal's row needs."""
    company = customer_accounts()
    default_method = func.coalesce(subscription.default_payment_method_id, customer.default_payment_method_id)
    held = _held(now)
    contract = and_(schedule.id == subscription.schedule_id, schedule.status == "active")
    return (
        select(
            subscription.id.label("subscription_id"),
            subscription.customer_id,
            subscription.status,
            subscription.currency,
            subscription.collection_method,
            subscription.cancel_at_period_end,
            subscription.cancel_at,
            subscription.pause_behavior,
            customer.name.label("customer_name"),
            customer.email.label("customer_email"),
            company.c.account_manager,
            company.c.segment,
            func.coalesce(company.c.country, customer.country).label("country"),
            company.c.capacity,
            company.c.used,
            item.current_period_end,
            mirror.price.c.product_id,
            mirror.price.c.recurring_interval,
            mirror.price.c.recurring_interval_count,
            held.c.arr,
            schedule.end_behavior,
            schedule.phases,
            method.card_exp_month,
            method.card_exp_year,
            or_(default_method.is_not(None), customer.default_source_id.is_not(None)).label("has_default"),
            _has_methods().label("has_methods"),
        )
        .join(mirror.subscription_item, item.subscription_id == subscription.id)
        .join(held, held.c.subscription_item_id == item.id, isouter=True)
        .join(mirror.price, mirror.price.c.id == item.price_id, isouter=True)
        .join(mirror.customer, customer.id == subscription.customer_id, isouter=True)
        .join(mirror.payment_method, method.id == default_method, isouter=True)
        .join(mirror.subscription_schedule, contract, isouter=True)
        .join(company, company.c.customer_id == subscription.customer_id, isouter=True)
        .where(
            subscription.status.in_(COMMITTED), subscription.deleted_at.is_(None), item.deleted_at.is_(None)
        )
        .where(or_(schedule.id.is_not(None), item.current_period_end.between(now, until)))
        .order_by(subscription.id, item.position, item.id)
    )


def _held(now: datetime) -> Subquery:
    """The run rate of every item now."""
    query = select(line.subscription_item_id, total(line.arr).label("arr")).where(in_force(now))
    return query.group_by(line.subscription_item_id).subquery()


def _has_methods() -> ColumnElement[bool]:
    mine = mirror.payment_method.alias().c
    return exists().where(mine.customer_id == subscription.customer_id, mine.deleted_at.is_(None))


def _key(row: Any) -> Key | None:
    """With what an item falls due, governed by the end of its contract, else of its period; None: never."""
    contract = contract_end(row.end_behavior, row.phases)
    due = contract or row.current_period_end
    governs = "schedule" if contract else "period"
    return None if due is None else Key(due, row.subscription_id, _interval(row), governs)


def contract_end(end_behavior: str | None, phases: Sequence[Mapping[str, Any]] | None) -> datetime | None:
    """The end of a schedule's last phase, where the schedule then cancels or releases; None: no contract."""
    if end_behavior not in ("cancel", "release") or not phases:
        return None
    return from_epoch(phases[-1].get("end"))


def _interval(row: Any) -> str:
    return f"{row.recurring_interval_count or 1}{row.recurring_interval}" if row.recurring_interval else ""


def _row(key: Key, rows: Sequence[Any], plans: Mapping[Any, str]) -> tuple[Any, ...]:
    """One renewal from the items that fall due together."""
    first = rows[0]
    held = list(dict.fromkeys(row.product_id for row in rows if row.product_id))
    return (
        key.subscription_id,
        first.customer_id,
        first.customer_name,
        first.customer_email,
        first.account_manager,
        first.segment,
        first.country,
        "|".join(held),
        _plan([plans.get(product, product) for product in held]),
        key.interval,
        first.currency,
        sum(row.arr or 0 for row in rows),
        key.due,
        key.governs,
        first.collection_method,
        first.status,
        first.cancel_at_period_end,
        first.cancel_at,
        risks(first, key.due),
        first.capacity,
        first.used,
    )


def _plan(names: Sequence[str]) -> str | None:
    """The plan among what falls due together, or the first of it when none is a plan."""
    if len(names) < 2:
        return next(iter(names), None)
    ranks = {plan.name: plan.rank for plan in current().plan}
    return max(names, key=lambda name: ranks.get(name, -1))
