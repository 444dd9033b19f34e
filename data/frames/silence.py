"""What no event tells: stretches in which none was heard, and collections paused nobody knows when."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
from sqlalchemy import Engine, func, select

from data.frames.reading import INSTANT, made, read, total
from data.frames.shared import in_force
from data.tables import ledger, mirror, operations

KEPT = timedelta(days=30)
"""So long Stripe keeps events."""
GAPS = {"from_at": INSTANT, "to_at": INSTANT}


def event_gaps(engine: Engine) -> pd.DataFrame:
    """Stretches from which Stripe no longer had events when the app came back: from_at, to_at.

    Empty where no events are kept at all.
    """
    version = operations.data_version.c
    days = (
        select(func.min(version.data_at).label("first"), func.max(version.data_at).label("last"))
        .where(version.reason != "application")
        .group_by(func.date(version.data_at))
        .order_by("first")
    )
    with engine.connect() as connection:
        any_event = connection.scalar(select(mirror.event.c.id).limit(1))
        seen = connection.execute(days).all() if any_event else []
    away = [(before.last, after.first - KEPT) for before, after in pairwise(seen)]
    return made([(left, heard) for left, heard in away if left < heard], GAPS)


def paused_collection(engine: Engine, now: datetime) -> pd.DataFrame:
    """Subscriptions whose collection is paused, which count all the same, the largest first.

    subscription, customer_id, customer_name, currency, behavior, resumes_at (missing: not set), arr, since
    (missing: Stripe keeps no date of it, and no event tells).
    """
    subscription, customer, line = mirror.subscription.c, mirror.customer.c, ledger.timeline.c
    arr = select(total(line.arr)).where(line.subscription_id == subscription.id, in_force(now))
    query = (
        select(
            subscription.id.label("subscription"),
            subscription.customer_id,
            customer.name.label("customer_name"),
            subscription.currency,
            subscription.pause_behavior.label("behavior"),
            subscription.pause_resumes_at.label("resumes_at"),
            func.coalesce(arr.scalar_subquery(), 0).label("arr"),
        )
        .join(mirror.customer, customer.id == subscription.customer_id, isouter=True)
        .where(subscription.pause_behavior.is_not(None), subscription.ended_at.is_(None))
    )
    frame = read(engine, query).sort_values(
        ["arr", "subscription"], ascending=[False, True], ignore_index=True
    )
    since = _since(engine, frame["subscription"].tolist())
    return frame.assign(since=pd.Series([since.get(each) for each in frame["subscription"]], dtype=INSTANT))


def _since(engine: Engine, subscriptions: list[str]) -> dict[str, Any]:
    """When an event last said that the collection of each was paused."""
    event = mirror.event.c
    query = select(event.object_id, event.created_at, event.data)
    query = query.where(event.object_id.in_(subscriptions), event.object_type == "subscription")
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(event.created_at)).all()
    return {
        row.object_id: row.created_at
        for row in rows
        if "pause_collection" in (row.data.get("previous_attributes") or {})
        and row.data["object"].get("pause_collection")
    }
