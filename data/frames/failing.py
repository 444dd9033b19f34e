"""Payments that failed: what is tried again and when, and what became of those of each month."""

from collections.abc import Collection
from datetime import datetime

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)

from data.frames.days import day_of, month_of_day
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, manager_of, of_audiences
from data.tables import mirror

invoice, customer = mirror.invoice.c, mirror.customer.c
charge, payment = mirror.charge.c, mirror.invoice_payment.c


def failing_payments(
    engine: Engine,
    *,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Open invoices whose payment failed at least once, the next to be tried first, those of no try last.

    invoice_id, number, customer_id, customer_name, account_manager, currency, open (minor units),
    finalized_at, attempt_count, next_payment_attempt, failure_code, failure_message, decline_reason (of the
    newest charge that failed, where Stripe ties it to the invoice, else of the same amount).
    """
    failed = _last_failed().correlate(mirror.invoice).scalar_subquery()
    query = (
        select(
            invoice.id.label("invoice_id"),
            invoice.number,
            invoice.customer_id,
            func.coalesce(customer.name, invoice.customer_name).label("customer_name"),
            manager_of(invoice.customer_id),
            invoice.currency,
            invoice.amount_remaining.label("open"),
            invoice.finalized_at,
            invoice.attempt_count,
            invoice.next_payment_attempt,
            charge.failure_code,
            charge.failure_message,
            charge.decline_reason,
        )
        .join(mirror.customer, customer.id == invoice.customer_id, isouter=True)
        .join(mirror.charge, charge.id == failed, isouter=True)
        .where(
            literal_column(f"invoice.{mirror.IS_OPEN}"),
            invoice.attempt_count >= 1,
            invoice.amount_remaining > 0,
        )
        .where(invoice.amount_remaining > 0)
        .where(invoice.deleted_at.is_(None), _of(audiences))
    )
    last = invoice.next_payment_attempt.is_(None)
    order = (last, invoice.next_payment_attempt, invoice.finalized_at.desc(), invoice.id)
    return read(engine, narrowed(query, (invoice.currency, currencies)).order_by(*order).limit(limit))


def _last_failed() -> Select[tuple[str]]:
    """The newest charge of the invoice's customer that failed and is of it."""
    charges = mirror.charge.alias()
    each = charges.c
    paying = or_(payment.payment_intent_id == each.payment_intent_id, payment.charge_id == each.id)
    tied = select(payment.id).where(payment.invoice_id == invoice.id, paying)
    tied = tied.correlate(mirror.invoice, charges)
    alike = and_(each.amount == invoice.amount_due, each.created_at >= invoice.finalized_at)
    mine = (each.customer_id == invoice.customer_id, each.status == "failed", or_(tied.exists(), alike))
    return select(each.id).where(*mine).order_by(each.created_at.desc(), each.id).limit(1)


def payment_recovery(engine: Engine, since: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Invoices since an instant whose payment failed at first, by the month they became final.

    month, currency, outcome (recovered, trying, open, written off, voided), invoices, amount (minor units,
    what was due). trying: another attempt is planned.
    """
    planned = invoice.next_payment_attempt.is_not(None)
    outcome = case(
        (invoice.status == "paid", "recovered"),
        (invoice.status == "uncollectible", "written off"),
        (invoice.status == "void", "voided"),
        (planned, "trying"),
        else_="open",
    ).label("outcome")
    month = month_of_day(engine, day_of(engine, invoice.finalized_at)).label("month")
    query = (
        select(
            month,
            invoice.currency,
            outcome,
            func.count().label("invoices"),
            total(invoice.amount_due).label("amount"),
        )
        .where(
            literal_column(f"({mirror.HAS_FAILED})"),
            invoice.finalized_at >= since,
            invoice.amount_due > 0,
        )
        .where(invoice.deleted_at.is_(None), invoice.amount_due > 0, _of(audiences))
        .group_by(month, invoice.currency, outcome)
    )
    return read(engine, query.order_by(month, invoice.currency, outcome))


def _of(audiences: Audiences) -> ColumnElement[bool]:
    return true() if audiences is None else of_audiences(invoice.customer_id, audiences)
