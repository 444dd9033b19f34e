"""What is owed as of any instant: by customer and age, over time, invoice by invoice; what was invoiced.

An invoice is owed from when it is final until it is paid, voided or written off. What it was owed at an
earlier instant is what is owed now, or was due, without the payments and credit notes that came later.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from data.frames.invoice_list import AGES
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, listed, manager_of, of_audiences
from data.tables import mirror, receivables
from data.tables.types import UTCDateTime

invoice, customer, note = mirror.invoice.c, mirror.customer.c, mirror.credit_note.c
payment, written = mirror.invoice_payment.c, receivables.receivable_note.c

SHOWN = (
    invoice.id,
    invoice.number,
    invoice.customer_id,
    invoice.customer_name,
    invoice.currency,
    invoice.total,
    invoice.falls_due_at,
    invoice.collection_method,
    invoice.attempt_count,
    invoice.next_payment_attempt,
    invoice.status,
)
LIMITS = tuple(most for _, most in AGES.values() if most is not None)
"""Days past due at which an age ends."""
WINDOW = timedelta(days=90)
"""Of the invoiced amount that days sales outstanding divides by."""


def owed(engine: Engine, at: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """What each customer owes at an instant, by age: the columns below, the largest first.

    customer_id, customer_name, customer_email, account_manager, currency, age (a key of AGES), open (minor
    units), invoices, oldest_due_at.
    """
    part = _owed_at(at, audiences).subquery().c
    query = (
        select(
            part.customer_id,
            func.coalesce(customer.name, func.max(part.customer_name)).label("customer_name"),
            customer.email.label("customer_email"),
            manager_of(part.customer_id),
            part.currency,
            part.age,
            total(part.open).label("open"),
            func.count().label("invoices"),
            func.min(part.falls_due_at, type_=UTCDateTime()).label("oldest_due_at"),
        )
        .join(mirror.customer, customer.id == part.customer_id, isouter=True)
        .group_by(part.customer_id, part.currency, part.age, customer.name, customer.email)
    )
    return read(engine, query.order_by(total(part.open).desc(), part.customer_id))


def owed_by_customer(engine: Engine, at: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """`owed` without who they are, for its sums: customer_id, currency, age, open (minor units)."""
    part = _owed_at(at, audiences).subquery().c
    key = (part.customer_id, part.currency, part.age)
    return read(engine, select(*key, total(part.open).label("open")).group_by(*key))


def owed_invoices(
    engine: Engine,
    at: datetime,
    *,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
    customers: Collection[str] | None = None,
    ages: Collection[str] | None = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Invoices owed at an instant, the longest due first, with the newest note on each.

    invoice_id, number, customer_id, customer_name, account_manager, currency, total, open (minor units), age,
    falls_due_at, collection_method, attempt_count, next_payment_attempt, status (now), note_kind,
    promised_on, note_amount, note_text, noted_at, noted_by.
    """
    part = _owed_at(at, audiences).subquery().c
    each = receivables.receivable_note.alias().c
    newest = select(func.max(each.id)).where(each.invoice_id == part.id).scalar_subquery()
    query = (
        select(
            part.id.label("invoice_id"),
            part.number,
            part.customer_id,
            func.coalesce(customer.name, part.customer_name).label("customer_name"),
            manager_of(part.customer_id),
            part.currency,
            part.total,
            part.open,
            part.age,
            part.falls_due_at,
            part.collection_method,
            part.attempt_count,
            part.next_payment_attempt,
            part.status,
            written.kind.label("note_kind"),
            written.promised_on,
            written.amount.label("note_amount"),
            written.text.label("note_text"),
            written.written_at.label("noted_at"),
            written.written_by.label("noted_by"),
        )
        .join(mirror.customer, customer.id == part.customer_id, isouter=True)
        .join(receivables.receivable_note, written.id == newest, isouter=True)
    )
    query = narrowed(query, (part.currency, currencies), (part.customer_id, customers), (part.age, ages))
    return read(engine, query.order_by(part.falls_due_at, part.id).limit(limit))


