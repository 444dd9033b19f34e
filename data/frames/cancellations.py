"""Cancellations: carried out or taken back, and how long from the request to the end.

What was taken back is known from events, so only since the oldest event kept. Subscriptions that brought
nothing at the time (trials, unpaid ones) are left out: there was nothing to lose.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union,
    union_all,
)

from data.clock import month_of, month_start, months_between, next_month
from data.frames.days import day_of, days_between, month_of_day
from data.frames.reading import INSTANT, narrowed, read, total
from data.frames.shared import Audiences, in_force, manager_of, of_audiences
from data.tables import ledger, mirror
from data.tables.types import UTCDateTime

event, line, customer = mirror.event.c, ledger.timeline.c, mirror.customer.c
subscription = mirror.subscription.c
INVOLUNTARY = ("payment_failed", "payment_disputed")
COUNTED = ("active", "past_due")


def events_since(engine: Engine) -> pd.DataFrame:
    """The oldest event kept, one row: since; missing where there is none."""
    return read(engine, select(func.min(event.created_at).label("since")))


def decided(
    engine: Engine,
    months: Collection[str],
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """Cancellations by the month in which they were carried out or taken back.

    month, currency, outcome ("ended", "undone"), days (from the request to the end; missing for what was
    taken back or has no request), subscriptions, arr. Ends for want of payment are no cancellations.
    """
    found = union_all(_ended(months), _undone(engine, months)).cte("decided").c
    worth = _worth(found, products, intervals, currencies, audiences)
    month = month_of_day(engine, day_of(engine, worth.at)).label("month")
    days = days_between(engine, day_of(engine, worth.asked_at), day_of(engine, worth.at)).label("days")
    each = select(month, worth.currency, worth.outcome, days, worth.id, worth.arr).subquery().c
    key = (each.month, each.currency, each.outcome, each.days)
    counted = func.count(each.id.distinct()).label("subscriptions")
    return read(engine, select(*key, counted, total(each.arr).label("arr")).group_by(*key).order_by(*key))


def saves(
    engine: Engine,
    now: datetime,
    months: Collection[str],
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Cancellations taken back, the latest first, then those that no event dates; at most `limit`.

    customer_id, customer_name, account_manager, subscription_id, currency, arr (then; of what no event dates,
    now), asked_at, at (missing: no event says when), feedback, comment, status, leaving_at (set to end
    again), ended_at.
    """
    found = union_all(_undone(engine, months), _told_once(engine, now)).cte("undone").c
    worth = _worth(found, products, intervals, currencies, audiences)
    about = (customer.name.label("customer_name"), manager_of(worth.customer_id))
    what = (worth.id.label("subscription_id"), worth.currency, worth.arr)
    when = (worth.asked_epoch, worth.outcome, worth.at, worth.feedback, worth.comment)
    after = (subscription.status, subscription.cancel_at.label("leaving_at"), subscription.ended_at)
    query = (
        select(worth.customer_id, *about, *what, *when, *after)
        .join(mirror.customer, customer.id == worth.customer_id, isouter=True)
        .join(mirror.subscription, subscription.id == worth.id)
    )
    frame = read(engine, query.order_by(worth.outcome.desc(), worth.at.desc(), worth.id).limit(limit))
    asked = pd.to_datetime(frame.pop("asked_epoch"), unit="s", utc=True).astype(INSTANT)
    frame.insert(6, "asked_at", asked)
    frame.loc[frame.pop("outcome") == "told once", "at"] = pd.NaT
    return frame


