"""Whole lists for export: invoices, customers, and movements by month, as of an instant."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, func, select

from data.clock import month_of, month_start
from data.frames.months import movement_customers, movements
from data.frames.reading import read, total
from data.frames.shared import customer_accounts
from data.tables import ledger, mirror

MOVED = ["month", "currency", "kind"]


def movement_totals(engine: Engine, at: datetime) -> pd.DataFrame:
    """Movements up to the day of an instant: month, currency, kind, arr, customers.

    Transfers are left out, since they sum to zero.
    """
    last = month_of(at)
    arr = movements(engine).groupby(MOVED)["delta_arr"].sum().rename("arr")
    customers = movement_customers(engine).groupby(MOVED)["customers"].sum()
    whole = pd.concat([arr, customers], axis="columns").reset_index()
    frame = pd.concat([whole[whole["month"] < last], _month_until(engine, at)], ignore_index=True)
    frame = frame[(frame["kind"] != "transfer") & (frame["arr"] != 0)]
    return frame.sort_values(MOVED, ignore_index=True)


def _month_until(engine: Engine, at: datetime) -> pd.DataFrame:
    """The movements of the month of an instant, up to its day."""
    table = ledger.movement.c
    counted = func.count(table.customer_id.distinct()).label("customers")
    query = (
        select(table.currency, table.kind, total(table.delta_arr).label("arr"), counted)
        .where(table.day >= month_start(month_of(at)).date(), table.day <= at.date())
        .group_by(table.currency, table.kind)
    )
    frame = read(engine, query)
    frame.insert(0, "month", pd.Series(month_of(at), index=frame.index, dtype="string"))
    return frame


def invoices(engine: Engine, at: datetime) -> pd.DataFrame:
    """Invoices created until an instant, as they are now, oldest first; amounts in minor units."""
    table, customer = mirror.invoice.c, mirror.customer.c
    query = (
        select(
            table.id.label("invoice"),
            table.number,
            table.customer_id.label("customer"),
            func.coalesce(table.customer_name, customer.name).label("customer_name"),
            table.subscription_id.label("subscription"),
            table.status,
            table.billing_reason,
            table.collection_method,
            table.currency,
            table.subtotal,
            table.discount,
            table.tax,
            table.total,
            table.amount_paid,
            table.amount_remaining,
            table.created_at,
            table.finalized_at,
            table.due_at,
            table.paid_at,
            table.voided_at,
        )
        .join(mirror.customer, customer.id == table.customer_id, isouter=True)
        .where(table.created_at <= at, table.deleted_at.is_(None))
    )
    return read(engine, query.order_by(table.created_at, table.id))


def customers(engine: Engine, at: datetime) -> pd.DataFrame:
    """Customers created until an instant that are not deleted, as they are now, oldest first."""
    table, company = mirror.customer.c, customer_accounts()
    since = select(func.min(ledger.movement.c.day)).where(ledger.movement.c.customer_id == table.id)
    query = (
        select(
            table.id.label("customer"),
            table.name,
            table.email,
            func.coalesce(table.country, company.c.country).label("country"),
            table.currency,
            table.balance,
            table.delinquent,
            company.c.account_manager,
            company.c.segment,
            company.c.capacity,
            company.c.used,
            table.created_at,
            since.scalar_subquery().label("subscriber_since"),
        )
        .join(company, company.c.customer_id == table.id, isouter=True)
        .where(table.created_at <= at, table.deleted_at.is_(None))
    )
    return read(engine, query.order_by(table.created_at, table.id))
