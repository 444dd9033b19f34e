"""The company's own accounts by plan, and how many of those that began free came to pay."""

import pandas as pd
from sqlalchemy import Engine, Select, Table, select

from data import account_sums
from data.frames.reading import read
from data.tables.application import account_conversion, account_plan


def accounts(engine: Engine) -> pd.DataFrame:
    """Accounts by plan, with the units they bought and use; each account's use is that of its latest day.

    plan, accounts, capacity, used, accounts_with_capacity, accounts_with_use, accounts_without_customer:
    capacity and used are sums over the accounts that have them, null where none has.
    """
    return _kept(engine, account_plan, account_sums.by_plan(), "plan")


def conversions(engine: Engine) -> pd.DataFrame:
    """The company's accounts by the month they were created in and the days until they first paid.

    month, days (missing: never yet; 0: on the day itself, or before), accounts; as of the last copy of the
    accounts. Those whose creation is not known are left out; those that were deleted since are in.
    """
    return _kept(engine, account_conversion, account_sums.by_conversion(engine.dialect.name), "month", "days")


def _kept(engine: Engine, table: Table, query: "Select[tuple[object, ...]]", *order: str) -> pd.DataFrame:
    """What was added up when the accounts were copied; where they never were, what the query gives."""
    stored = read(engine, select(*(column for column in table.c if column.name != "id")))
    frame = stored if len(stored) else read(engine, query)
    return frame.sort_values(list(order), ignore_index=True)
