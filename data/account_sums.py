"""The company's accounts added up: by plan, and by how long they took to pay.

They are added up when the accounts are copied, so that a page's cost does not grow with their number.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    Text,
    case,
    cast,
    delete,
    func,
    insert,
    select,
)

from data.tables import ledger
from data.tables.application import account, account_conversion, account_plan, account_use

moved, use = ledger.movement.c, account_use.c
SUMS = ("capacity", "used")


def latest_use() -> ColumnElement[int]:
    """The use of an account on its latest day; null when none is known."""
    newest = select(use.used).where(use.account_id == account.c.account_id)
    return newest.order_by(use.day.desc()).limit(1).scalar_subquery()


def add_up(connection: Connection) -> None:
    """Add up all accounts as they are stored now, in place of the sums before."""
    for table, query in (
        (account_plan, by_plan()),
        (account_conversion, by_conversion(connection.dialect.name)),
    ):
        connection.execute(delete(table))
        names = [column.name for column in query.selected_columns]
        connection.execute(insert(table).from_select(names, query))


def by_plan() -> Select[Any]:
    """plan, accounts, capacity, used, and how many accounts have each, or no Stripe customer."""
    each = (
        select(account.c.plan, account.c.capacity, account.c.stripe_customer_id, latest_use().label("used"))
        .where(account.c.deleted_at.is_(None))
        .subquery()
        .c
    )
    return select(
        each.plan,
        func.count().label("accounts"),
        *(cast(func.sum(each[name]), BigInteger).label(name) for name in SUMS),
        func.count(each.capacity).label("accounts_with_capacity"),
        func.count(each.used).label("accounts_with_use"),
        (func.count() - func.count(each.stripe_customer_id)).label("accounts_without_customer"),
    ).group_by(each.plan)


def by_conversion(dialect: str) -> Select[Any]:
    """month (of creation), days (until the first payment; null: never yet), accounts."""
    paid = select(func.min(moved.day)).where(
        moved.customer_id == account.c.stripe_customer_id, moved.kind == "new"
    )
    each = (
        select(
            _month(dialect, account.c.created_at).label("month"),
            _days(dialect, account.c.created_at, paid.scalar_subquery()).label("days"),
        )
        .where(account.c.created_at.is_not(None))
        .subquery()
        .c
    )
    days = case((each.days < 0, 0), else_=each.days).label("days")
    return select(each.month, days, func.count().label("accounts")).group_by(each.month, days)


def _month(dialect: str, at: ColumnElement[datetime]) -> ColumnElement[str]:
    """The UTC month of an instant as "YYYY-MM"; SQLite keeps instants as text that begins so."""
    if dialect == "sqlite":
        return func.substr(cast(at, Text), 1, 7, type_=Text)
    return func.to_char(func.timezone("UTC", at), "YYYY-MM", type_=Text)


def _days(dialect: str, created: ColumnElement[datetime], paid: ColumnElement[date]) -> ColumnElement[int]:
    """The days from an instant's UTC day to a day."""
    if dialect == "sqlite":
        return cast(func.julianday(paid) - func.julianday(func.date(created)), Integer)
    return cast(paid - cast(func.timezone("UTC", created), Date), Integer)