def scheduled_then(
    engine: Engine, at: datetime, now: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """What was set to end at an earlier instant, as far as events reach: product_id, interval, currency, arr.

    Set to end by then, and ended since, still to end, or taken back since as an event says.
    """
    asked = func.coalesce(subscription.canceled_at, subscription.start_at) <= at
    ended = select(subscription.id).where(asked, subscription.ended_at > at, subscription.ended_at <= now)
    leaving = select(subscription.id).where(asked, text(f"({mirror.IS_LEAVING})"))
    undone = _undone(engine, months_between(month_of(at), month_of(now))).subquery().c
    back = select(undone.id).where(undone.at > at, undone.asked_epoch <= int(at.timestamp()))
    cell = (line.product_id, line.interval, line.currency)
    query = (
        select(*cell, total(line.arr).label("arr"))
        .where(line.subscription_id.in_(union(ended, leaving, back)), in_force(at))
        .where(of_audiences(line.customer_id, audiences))
        .group_by(*cell)
    )
    return read(engine, query.order_by(*cell))


def _within(column: ColumnElement[datetime], months: Collection[str]) -> ColumnElement[bool]:
    if not months:
        return column.is_(None)
    return and_(column >= month_start(min(months)), column < month_start(next_month(max(months))))


def _ended(months: Collection[str]) -> Select[Any]:
    """Subscriptions that somebody ended; one without a reason was not ended for want of payment."""
    reason = func.coalesce(subscription.cancellation_reason, "")
    return _told(
        "ended",
        subscription.id,
        subscription.customer_id,
        subscription.ended_at,
        subscription.canceled_at,
        cast(null(), BigInteger),
        subscription.cancellation_feedback,
        subscription.cancellation_comment,
    ).where(
        subscription.status == "canceled",
        _within(subscription.ended_at, months),
        reason.not_in(INVOLUNTARY),
    )


def _undone(engine: Engine, months: Collection[str]) -> Select[Any]:
    """Events that took a cancellation back: it was set to end, and is no longer."""

    def was(*path: str) -> Any:
        return event.data["previous_attributes", *path]

    def now(*path: str) -> Any:
        return event.data["object", *path]

    was_set = or_(was("cancel_at").as_integer().is_not(None), was("cancel_at_period_end").as_boolean())
    is_set = or_(now("cancel_at").as_integer().is_not(None), now("cancel_at_period_end").as_boolean())
    return _told(
        "undone",
        event.object_id,
        now("customer").as_string(),
        event.created_at,
        cast(null(), UTCDateTime),
        was("canceled_at").as_integer(),
        was("cancellation_details", "feedback").as_string(),
        was("cancellation_details", "comment").as_string(),
    ).where(
        text(mirror.ENDING_CHANGED[engine.dialect.name]),
        _within(event.created_at, months),
        was_set,
        ~func.coalesce(is_set, False),
        now("status").as_string() != "canceled",
    )


def _told_once(engine: Engine, now: datetime) -> Select[Any]:
    """Subscriptions that run and still tell why they were to end, without an event that says when."""
    mine = event.object_id == subscription.id
    dated = select(literal(1)).where(mine, text(mirror.ENDING_CHANGED[engine.dialect.name])).exists()
    return _told(
        "told once",
        subscription.id,
        subscription.customer_id,
        literal(now, UTCDateTime),
        cast(null(), UTCDateTime),
        cast(null(), BigInteger),
        subscription.cancellation_feedback,
        subscription.cancellation_comment,
    ).where(
        text(mirror.TOLD_WHY),
        subscription.status.in_(COUNTED),
        subscription.cancel_at.is_(None),
        ~func.coalesce(subscription.cancel_at_period_end, False),
        ~dated,
    )


COLUMNS = ("id", "customer_id", "at", "asked_at", "asked_epoch", "feedback", "comment")


def _told(outcome: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """A cancellation and what came of it; asked_epoch in seconds, where an event has the request."""
    named = (column.label(name) for name, column in zip(COLUMNS, columns, strict=True))
    return select(literal(outcome, Text).label("outcome"), *named)


def _worth(
    found: Any,
    products: Iterable[str] | None,
    intervals: Iterable[str] | None,
    currencies: Iterable[str] | None,
    audiences: Audiences,
) -> Any:
    """Cancellations with the run rate of their subscriptions just before, by currency."""
    key = (*found, line.currency)
    then = and_(line.from_at < found.at, or_(line.to_at.is_(None), line.to_at >= found.at))
    query = (
        select(*key, total(line.arr).label("arr"))
        .join(ledger.timeline, and_(line.subscription_id == found.id, line.counted, line.arr > 0, then))
        .where(of_audiences(found.customer_id, audiences))
        .group_by(*key)
    )
    query = narrowed(
        query, (line.product_id, products), (line.interval, intervals), (line.currency, currencies)
    )
    return query.subquery().c
