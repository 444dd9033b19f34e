"""What happened to a customer: movements of run rate, the segments behind them, and the rest by date."""

from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Select,
    Table,
    Text,
    cast,
    literal,
    select,
    union_all,
)

from data.frames.reading import read
from data.tables import ledger, mirror

moved, line = ledger.movement.c, ledger.timeline.c
subscription, invoice, note = mirror.subscription.c, mirror.invoice.c, mirror.credit_note.c
charge, quote, customer = mirror.charge.c, mirror.quote.c, mirror.customer.c


def customer_movements(engine: Engine, customer_id: str) -> pd.DataFrame:
    """A customer's movements in order of day.

    day, kind, product_id, interval, currency, delta_arr, evidence.
    """
    query = select(
        moved.day,
        moved.kind,
        moved.plan.label("product_id"),
        moved.interval,
        moved.currency,
        moved.delta_arr,
        moved.evidence,
    ).where(moved.customer_id == customer_id)
    return read(engine, query.order_by(moved.day, moved.currency, moved.plan, moved.interval, moved.kind))


def customer_segments(engine: Engine, customer_id: str) -> pd.DataFrame:
    """A customer's timeline, the newest stretch first.

    subscription_id, item_id, product_id, price_id, interval, currency, quantity, arr, counted, from_at, to_at
    (missing: still so), evidence.
    """
    query = select(
        line.subscription_id,
        line.subscription_item_id.label("item_id"),
        line.product_id,
        line.price_id,
        line.interval,
        line.currency,
        line.quantity,
        line.arr,
        line.counted,
        line.from_at,
        line.to_at,
        line.evidence,
    ).where(line.customer_id == customer_id)
    return read(engine, query.order_by(line.from_at.desc(), line.subscription_id, line.subscription_item_id))


class Dated(NamedTuple):
    """A column of the mirror that dates something which happened to a customer."""

    table: Table
    source: str
    what: str
    at: ColumnElement[Any]
    detail: ColumnElement[Any] | None = None
    amount: ColumnElement[Any] | None = None
    condition: ColumnElement[bool] | None = None


BILLED = (invoice.number, invoice.total)
QUOTED = (quote.number, quote.amount_total)
CHARGED = (charge.failure_message, charge.amount)
DATED = (
    Dated(mirror.customer, "customer", "created", customer.created_at, customer.email),
    Dated(mirror.subscription, "subscription", "started", subscription.start_at),
    Dated(mirror.subscription, "subscription", "trial_ends", subscription.trial_end_at),
    Dated(
        mirror.subscription,
        "subscription",
        "cancellation_requested",
        subscription.canceled_at,
        subscription.cancellation_comment,
    ),
    Dated(
        mirror.subscription, "subscription", "ended", subscription.ended_at, subscription.cancellation_reason
    ),
    Dated(mirror.invoice, "invoice", "finalized", invoice.finalized_at, *BILLED),
    Dated(mirror.invoice, "invoice", "paid", invoice.paid_at, *BILLED),
    Dated(mirror.invoice, "invoice", "voided", invoice.voided_at, *BILLED),
    Dated(mirror.invoice, "invoice", "marked_uncollectible", invoice.marked_uncollectible_at, *BILLED),
    Dated(mirror.credit_note, "credit note", "issued", note.created_at, note.number, note.total),
    Dated(
        mirror.charge,
        "payment",
        "payment_succeeded",
        charge.created_at,
        *CHARGED,
        charge.status == "succeeded",
    ),
    Dated(mirror.charge, "payment", "payment_failed", charge.created_at, *CHARGED, charge.status == "failed"),
    Dated(mirror.quote, "quote", "drafted", quote.created_at, *QUOTED),
    Dated(mirror.quote, "quote", "finalized", quote.finalized_at, *QUOTED),
    Dated(mirror.quote, "quote", "accepted", quote.accepted_at, *QUOTED),
    Dated(mirror.quote, "quote", "canceled", quote.canceled_at, *QUOTED),
)
"""Everything dated that the mirror knows of customers."""


def customer_happenings(engine: Engine, customer_id: str, now: datetime, *, limit: int = 500) -> pd.DataFrame:
    """What happened to a customer until now, the newest first.

    at, source (customer, subscription, invoice, credit note, payment, quote), what (a word such as "paid"),
    object_id, detail, amount (minor units), currency.
    """
    every = union_all(*(_rows(each, customer_id) for each in DATED)).subquery().c
    query = select(
        every.at, every.source, every.what, every.object_id, every.detail, every.amount, every.currency
    ).where(every.at <= now)
    return read(engine, query.order_by(every.at.desc(), every.source, every.object_id).limit(limit))


def _rows(dated: Dated, customer_id: str) -> Select[Any]:
    columns = dated.table.c
    owner = columns.id if dated.table is mirror.customer else columns.customer_id
    nothing = literal(None)
    query = select(
        dated.at.label("at"),
        literal(dated.source).label("source"),
        literal(dated.what).label("what"),
        columns.id.label("object_id"),
        (cast(nothing, Text) if dated.detail is None else dated.detail).label("detail"),
        (cast(nothing, BigInteger) if dated.amount is None else dated.amount).label("amount"),
        columns.currency,
    ).where(owner == customer_id)
    return query if dated.condition is None else query.where(dated.condition)
