"""Payments that failed at the first attempt, and what came of their invoices.

Only invoices of running subscriptions: a first invoice that was never paid began no subscription.
"""

from collections.abc import Collection, Iterable

import pandas as pd
from sqlalchemy import CTE, Engine, Text, and_, case, cast, func, or_, select, text

from data.clock import month_start, next_month
from data.frames.days import day_of, days_between, month_of_day
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, of_audiences
from data.tables import mirror

invoice, line, price = mirror.invoice.c, mirror.invoice_line.c, mirror.price.c
subscription = mirror.subscription.c


def failed_payments(
    engine: Engine,
    months: Collection[str],
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """Invoices of which an automatic payment failed, by the month of the first attempt.

    month, currency, outcome, attempts, days (from that attempt, as the invoice was finalized, to
    the payment), invoices, amount (what was due). outcome: recovered (paid since), lost (the subscription
    ended for want of payment), written_off, voided, open (attempts go on, or wait for somebody).
    """
    failed = _failed(months)
    some = narrowed(select(failed), (failed.c.currency, currencies))
    some = some.where(of_audiences(failed.c.customer_id, audiences))
    if products is not None or intervals is not None:
        bills = select(line.invoice_id).join(mirror.price, price.id == line.price_id, isouter=True)
        interval = cast(price.recurring_interval_count, Text).concat(price.recurring_interval)
        bills = narrowed(bills, (line.product_id, products), (interval, intervals))
        some = some.where(failed.c.id.in_(bills.where(line.invoice_id == failed.c.id)))
    each = some.subquery().c
    ended = and_(
        subscription.cancellation_reason == "payment_failed", subscription.ended_at >= each.finalized_at
    )
    outcome = case(
        (each.status == "paid", "recovered"),
        (ended, "lost"),
        (each.status == "uncollectible", "written_off"),
        (each.status == "void", "voided"),
        else_="open",
    ).label("outcome")
    first, paid = (day_of(engine, at) for at in (each.finalized_at, each.paid_at))
    days = case((each.status == "paid", days_between(engine, first, paid))).label("days")
    month = month_of_day(engine, first).label("month")
    told = select(month, each.currency, outcome, each.attempts, days, each.amount_due)
    told = told.join_from(
        each.id.table, mirror.subscription, subscription.id == each.subscription_id, isouter=True
    )
    found = told.subquery().c
    key = (found.month, found.currency, found.outcome, found.attempts, found.days)
    sums = (func.count().label("invoices"), total(found.amount_due).label("amount"))
    return read(engine, select(*key, *sums).group_by(*key).order_by(*key))


def _failed(months: Collection[str]) -> CTE:
    """Their invoices. The condition is word for word that of the index."""
    columns = (invoice.id, invoice.customer_id, invoice.subscription_id, invoice.status, invoice.currency)
    when = (invoice.finalized_at, invoice.paid_at, invoice.amount_due)
    if months:
        first, after = month_start(min(months)), month_start(next_month(max(months)))
        inside = and_(invoice.finalized_at >= first, invoice.finalized_at < after)
    else:
        inside = invoice.finalized_at.is_(None)
    return (
        select(*columns, *when, invoice.attempt_count.label("attempts"))
        .where(
            text(f"({mirror.HAS_FAILED})"),
            inside,
            invoice.collection_method == "charge_automatically",
            invoice.subscription_id.is_not(None),
            or_(invoice.billing_reason.is_(None), invoice.billing_reason != "subscription_create"),
            invoice.deleted_at.is_(None),
        )
        .cte("failed")
    )
