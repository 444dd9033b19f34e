"""Subscribers by the size of their run rate, and audiences by the number of their subscribers."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Engine, case, select

from data.frames.reading import narrowed, read, total
from data.frames.rolling import balances, rolled_up
from data.frames.shared import Audiences
from data.tables import ledger

change = ledger.month_transition.c


def subscribers_by_size(
    engine: Engine, until: str, *, currencies: Iterable[str] | None = None, audiences: Audiences = None
) -> pd.DataFrame:
    """Subscribers at the end of every month by size: month, currency, size, subscribers.

    size is how many of the currency's bounds (data.sizes) a customer's run rate in it reaches.
    """
    table = ledger.size_change.c
    keys = (table.month, table.currency, table.size)
    query = narrowed(rolled_up(ledger.size_change, keys, audiences, None), (table.currency, currencies))
    return balances(read(engine, query.where(table.month <= until)), "subscribers", "subscribers", until)


def audience_sizes(engine: Engine, month: str) -> pd.DataFrame:
    """Subscribers of each audience at a month's end, in whatever currency: audience_id, subscribers."""
    came, went = (case((held != "", 1), else_=0) for held in (change.held_after, change.held_before))
    subscribers = total(change.customers * (came - went))
    query = select(change.audience_id, subscribers.label("subscribers")).where(
        change.month <= month, change.currency == "", change.audience_id != 0
    )
    query = query.group_by(change.audience_id).having(subscribers > 0)
    return read(engine, query.order_by(change.audience_id))
