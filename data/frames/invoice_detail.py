"""One invoice: its own row, its lines, what was tried to pay it, its credit notes, what people noted."""

from typing import Any

import pandas as pd
from sqlalchemy import Engine, Select, and_, exists, func, literal, or_, select

from data.frames.reading import read
from data.tables import mirror, receivables

invoice, line, note = mirror.invoice.c, mirror.invoice_line.c, mirror.credit_note.c
charge, method, payment = mirror.charge.c, mirror.payment_method.c, mirror.invoice_payment.c
customer, written = mirror.customer.c, receivables.receivable_note.c


def invoice_detail(engine: Engine, invoice_id: str) -> pd.DataFrame:
    """One row with all that is kept of an invoice, by the names of the mirror; none when it is not known.

    customer_name and customer_email are those on the invoice, else the customer's.
    """
    own = {"customer_name": customer.name, "customer_email": customer.email}
    columns = [
        func.coalesce(column, own[column.name]).label(column.name) if column.name in own else column
        for column in mirror.invoice.columns
        if column.name not in ("discounts", "metadata", "observed_at")
    ]
    query = select(*columns).join(mirror.customer, customer.id == invoice.customer_id, isouter=True)
    return read(engine, query.where(invoice.id == invoice_id))


def invoice_lines(engine: Engine, invoice_id: str) -> pd.DataFrame:
    """Its lines as they stand on it; amounts in minor units, before discount and tax.

    line_id, description, product, quantity, unit_amount (minor units, a decimal text), amount, discount, tax,
    proration, period_start, period_end, subscription_id, currency.
    """
    query = (
        select(
            line.id.label("line_id"),
            line.description,
            mirror.product.c.name.label("product"),
            line.quantity,
            line.unit_amount_decimal.label("unit_amount"),
            line.amount,
            line.discount_amounts.label("discount"),
            line.tax,
            line.proration,
            line.period_start,
            line.period_end,
            line.subscription_id,
            line.currency,
        )
        .join(mirror.product, mirror.product.c.id == line.product_id, isouter=True)
        .where(line.invoice_id == invoice_id, line.deleted_at.is_(None))
    )
    frame = read(engine, query.order_by(line.position, line.id))
    discounts = [sum(part["amount"] or 0 for part in parts or ()) for parts in frame["discount"]]
    return frame.assign(discount=pd.Series(discounts, index=frame.index, dtype="Int64"))


def invoice_tries(engine: Engine, invoice_id: str) -> pd.DataFrame:
    """What was tried to pay it, the newest first.

    charge_id, created_at, status, currency, amount, amount_refunded (minor units), brand, last4,
    failure_code, failure_message, decline_reason, linked. linked: Stripe says that it paid this invoice;
    else it is a charge of the same customer and amount while the invoice was open.
    """
    linked = read(engine, _charges(_linked(), linked=True).where(invoice.id == invoice_id))
    if len(linked):
        return linked
    return read(engine, _charges(_likely(), linked=False).where(invoice.id == invoice_id))


def _charges(which: Any, *, linked: bool) -> Select[Any]:
    return (
        select(
            charge.id.label("charge_id"),
            charge.created_at,
            charge.status,
            charge.currency,
            charge.amount,
            charge.amount_refunded,
            method.card_brand.label("brand"),
            method.card_last4.label("last4"),
            charge.failure_code,
            charge.failure_message,
            charge.decline_reason,
            literal(linked).label("linked"),
        )
        .select_from(mirror.charge)
        .join(mirror.invoice, which)
        .join(mirror.payment_method, method.id == charge.payment_method_id, isouter=True)
        .order_by(charge.created_at.desc(), charge.id)
    )


def _linked() -> Any:
    """A charge of a payment intent, or itself, that Stripe names as a payment of the invoice."""
    named = or_(payment.payment_intent_id == charge.payment_intent_id, payment.charge_id == charge.id)
    return exists().where(payment.invoice_id == invoice.id, named)


def _likely() -> Any:
    """A charge of the same customer and amount while the invoice was open, which pays no other."""
    other = or_(payment.payment_intent_id == charge.payment_intent_id, payment.charge_id == charge.id)
    return and_(
        charge.customer_id == invoice.customer_id,
        charge.currency == invoice.currency,
        charge.amount == invoice.amount_due,
        charge.created_at >= invoice.finalized_at,
        or_(invoice.closed_at.is_(None), charge.created_at <= invoice.closed_at),
        ~exists().where(other),
    )


def invoice_credit_notes(engine: Engine, invoice_id: str) -> pd.DataFrame:
    """Its credit notes, the newest first; pre_payment is what they took off the amount due (minor units).

    credit_note_id, number, status, type, reason, memo, currency, total, pre_payment, post_payment,
    created_at, voided_at.
    """
    query = select(
        note.id.label("credit_note_id"),
        note.number,
        note.status,
        note.type,
        note.reason,
        note.memo,
        note.currency,
        note.total,
        note.pre_payment_amount.label("pre_payment"),
        note.post_payment_amount.label("post_payment"),
        note.created_at,
        note.voided_at,
    ).where(note.invoice_id == invoice_id, note.deleted_at.is_(None))
    return read(engine, query.order_by(note.created_at.desc(), note.id))


def receivable_notes(engine: Engine, invoice_id: str) -> pd.DataFrame:
    """What people noted about an invoice, the newest first.

    note_id, kind (promise, dispute, remark, settled), promised_on, amount (minor units), text, written_at,
    written_by.
    """
    query = select(
        written.id.label("note_id"),
        written.kind,
        written.promised_on,
        written.amount,
        written.text,
        written.written_at,
        written.written_by,
    ).where(written.invoice_id == invoice_id)
    return read(engine, query.order_by(written.id.desc()))