def invoiced(engine: Engine, at: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """What was invoiced in the 90 days up to an instant: currency, invoiced (minor units, tax in), invoices.

    Invoices by when they became final, without those voided by then; those below 0 take off.
    """
    query = (
        select(
            invoice.currency, total(invoice.total).label("invoiced"), func.count().label("invoices")
        ).where(_invoiced(at), of(audiences), listed(engine, invoice.customer_id))
    ).group_by(invoice.currency)
    return read(engine, query.order_by(invoice.currency))


def invoiced_customers(
    engine: Engine,
    at: datetime,
    *,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """`invoiced` by customer, the largest first: customer_id, customer_name, currency, invoiced, invoices."""
    worth = total(invoice.total)
    sums = (invoice.customer_id, invoice.currency, worth.label("invoiced"), func.count().label("invoices"))
    query = select(*sums).where(_invoiced(at), of(audiences), listed(engine, invoice.customer_id))
    query = query.group_by(invoice.customer_id, invoice.currency)
    query = narrowed(query, (invoice.currency, currencies))
    top = query.order_by(worth.desc(), invoice.customer_id).limit(limit).subquery().c
    printed = select(func.max(invoice.customer_name)).where(invoice.customer_id == top.customer_id)
    name = func.coalesce(customer.name, printed.where(_invoiced(at)).scalar_subquery()).label("customer_name")
    named = select(top.customer_id, name, top.currency, top.invoiced, top.invoices).join(
        mirror.customer, customer.id == top.customer_id, isouter=True
    )
    return read(engine, named.order_by(top.invoiced.desc(), top.customer_id))


def _invoiced(at: datetime) -> ColumnElement[bool]:
    """Became final in the 90 days up to an instant, and was not voided by then."""
    return and_(
        invoice.finalized_at > at - WINDOW,
        invoice.finalized_at <= at,
        or_(invoice.voided_at.is_(None), invoice.voided_at > at),
    )


def written_off(
    engine: Engine, since: datetime, at: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """What was given up between two instants: currency, written_off (minor units still due), invoices."""
    left = total(invoice.amount_due - func.coalesce(invoice.amount_paid, 0)).label("written_off")
    query = select(invoice.currency, left, func.count().label("invoices")).where(
        invoice.status == "uncollectible",
        invoice.collection_method.in_(("charge_automatically", "send_invoice")),
        invoice.marked_uncollectible_at > since,
        invoice.marked_uncollectible_at <= at,
        invoice.amount_due > 0,
        of(audiences),
    )
    return read(engine, query.group_by(invoice.currency).order_by(invoice.currency))


def of(audiences: Audiences) -> ColumnElement[bool]:
    """The customer of an invoice is of some audiences; None: of any."""
    return true() if audiences is None else of_audiences(invoice.customer_id, audiences)


def _owed_at(at: datetime, audiences: Audiences) -> Select[Any]:
    """Every invoice owed at an instant, with what was open of it and its age."""
    parts = [
        select(*SHOWN, amount.label("open"), _age(at)).where(
            condition, final_by(at), invoice.deleted_at.is_(None), of(audiences)
        )
        for condition, amount in ((still(), _remaining(at)), (closed_since(at), _was_due(at)))
    ]
    each = union_all(*parts).subquery()
    return select(*each.c).where(each.c.open > 0)


def _age(at: datetime) -> ColumnElement[str]:
    """The key of AGES of what fell due when it did; a part of a day is a day."""
    *bounded, oldest = AGES
    ends = zip(LIMITS, bounded, strict=True)
    known = ((invoice.falls_due_at >= at - timedelta(days=most), literal(age)) for most, age in ends)
    return case(*known, else_=literal(oldest)).label("age")


def still() -> ColumnElement[bool]:
    """Open now: the index over what is open has them all."""
    return literal_column(f"(invoice.{mirror.IS_OPEN})")


def final_by(at: datetime) -> ColumnElement[bool]:
    """Final at an instant, in words for which SQLite does not go through all that ever became final."""
    return func.coalesce(invoice.finalized_at, null()) <= at


def closed_since(at: datetime) -> ColumnElement[bool]:
    """Closed since: the index over what was ever owed for a while has them all."""
    return and_(literal_column(f"({mirror.WAS_OWED})"), invoice.closed_at > at)


def _remaining(at: datetime) -> ColumnElement[int]:
    """Of what is open now: what remains, and what was paid or credited since."""
    return cast(invoice.amount_remaining + _paid(at, later=True) + _credited(at), BigInteger)


def _was_due(at: datetime) -> ColumnElement[int]:
    """Of what is closed by now: what was due, less what had been paid, and what was credited since."""
    return cast(invoice.amount_due - _paid(at, later=False) + _credited(at), BigInteger)


def _paid(at: datetime, *, later: bool) -> ColumnElement[int]:
    """The payments of an invoice after an instant or until it, where Stripe tells of each."""
    when = payment.paid_at > at if later else payment.paid_at <= at
    sums = select(func.sum(payment.amount_paid)).where(payment.invoice_id == invoice.id, when)
    return func.coalesce(sums.where(payment.deleted_at.is_(None)).scalar_subquery(), 0)


def _credited(at: datetime) -> ColumnElement[int]:
    """What credit notes issued later took off the amount due, less what those voided later had taken off."""
    stands = case((note.status == "void", 0), else_=note.pre_payment_amount)
    stood = case(
        (note.created_at > at, 0),
        (and_(note.voided_at.is_not(None), note.voided_at <= at), 0),
        else_=note.pre_payment_amount,
    )
    sums = select(func.sum(stands - stood)).where(note.invoice_id == invoice.id, note.deleted_at.is_(None))
    return func.coalesce(sums.scalar_subquery(), 0)
