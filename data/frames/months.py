"""The rollups as frames: run rate, subscribers and movements by month."""

import pandas as pd
from sqlalchemy import Engine, select

from data.clock import months_between
from data.frames.reading import made, read
from data.tables import ledger

FLOW = ("start", "new", "lost", "won_back", "end", "joined_and_left")
FLOW_DTYPES = {"month": "string", "currency": "string", **dict.fromkeys(FLOW, "Int64")}


def month_end(engine: Engine) -> pd.DataFrame:
    """Run rate at the end of every month: month, currency, product_id, interval, arr."""
    table = ledger.month_end.c
    query = select(table.month, table.currency, table.plan.label("product_id"), table.interval, table.arr)
    return read(engine, query.order_by(table.month, table.currency, table.plan, table.interval))


def month_end_subscribers(engine: Engine) -> pd.DataFrame:
    """Customers by what they hold at the end of every month: month, currency, portfolio, subscribers.

    A portfolio is "product:interval|product:interval", sorted; every customer is in exactly one.
    """
    table = ledger.month_end_subscribers
    return read(engine, select(*table.c).order_by(*table.primary_key))


def movements(engine: Engine) -> pd.DataFrame:
    """Movements summed: month, currency, kind, product_id, interval, delta_arr."""
    table = ledger.month_movement.c
    cell = (table.plan.label("product_id"), table.interval)
    query = select(table.month, table.currency, table.kind, *cell, table.delta_arr)
    return read(engine, query.order_by(*ledger.month_movement.primary_key))


def movement_customers(engine: Engine) -> pd.DataFrame:
    """Customers by what moved: month, currency, kind, portfolio, customers; each once a month and kind."""
    table = ledger.month_movement_customers
    return read(engine, select(*table.c).order_by(*table.primary_key))


def transitions(engine: Engine) -> pd.DataFrame:
    """Customers by what they held at a month's start and end, where that differs or both are nothing.

    month, currency, held_before, held_after (portfolios), first (the month of the customer's first movement),
    customers. Nothing before and after: joined and left inside the month.
    """
    table = ledger.month_transition
    return read(engine, select(*table.c).order_by(*table.primary_key))


def subscriber_flow(engine: Engine) -> pd.DataFrame:
    """Subscribers month by month: month, currency, start, new, lost, won_back, end, joined_and_left.

    start + new + won_back - lost = end in every row. Whoever leaves and returns within a month moved nowhere.
    A customer who takes up a second currency is won back in it.
    """
    held, moves = month_end_subscribers(engine), transitions(engine)
    ends = held.groupby(["currency", "month"])["subscribers"].sum()
    counts = moves.assign(flow=_flows(moves)).groupby(["currency", "month", "flow"])["customers"].sum()
    rows: list[tuple[object, ...]] = []
    start: dict[str, int] = {}
    for currency, month in _grid(held, moves):
        end = int(ends.get((currency, month), 0))
        moved = [int(counts.get((currency, month, name), 0)) for name in ("new", "lost", "won_back")]
        inside = int(counts.get((currency, month, "joined_and_left"), 0))
        rows.append((month, currency, start.get(currency, 0), *moved, end, inside))
        start[currency] = end
    return made(sorted(rows), FLOW_DTYPES)


def _grid(ends: pd.DataFrame, moves: pd.DataFrame) -> list[tuple[str, str]]:
    """Every currency with each of its months from its first subscriber to the last month there is."""
    last = max([*ends["month"], *moves["month"]], default="")
    firsts = moves.groupby("currency")["month"].min()
    return [(str(name), month) for name, first in firsts.items() for month in months_between(first, last)]


def _flows(moves: pd.DataFrame) -> pd.Series:
    """What each transition is in the flow of subscribers: new, won_back, lost, joined_and_left, or moved."""
    before, after = moves["held_before"] != "", moves["held_after"] != ""
    flows = pd.Series("moved", index=moves.index)
    flows[~before & after] = "won_back"
    flows[~before & after & moves["first"]] = "new"
    flows[before & ~after] = "lost"
    flows[~before & ~after] = "joined_and_left"
    return flows
