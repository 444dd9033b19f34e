"""The rollups as frames: run rate, subscribers and movements by month.

audiences: only customers of these, by their ids in `frames.audiences`; None: everybody.
"""

import pandas as pd
from sqlalchemy import Engine

from data.clock import months_between
from data.frames.reading import made, read
from data.frames.rolling import balances, last_month, rolled_up
from data.frames.shared import Audiences
from data.tables import ledger

FLOW = ("start", "new", "lost", "won_back", "end", "joined_and_left")
FLOW_DTYPES = {"month": "string", "currency": "string", **dict.fromkeys(FLOW, "Int64")}


def month_end(engine: Engine, audiences: Audiences = None) -> pd.DataFrame:
    """Run rate at the end of every month: month, currency, product_id, interval, arr."""
    table = ledger.month_movement.c
    keys = (table.month, table.currency, table.plan.label("product_id"), table.interval)
    changes = read(engine, rolled_up(ledger.month_movement, keys, audiences, None))
    return balances(changes, "delta_arr", "arr", last_month(engine))


def month_end_subscribers(
    engine: Engine, audiences: Audiences = None, *, together: bool = False
) -> pd.DataFrame:
    """Customers by what they hold at the end of every month: month, currency, portfolio, subscribers.

    A portfolio is "product:interval|product:interval", sorted; every customer is in exactly one of each
    currency. together: in all currencies at once, each customer once, under an empty currency.
    """
    moves = transitions(engine, audiences, together=together)
    moves = moves[moves["held_before"] != moves["held_after"]]
    sides = [
        moves[["month", "currency"]].assign(portfolio=moves[held], subscribers=moves["customers"] * sign)
        for held, sign in (("held_after", 1), ("held_before", -1))
    ]
    changes = pd.concat(sides, ignore_index=True)
    return balances(changes[changes["portfolio"] != ""], "subscribers", "subscribers", last_month(engine))


def movements(engine: Engine, audiences: Audiences = None) -> pd.DataFrame:
    """Movements summed: month, currency, kind, product_id, interval, delta_arr."""
    table = ledger.month_movement.c
    keys = (table.month, table.currency, table.kind, table.plan.label("product_id"), table.interval)
    return read(engine, rolled_up(ledger.month_movement, keys, audiences, None))


def movement_customers(
    engine: Engine, audiences: Audiences = None, *, together: bool = False
) -> pd.DataFrame:
    """Customers by what moved: month, currency, kind, portfolio, customers; each once a month and kind.

    together: over all currencies, each customer once, under an empty currency.
    """
    table = ledger.month_movement_customers.c
    keys = (table.month, table.currency, table.kind, table.portfolio)
    return read(engine, rolled_up(ledger.month_movement_customers, keys, audiences, together))


def transitions(engine: Engine, audiences: Audiences = None, *, together: bool = False) -> pd.DataFrame:
    """Customers by what they held at a month's start and end, where that differs or both are nothing.

    month, currency, held_before, held_after (portfolios), first (the month of the customer's first movement),
    customers. Nothing before and after: joined and left inside the month. together: in all currencies at
    once, under an empty currency.
    """
    table = ledger.month_transition.c
    keys = (table.month, table.currency, table.held_before, table.held_after, table.first)
    return read(engine, rolled_up(ledger.month_transition, keys, audiences, together))


def subscriber_flow(engine: Engine, audiences: Audiences = None, *, together: bool = False) -> pd.DataFrame:
    """Subscribers month by month: month, currency, start, new, lost, won_back, end, joined_and_left.

    start + new + won_back - lost = end in every row. Whoever leaves and returns within a month moved nowhere.
    A customer who takes up a second currency is won back in it; together, in all at once, nobody is.
    """
    held = month_end_subscribers(engine, audiences, together=together)
    moves = transitions(engine, audiences, together=together)
    ends = held.groupby(["currency", "month"])["subscribers"].sum()
    counts = moves.assign(flow=_flows(moves)).groupby(["currency", "month", "flow"])["customers"].sum()
    rows: list[tuple[object, ...]] = []
    start: dict[str, int] = {}
    for currency, month in _grid(moves, last_month(engine)):
        end = int(ends.get((currency, month), 0))
        moved = [int(counts.get((currency, month, name), 0)) for name in ("new", "lost", "won_back")]
        inside = int(counts.get((currency, month, "joined_and_left"), 0))
        rows.append((month, currency, start.get(currency, 0), *moved, end, inside))
        start[currency] = end
    return made(sorted(rows), FLOW_DTYPES)


def _grid(moves: pd.DataFrame, last: str) -> list[tuple[str, str]]:
    """Every currency with each of its months from its first subscriber to the last month there is."""
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
