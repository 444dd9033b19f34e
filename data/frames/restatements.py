"""Movements as they were known at an instant, and what became known late."""

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, Text, cast, func, select, union_all

from data import restatements as log
from data.clock import month_start, next_month
from data.frames.lists import movement_totals
from data.frames.months import movements
from data.frames.reading import INSTANT, read, total
from data.frames.shared import Audiences, of_audiences
from data.restatements import REASONS
from data.tables import ledger, mirror
from data.tables.restatements import movement_change

change, customer = movement_change.c, mirror.customer.c
CELL = ["month", "currency", "kind", "product_id", "interval"]


def movements_known(engine: Engine, at: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Movements summed, as they were known at an instant; shaped as `movements` gives them.

    Of an instant before the ledger was first built: what the first build held.
    """
    now = movements(engine, audiences)
    learned = changes_by_month(engine, at, audiences=audiences)
    undone = learned.assign(delta_arr=-learned["delta_arr"])
    sums = pd.concat([now, undone], ignore_index=True).groupby(CELL)["delta_arr"].sum()
    return sums[sums != 0].reset_index().astype(now.dtypes.to_dict())


def movement_totals_known(engine: Engine, at: datetime, known_at: datetime) -> pd.DataFrame:
    """Movements up to the day of an instant as known at another; shaped as `movement_totals` gives them."""
    months = changes_by_month(engine, known_at)["month"].unique().tolist()
    totals = movement_totals(engine, at)
    again = read(engine, _totals(engine, at, known_at, months)).astype(totals.dtypes.to_dict())
    frame = pd.concat([totals[~totals["month"].isin(months)], again], ignore_index=True)
    return frame.sort_values(["month", "currency", "kind"], ignore_index=True)


def _totals(engine: Engine, at: datetime, known_at: datetime, months: list[str]) -> Select[Any]:
    """The totals of some months, from single movements less what became known of them since."""
    held, since = ledger.movement.c, change
    both = union_all(
        *(
            select(
                _month(engine, row.day).label("month"),
                *(row[name] for name in log.KEY),
                (row.delta_arr * sign).label("delta_arr"),
            ).where(_month(engine, row.day).in_(months), row.day <= at.date(), *learned)
            for row, sign, learned in ((held, 1, ()), (since, -1, (since.known_at > known_at,)))
        )
    ).subquery()
    key = (both.c.month, *(both.c[name] for name in log.KEY))
    rows = select(*key, func.sum(both.c.delta_arr).label("delta_arr")).group_by(*key)
    row = rows.having(func.sum(both.c.delta_arr) != 0).subquery().c
    arr, customers = total(row.delta_arr).label("arr"), func.count(row.customer_id.distinct())
    query = select(row.month, row.currency, row.kind, arr, customers.label("customers"))
    query = query.where(row.kind != "transfer").group_by(row.month, row.currency, row.kind)
    return query.having(func.sum(row.delta_arr) != 0)


def changes_by_month(
    engine: Engine, since: datetime | None = None, *, audiences: Audiences = None
) -> pd.DataFrame:
    """What became known after an instant (None: ever) of each month's movements, summed.

    month, currency, kind, product_id, interval, late (the month's day was over at the refresh before),
    delta_arr, known_at (the last of them).
    """
    month = _month(engine, change.day).label("month")
    key = (
        month,
        change.currency,
        change.kind,
        change.plan.label("product_id"),
        change.interval,
        change.late,
    )
    sums = (total(change.delta_arr).label("delta_arr"), func.max(change.known_at).label("known_at"))
    query = _narrowed(select(*key, *sums), since, audiences)
    return read(engine, query.group_by(*key[:3], change.plan, *key[4:]).order_by(*key))


def restated(
    engine: Engine,
    since: datetime | None = None,
    *,
    month: str | None = None,
    audiences: Audiences = None,
    limit: int | None = 500,
) -> pd.DataFrame:
    """What became known late, after an instant (None: ever), the newest first.

    known_at, month, day, customer_id, customer_name, kind, product_id, interval, currency, delta_arr (added
    to the movement), evidence, reason (in words).
    """
    columns = (
        change.known_at,
        _month(engine, change.day).label("month"),
        change.day,
        change.customer_id,
        customer.name.label("customer_name"),
        change.kind,
        change.plan.label("product_id"),
        change.interval,
        change.currency,
        change.delta_arr,
        change.evidence,
        change.reason,
        customer.deleted_at,
    )
    query = _narrowed(select(*columns), since, audiences).where(change.late)
    query = query.join(mirror.customer, customer.id == change.customer_id, isouter=True)
    if month is not None:
        first, after = (month_start(each).date() for each in (month, next_month(month)))
        query = query.where(change.day >= first, change.day < after)
    frame = read(engine, query.order_by(change.known_at.desc(), change.id).limit(limit))
    words = [REASONS.get(each, each) for each in frame["reason"]]
    told = pd.Series(words, index=frame.index, dtype="string")
    gone = frame.pop("deleted_at").notna()
    return frame.assign(reason=told.mask(gone, "The customer was deleted at Stripe."))


def known_since(engine: Engine) -> pd.DataFrame:
    """One row, at: since when what was known is kept; missing before the ledger was first built."""
    with engine.connect() as connection:
        found = log.known_since(connection)
    return pd.DataFrame({"at": pd.Series([found], dtype=INSTANT)})


def _narrowed(query: Select[Any], since: datetime | None, audiences: Audiences) -> Select[Any]:
    query = query.select_from(movement_change)
    if since is not None:
        query = query.where(change.known_at > since)
    return query.where(of_audiences(change.customer_id, audiences))


def _month(engine: Engine, day: ColumnElement[Any]) -> ColumnElement[str]:
    """The month of a day, as "YYYY-MM"; SQLite keeps days as text that begins so."""
    if engine.dialect.name == "sqlite":
        return func.substr(cast(day, Text), 1, 7, type_=Text)
    return func.to_char(day, "YYYY-MM", type_=Text)
