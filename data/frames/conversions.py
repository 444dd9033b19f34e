"""Accounts that began without paying, and how long it took until they paid."""

from datetime import date, datetime

import pandas as pd
from sqlalchemy import ColumnElement, Date, Engine, Integer, Text, cast, func, select

from data.frames.reading import read
from data.frames.shared import account
from data.tables import ledger

moved = ledger.movement.c


def conversions(engine: Engine) -> pd.DataFrame:
    """The company's accounts by the month they were created in and the days until they first paid.

    month, days (missing: never yet; 0: on the day itself, or before), accounts. Accounts whose creation
    is not known are left out; those that were deleted since are in.
    """
    paid = select(func.min(moved.day)).where(
        moved.customer_id == account.c.stripe_customer_id, moved.kind == "new"
    )
    each = (
        select(
            _month(engine, account.c.created_at).label("month"),
            account.c.created_at,
            paid.scalar_subquery().label("paid_on"),
        )
        .where(account.c.created_at.is_not(None))
        .subquery()
        .c
    )
    days = _days(engine, each.created_at, each.paid_on).label("days")
    query = select(each.month, days, func.count().label("accounts")).group_by(each.month, days)
    frame = read(engine, query.order_by(each.month, days))
    frame["days"] = frame["days"].clip(lower=0)
    return frame.groupby(["month", "days"], dropna=False)["accounts"].sum().reset_index()


def _month(engine: Engine, at: ColumnElement[datetime]) -> ColumnElement[str]:
    """The UTC month of an instant as "YYYY-MM"; SQLite keeps instants as text that begins so."""
    if engine.dialect.name == "sqlite":
        return func.substr(cast(at, Text), 1, 7, type_=Text)
    return func.to_char(func.timezone("UTC", at), "YYYY-MM", type_=Text)


def _days(engine: Engine, created: ColumnElement[datetime], paid: ColumnElement[date]) -> ColumnElement[int]:
    """The days from an instant's UTC day to a day."""
    if engine.dialect.name == "sqlite":
        return cast(func.julianday(paid) - func.julianday(func.date(created)), Integer)
    return cast(paid - cast(func.timezone("UTC", created), Date), Integer)
