"""The movements of a month, and what they are measured against."""

from typing import Any

import pandas as pd
from sqlalchemy import Date, Engine, Select, Text, func, literal, null, select

from data.clock import month_start, next_month
from data.frames.behind.naming import named, outside
from data.frames.reading import total
from data.frames.shared import Audiences
from data.tables import ledger, mirror

moved, customer = ledger.movement.c, mirror.customer.c
KEY = ("kind", "product_id", "interval", "currency", "outside")
START = "start"


def behind_movements(
    engine: Engine, month: str, *, audiences: Audiences = None, limit: int = 500
) -> pd.DataFrame:
    """The movements of a month.

    customer_id, customer_name, day, kind, product_id, interval, currency, evidence, outside, delta_arr, rows.
    """
    first, after = (month_start(each).date() for each in (month, next_month(month)))
    query = (
        select(
            moved.customer_id,
            customer.name.label("customer_name"),
            moved.day,
            moved.kind,
            moved.plan.label("product_id"),
            moved.interval,
            moved.currency,
            moved.evidence,
            outside(moved.customer_id, audiences),
            moved.delta_arr,
        )
        .join(mirror.customer, customer.id == moved.customer_id, isouter=True)
        .where(moved.day >= first, moved.day < after)
    )
    return named(engine, query, KEY, ("delta_arr",), limit)


def behind_rates(
    engine: Engine, month: str, *, audiences: Audiences = None, limit: int = 500
) -> pd.DataFrame:
    """The movements of a month as `behind_movements`, then what was held when it began, of the kind START."""
    moves = behind_movements(engine, month, audiences=audiences, limit=limit)
    held = named(engine, _held(month, audiences), KEY, ("delta_arr",), limit // 5)
    both = [frame for frame in (moves, held.astype(moves.dtypes.to_dict())) if len(frame)]
    return pd.concat(both, ignore_index=True) if both else moves


def _held(month: str, audiences: Audiences) -> Select[Any]:
    """What each customer held of each cell when a month began."""
    sums = (
        select(
            moved.customer_id, moved.plan, moved.interval, moved.currency, total(moved.delta_arr).label("arr")
        )
        .where(moved.day < month_start(month).date())
        .group_by(moved.customer_id, moved.plan, moved.interval, moved.currency)
        .having(func.sum(moved.delta_arr) != 0)
        .subquery()
        .c
    )
    return select(
        sums.customer_id,
        customer.name.label("customer_name"),
        null().cast(Date).label("day"),
        literal(START).label("kind"),
        sums.plan.label("product_id"),
        sums.interval,
        sums.currency,
        null().cast(Text).label("evidence"),
        outside(sums.customer_id, audiences),
        sums.arr.label("delta_arr"),
    ).join(mirror.customer, customer.id == sums.customer_id, isouter=True)
