"""What a customer was billed and how they pay: invoices, credit notes, quotes, payment methods."""

import pandas as pd
from sqlalchemy import Engine, case, exists, func, select

from data.clock import month_start, next_month
from data.frames.reading import read
from data.tables import mirror

invoice, note, quote, method = mirror.invoice.c, mirror.credit_note.c, mirror.quote.c, mirror.payment_method.c
customer = mirror.customer.c
CREDITED = ("paid", "open", "uncollectible")
"""Statuses of an invoice that a credit note can be of."""


def customer_invoices(engine: Engine, customer_id: str, *, limit: int = 200) -> pd.DataFrame:
    """Invoices, the newest first; amounts in minor units of the invoice's currency.

    invoice_id, number, status, billing_reason, currency, total, amount_paid, amount_remaining, created_at,
    due_at, paid_at, attempt_count, next_payment_attempt, hosted_url, pdf_url.
    """
    query = (
        select(
            invoice.id.label("invoice_id"),
            invoice.number,
            invoice.status,
            invoice.billing_reason,
            invoice.currency,
            invoice.total,
            invoice.amount_paid,
            invoice.amount_remaining,
            invoice.created_at,
            invoice.due_at,
            invoice.paid_at,
            invoice.attempt_count,
            invoice.next_payment_attempt,
            invoice.hosted_invoice_url.label("hosted_url"),
            invoice.invoice_pdf.label("pdf_url"),
        )
        .where(invoice.customer_id == customer_id, invoice.deleted_at.is_(None))
        .order_by(invoice.created_at.desc(), invoice.id)
    )
    return read(engine, query.limit(limit))


def creditable_invoices(engine: Engine, customer_id: str, currency: str, month: str) -> pd.DataFrame:
    """Invoices of which something can still be credited: those for a month first, then the newest first.

    invoice_id, number, status, currency, total, untaxed (total without what taxes add), created_at, left
    (minor units), covers (whether one of its lines is for a time in the "YYYY-MM" month).
    """
    line, since, until = mirror.invoice_line.c, month_start(month), month_start(next_month(month))
    within = (line.period_start < until, line.period_end > since, line.deleted_at.is_(None))
    covers = exists().where(line.invoice_id == invoice.id, *within)
    gone = func.coalesce(invoice.pre_payment_credit_notes_amount, 0) + func.coalesce(
        invoice.post_payment_credit_notes_amount, 0
    )
    left = case((invoice.status == "paid", invoice.total - gone), else_=invoice.amount_remaining)
    untaxed = (invoice.subtotal - func.coalesce(invoice.discount, 0)).label("untaxed")
    columns = (invoice.number, invoice.status, invoice.currency, invoice.total, untaxed, invoice.created_at)
    fits = (invoice.customer_id == customer_id, invoice.currency == currency, left > 0)
    query = (
        select(invoice.id.label("invoice_id"), *columns, left.label("left"), covers.label("covers"))
        .where(*fits, invoice.status.in_(CREDITED), invoice.deleted_at.is_(None))
        .order_by(covers.desc(), invoice.created_at.desc(), invoice.id)
        .limit(200)
    )
    rows = read(engine, query)
    return rows.assign(covers=rows["covers"].astype("boolean"))


def customer_credit_notes(engine: Engine, customer_id: str) -> pd.DataFrame:
    """Credit notes, the newest first.

    credit_note_id, number, invoice_number, status, reason, memo, currency, total (minor units), created_at.
    """
    query = (
        select(
            note.id.label("credit_note_id"),
            note.number,
            invoice.number.label("invoice_number"),
            note.status,
            note.reason,
            note.memo,
            note.currency,
            note.total,
            note.created_at,
        )
        .join(mirror.invoice, invoice.id == note.invoice_id, isouter=True)
        .where(note.customer_id == customer_id, note.deleted_at.is_(None))
    )
    return read(engine, query.order_by(note.created_at.desc(), note.id))


def customer_quotes(engine: Engine, customer_id: str) -> pd.DataFrame:
    """Quotes, the newest first.

    quote_id, number, status, currency, amount_total (minor units), created_at, expires_at, accepted_at.
    """
    query = select(
        quote.id.label("quote_id"),
        quote.number,
        quote.status,
        quote.currency,
        quote.amount_total,
        quote.created_at,
        quote.expires_at,
        quote.accepted_at,
    ).where(quote.customer_id == customer_id, quote.deleted_at.is_(None))
    return read(engine, query.order_by(quote.created_at.desc(), quote.id))


def customer_methods(engine: Engine, customer_id: str) -> pd.DataFrame:
    """Payment methods on file, the default first.

    method_id, type, brand, last4, exp_month, exp_year (missing where it is not a card), is_default,
    created_at.
    """
    default = method.id == customer.default_payment_method_id
    query = (
        select(
            method.id.label("method_id"),
            method.type,
            method.card_brand.label("brand"),
            method.card_last4.label("last4"),
            method.card_exp_month.label("exp_month"),
            method.card_exp_year.label("exp_year"),
            default.label("is_default"),
            method.created_at,
        )
        .join(mirror.customer, customer.id == method.customer_id, isouter=True)
        .where(method.customer_id == customer_id, method.deleted_at.is_(None))
    )
    frame = read(engine, query.order_by(method.created_at.desc(), method.id)).astype(
        {"is_default": "boolean"}
    )
    frame["is_default"] = frame["is_default"].fillna(False)
    return frame.sort_values("is_default", ascending=False, kind="stable", ignore_index=True)
