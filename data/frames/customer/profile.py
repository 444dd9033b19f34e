"""Who a customer is: at Stripe, and in the company's own application."""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, exists, func, select

from data.frames.reading import read
from data.tables import application, mirror

customer = mirror.customer.c
account, use, live = application.account.c, application.account_use.c, application.account_addon.c


def customer_profile(engine: Engine, customer_id: str) -> pd.DataFrame:
    """The customer as Stripe has it, one row, or none when nobody has that id.

    customer_id, name, email, phone, description, country, address (mapping), currency, balance (minor units,
    negative: a credit), delinquent, tax_exempt, tax_ids (mappings; missing: not readable), created_at,
    deleted_at.
    """
    query = select(
        customer.id.label("customer_id"),
        customer.name,
        customer.email,
        customer.phone,
        customer.description,
        customer.country,
        customer.address,
        customer.currency,
        customer.balance,
        customer.delinquent,
        customer.tax_exempt,
        customer.tax_ids,
        customer.created_at,
        customer.deleted_at,
    ).where(customer.id == customer_id)
    return read(engine, query)


def customer_accounts(engine: Engine, customer_id: str) -> pd.DataFrame:
    """The application accounts of a customer, the oldest first; the columns are those of account_profile."""
    return read(engine, _accounts(account.stripe_customer_id == customer_id))


def account_profile(engine: Engine, account_id: str) -> pd.DataFrame:
    """An account of the application, one row or none.

    account_id, name, owner, plan, capacity, used and used_on (of its latest day), peak (the most of the days
    known), account_manager, segment, country, created_at, deleted_at, customer_id; null is not known.
    """
    return read(engine, _accounts(account.account_id == account_id))


def _accounts(condition: ColumnElement[bool]) -> Select[Any]:
    mine = use.account_id == account.account_id
    latest = select(use.used).where(mine).order_by(use.day.desc()).limit(1).scalar_subquery()
    query = select(
        account.account_id,
        account.name,
        account.owner,
        account.plan,
        account.capacity,
        latest.label("used"),
        select(func.max(use.day)).where(mine).scalar_subquery().label("used_on"),
        select(func.max(use.used)).where(mine).scalar_subquery().label("peak"),
        account.account_manager,
        account.segment,
        account.country,
        account.created_at,
        account.deleted_at,
        account.stripe_customer_id.label("customer_id"),
    )
    return query.where(condition).order_by(account.created_at, account.account_id)


def customer_use(engine: Engine, accounts: tuple[str, ...]) -> pd.DataFrame:
    """Use by day of some accounts, in order of day: day, used (their sum), accounts (how many are in it)."""
    query = select(use.day, func.sum(use.used).label("used"), func.count().label("accounts"))
    return read(engine, query.where(use.account_id.in_(accounts)).group_by(use.day).order_by(use.day))


def customer_addons(engine: Engine, accounts: tuple[str, ...]) -> pd.DataFrame:
    """Add-ons that the application has live for some accounts: addon (a key or name), live_since."""
    query = select(live.addon, func.min(live.live_since).label("live_since"))
    return read(engine, query.where(live.account_id.in_(accounts)).group_by(live.addon).order_by(live.addon))


def addons_told(engine: Engine) -> pd.DataFrame:
    """One row: told, whether the application says of anybody which add-ons are live."""
    return read(engine, select(exists(select(live.addon)).label("told")))
