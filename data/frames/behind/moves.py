"""The movements of a month, and what they are measured against."""

from typing import Any

import pandas as pd
from sqlalchemy import Date, Engine, Select, Text, literal, null, select

from data.clock import month_start, next_month
from data.frames.behind.naming import named, outside
from data.frames.reading import total
from data.frames.rolling import INSTANT
from data.frames.shared import Audiences, in_force
from data.tables import ledger

moved, line = ledger.movement.c, ledger.timeline.c
KEY = ("kind", "product_id", "interval", "currency", "outside")
START = "start"


def behind_movements(
    engine: Engine, month: str, *, audiences: Audiences = None, limit: int = 500
) -> pd.DataFrame:
    """The movements of a month.

    customer_id, customer_name, day, kind, product_id, interval, currency, evidence, outside, delta_arr, rows.
    """
    first, after = (month_start(each).date() for each in (month, next_month(month)))
    query = select(
        moved.customer_id,
        moved.day,
        moved.kind,
        moved.plan.label("product_id"),
        moved.interval,
        moved.currency,
        moved.evidence,
        outside(moved.customer_id, audiences),
        moved.delta_arr,
    ).where(moved.day >= first, moved.day < after)
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
    cell = (line.customer_id, line.product_id, line.interval, line.currency)
    return (
        select(
            line.customer_id,
            null().cast(Date).label("day"),
            literal(START).label("kind"),
            *cell[1:],
            null().cast(Text).label("evidence"),
            outside(line.customer_id, audiences),
            total(line.arr).label("delta_arr"),
        )
        .where(in_force(month_start(month) - INSTANT))
        .group_by(*cell)
    )
