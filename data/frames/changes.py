"""Single customers behind the movements: who moved in a month, who left and why, who is set to leave."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

import pandas as pd
from sqlalchemy import ColumnElement, Engine, func, select, text

from data.clock import month_start, next_month
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, in_force, manager_of, of_audiences
from data.tables import ledger, mirror

moved, customer, subscription = ledger.movement.c, mirror.customer.c, mirror.subscription.c
INVOLUNTARY = ("payment_failed", "payment_disputed")


def _day(month: str) -> date:
    return month_start(month).date()


def customers_of_month(
    engine: Engine,
    month: str,
    *,
    kinds: Iterable[str] | None = None,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Who moved in a month, largest first.

    customer_id, name, email, account_manager, currency, kind, day, delta_arr.
    """
    key = (moved.customer_id, moved.currency, moved.kind, moved.day)
    delta = total(moved.delta_arr).label("delta_arr")
    inside = (
        moved.day >= _day(month),
        moved.day < _day(next_month(month)),
        of_audiences(moved.customer_id, audiences),
    )
    rows = narrowed(
        select(*key, delta).where(*inside).group_by(*key),
        (moved.kind, kinds),
        (moved.plan, products),
        (moved.interval, intervals),
        (moved.currency, currencies),
    )
    top = rows.order_by(func.abs(delta).desc(), *key).limit(limit).subquery()
    people = (customer.name, customer.email, manager_of(top.c.customer_id))
    query = select(top.c.customer_id, *people, top.c.currency, top.c.kind, top.c.day, top.c.delta_arr).join(
        mirror.customer, customer.id == top.c.customer_id, isouter=True
    )
    return read(engine, query.order_by(func.abs(top.c.delta_arr).desc(), top.c.customer_id, top.c.kind))


def churned(
    engine: Engine, months: Collection[str] | None = None, *, audiences: Audiences = None
) -> pd.DataFrame:
    """Who left and why, a row for each product and interval they held.

    customer_id, customer_name, month, day, product_id, interval, currency, arr (what was lost, above 0),
    reason, feedback, comment (of the subscription that ended that day), and voluntary: "voluntary",
    "involuntary", or "unknown" where Stripe gives no reason.
    """
    lost = (-moved.delta_arr).label("arr")
    cell = (moved.plan.label("product_id"), moved.interval, moved.currency, lost)
    query = (
        select(moved.customer_id, customer.name.label("customer_name"), moved.day, *cell)
        .join(mirror.customer, customer.id == moved.customer_id, isouter=True)
        .where(moved.kind == "churn", *_within(months), of_audiences(moved.customer_id, audiences))
    )
    rows = read(engine, query.order_by(moved.day, moved.customer_id, moved.plan, moved.interval))
    rows.insert(2, "month", rows["day"].dt.strftime("%Y-%m").astype("string"))
    rows = rows if months is None else rows[rows["month"].isin(list(months))]
    rows = rows.merge(_endings(engine, months), how="left", on=["customer_id", "day"])
    given = rows["reason"].notna()
    rows["voluntary"] = pd.Series("voluntary", index=rows.index, dtype="string").where(given, "unknown")
    rows.loc[rows["reason"].isin(INVOLUNTARY), "voluntary"] = "involuntary"
    return rows


def _within(months: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    if months is None:
        return ()
    if not months:
        return (moved.day.is_(None),)
    return (moved.day >= _day(min(months)), moved.day < _day(next_month(max(months))))


def _endings(engine: Engine, months: Collection[str] | None) -> pd.DataFrame:
    """Why each customer's last subscription of a day ended: customer_id, day, reason, feedback, comment."""
    why = (
        subscription.cancellation_reason.label("reason"),
        subscription.cancellation_feedback.label("feedback"),
        subscription.cancellation_comment.label("comment"),
    )
    query = select(subscription.customer_id, subscription.ended_at.label("day"), *why)
    query = query.where(subscription.ended_at.is_not(None), subscription.status == "canceled")
    if months:
        query = query.where(
            subscription.ended_at >= month_start(min(months)),
            subscription.ended_at < month_start(next_month(max(months))),
        )
    ends = read(engine, query.order_by(subscription.ended_at, subscription.id))
    ends["day"] = ends["day"].dt.tz_localize(None).dt.floor("D")
    return ends.drop_duplicates(["customer_id", "day"], keep="last")


def scheduled_churn(engine: Engine, now: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Subscriptions that still count and are set to end, soonest first.

    customer_id, customer_name, subscription_id, product_id, interval, currency, arr, ends_at, requested_at,
    feedback, comment, account_manager; a row for each product of a subscription.
    """
    line, item = ledger.timeline.c, mirror.subscription_item.c
    ends_at = func.coalesce(subscription.cancel_at, func.max(item.current_period_end)).label("ends_at")
    about = (
        subscription.canceled_at.label("requested_at"),
        subscription.cancellation_feedback.label("feedback"),
        subscription.cancellation_comment.label("comment"),
    )
    cell = (line.subscription_id, line.product_id, line.interval, line.currency)
    key = (line.customer_id, customer.name.label("customer_name"), *cell)
    query = (
        select(*key, total(line.arr).label("arr"), ends_at, *about, manager_of(line.customer_id))
        .join(mirror.subscription, subscription.id == line.subscription_id)
        .join(mirror.subscription_item, item.id == line.subscription_item_id, isouter=True)
        .join(mirror.customer, customer.id == line.customer_id, isouter=True)
        .where(text(f"({mirror.IS_LEAVING})"), in_force(now), of_audiences(line.customer_id, audiences))
        .group_by(*key, subscription.cancel_at, *about)
    )
    return read(engine, query).sort_values(["ends_at", "subscription_id", "product_id"], ignore_index=True)
