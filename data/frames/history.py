"""The ledger row by row, and what it could not be sure of."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables import history, ledger, mirror


def ledger_movements(engine: Engine, at: datetime) -> pd.DataFrame:
    """Every movement up to the day of an instant, in order of day and customer.

    customer, day, kind, plan (the product's id), interval, currency, delta_arr, evidence.
    """
    moved = ledger.movement.c
    columns = (
        moved.day,
        moved.kind,
        moved.plan,
        moved.interval,
        moved.currency,
        moved.delta_arr,
        moved.evidence,
    )
    query = select(moved.customer_id.label("customer"), *columns).where(moved.day <= at.date())
    frame = read(engine, query.order_by(moved.day, moved.customer_id, *columns[1:]))
    return frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d").astype("string"))


def unknown_history(engine: Engine) -> pd.DataFrame:
    """Changes of run rate that no evidence dates, the largest first.

    subscription, item, customer, customer_name, currency, earliest_at, latest_at (missing: until now),
    placed_at (where the timeline has it), delta_arr, reason.
    """
    table, customer = history.unknown_history.c, mirror.customer.c
    query = select(
        table.subscription_id.label("subscription"),
        table.subscription_item_id.label("item"),
        table.customer_id.label("customer"),
        customer.name.label("customer_name"),
        table.currency,
        table.earliest_at,
        table.latest_at,
        table.placed_at,
        table.delta_arr,
        table.reason,
    ).join(mirror.customer, customer.id == table.customer_id, isouter=True)
    frame = read(engine, query.order_by(table.subscription_id, table.earliest_at, table.id))
    return frame.sort_values("delta_arr", key=abs, ascending=False, kind="stable", ignore_index=True)
