"""Subscribers by the size of their run rate, and audiences by the number of their subscribers."""

from collections.abc import Iterable, Sequence

import pandas as pd
from sqlalchemy import Engine, case, func, literal, select

from data.clock import months_between
from data.frames.days import month_of_day
from data.frames.reading import made, narrowed, read, total
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger

DTYPES = {"month": "string", "currency": "string", "size": "Int64", "subscribers": "Int64"}
moved, change = ledger.movement.c, ledger.month_transition.c


def subscribers_by_size(
    engine: Engine,
    until: str,
    bounds: Sequence[int],
    *,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """Subscribers at the end of every month by size: month, currency, size, subscribers.

    size is how many of `bounds` (ARR, ascending) a customer's run rate in the currency reaches. Reads every
    movement once: for a page, only where somebody asks for it.
    """
    holder = (moved.customer_id, moved.currency)
    days = select(*holder, moved.day, total(moved.delta_arr).label("delta")).group_by(*holder, moved.day)
    days = narrowed(days, (moved.currency, currencies)).where(of_audiences(moved.customer_id, audiences))
    each = days.subquery().c
    whose = (each.customer_id, each.currency)
    balances = select(
        each.currency,
        month_of_day(engine, each.day).label("first"),
        month_of_day(engine, func.lead(each.day).over(partition_by=whose, order_by=each.day)).label("after"),
        func.sum(each.delta).over(partition_by=whose, order_by=each.day).label("arr"),
    ).subquery()
    row = balances.c
    steps = [case((row.arr >= bound, 1), else_=0) for bound in bounds]
    size = (sum(steps[1:], steps[0]) if steps else literal(0)).label("size")
    stays = select(row.currency, row.first, row.after, size).where(row.arr > 0)
    stay = stays.where(row.after.is_(None) | (row.after > row.first)).subquery().c
    key = (stay.currency, stay.first, stay.after, stay.size)
    return _by_month(read(engine, select(*key, func.count().label("customers")).group_by(*key)), until)


def _by_month(stays: pd.DataFrame, until: str) -> pd.DataFrame:
    """Stays from a month to before another as subscribers at the end of each month between."""
    if stays.empty:
        return made([], DTYPES)
    after = stays["after"].fillna("9999-12")
    came = stays.assign(month=stays["first"])
    gone = stays.assign(month=after, customers=-stays["customers"]).loc[after <= until]
    changes = pd.concat([came, gone]).groupby(["month", "currency", "size"])["customers"].sum()
    months = months_between(str(stays["first"].min()), until)
    key = ["currency", "size"]
    wide = changes.astype("int64").unstack(key, fill_value=0).reindex(months, fill_value=0).cumsum()
    frame = wide.rename_axis(index="month").melt(ignore_index=False, value_name="subscribers").reset_index()
    frame = frame[frame["subscribers"] > 0].astype(DTYPES)
    return frame.sort_values(["month", "currency", "size"], ignore_index=True)


def audience_sizes(engine: Engine, month: str) -> pd.DataFrame:
    """Subscribers of each audience at a month's end, in whatever currency: audience_id, subscribers."""
    came, went = (case((held != "", 1), else_=0) for held in (change.held_after, change.held_before))
    subscribers = total(change.customers * (came - went))
    query = select(change.audience_id, subscribers.label("subscribers")).where(
        change.month <= month, change.currency == "", change.audience_id != 0
    )
    query = query.group_by(change.audience_id).having(subscribers > 0)
    return read(engine, query.order_by(change.audience_id))
