"""The company's own accounts by plan: how many, what they bought and what they use."""

import pandas as pd
from sqlalchemy import Engine, func, select

from data.frames.reading import read, total
from data.frames.shared import account, latest_use


def accounts(engine: Engine) -> pd.DataFrame:
    """Accounts by plan, with the units they bought and use; each account's use is that of its latest day.

    plan, accounts, capacity, used, accounts_with_capacity, accounts_with_use, accounts_without_customer:
    capacity and used are sums over the accounts that have them, null where none has.
    """
    each = (
        select(account.c.plan, account.c.capacity, account.c.stripe_customer_id, latest_use().label("used"))
        .where(account.c.deleted_at.is_(None))
        .subquery()
    )
    column = each.c
    query = select(
        column.plan,
        func.count().label("accounts"),
        total(column.capacity).label("capacity"),
        total(column.used).label("used"),
        func.count(column.capacity).label("accounts_with_capacity"),
        func.count(column.used).label("accounts_with_use"),
        (func.count() - func.count(column.stripe_customer_id)).label("accounts_without_customer"),
    )
    return read(engine, query.group_by(column.plan).order_by(column.plan))
