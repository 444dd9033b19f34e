"""What happened since an instant: movements by kind and by name, trials that began."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, and_, case, exists, func, literal, or_, select

from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, manager_of, of_audiences
from data.tables import ledger, mirror

moved, line = ledger.movement.c, ledger.timeline.c
customer, subscription = mirror.customer.c, mirror.subscription.c


def moved_since(
    engine: Engine,
    since: datetime,
    now: datetime,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The customer-days that moved run rate after an instant, the largest first.

    customer_id, name, account_manager, currency, day, kind, delta_arr. A day that began before the instant
    counts whole, where anything of the customer changed after it.
    """
    days = _days(since, now, products, intervals, currencies, audiences).subquery().c
    size = func.abs(days.delta_arr)
    top = select(*days).order_by(size.desc(), days.customer_id, days.day).limit(limit).subquery().c
    people = (customer.name, manager_of(top.customer_id))
    query = select(top.customer_id, *people, top.currency, top.day, top.kind, top.delta_arr)
    query = query.join(mirror.customer, customer.id == top.customer_id, isouter=True)
    return read(engine, query.order_by(func.abs(top.delta_arr).desc(), top.customer_id, top.day))


def moved_since_totals(
    engine: Engine,
    since: datetime,
    now: datetime,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """The same added up: kind, currency, customers, delta_arr."""
    days = _days(since, now, products, intervals, currencies, audiences).subquery().c
    counted = func.count(days.customer_id.distinct()).label("customers")
    query = select(days.kind, days.currency, counted, total(days.delta_arr).label("delta_arr"))
    return read(engine, query.group_by(days.kind, days.currency).order_by(days.kind, days.currency))


def _days(
    since: datetime,
    now: datetime,
    products: Iterable[str] | None,
    intervals: Iterable[str] | None,
    currencies: Iterable[str] | None,
    audiences: Audiences,
) -> Select[Any]:
    """Customer-days after an instant with their kind; moves between plans cancel out."""
    key = (moved.customer_id, moved.currency, moved.day)
    kind = func.coalesce(func.max(case((moved.kind != "transfer", moved.kind))), literal("transfer"))
    query = select(*key, kind.label("kind"), total(moved.delta_arr).label("delta_arr")).where(
        or_(moved.day > since.date(), and_(moved.day == since.date(), _changed(since, now))),
        moved.day <= now.date(),
        of_audiences(moved.customer_id, audiences),
    )
    query = narrowed(query, (moved.plan, products), (moved.interval, intervals), (moved.currency, currencies))
    return query.group_by(*key).having(func.sum(moved.delta_arr) != 0)


def _changed(since: datetime, now: datetime) -> ColumnElement[bool]:
    """Whether any item of a movement's customer began or ended after an instant."""
    either = or_(*(and_(at > since, at <= now) for at in (line.from_at, line.to_at)))
    return exists().where(line.customer_id == moved.customer_id, either)


def trials_since(
    engine: Engine, since: datetime, now: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """Trials that began after an instant, the latest first.

    customer_id, name, account_manager, currency, started_at, ends_at.
    """
    query = (
        select(
            subscription.customer_id,
            customer.name,
            manager_of(subscription.customer_id),
            subscription.currency,
            subscription.trial_start_at.label("started_at"),
            subscription.trial_end_at.label("ends_at"),
        )
        .join(mirror.customer, customer.id == subscription.customer_id, isouter=True)
        .where(
            subscription.trial_start_at > since,
            subscription.trial_start_at <= now,
            of_audiences(subscription.customer_id, audiences),
        )
    )
    return read(engine, query.order_by(subscription.trial_start_at.desc(), subscription.id))
