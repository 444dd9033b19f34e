"""Service that was invoiced and is still to be rendered: invoice lines by the days that they are for."""

from collections import defaultdict
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Engine, Text, case, cast, func, or_, select

from data.frames.days import day_of, days_between
from data.frames.reading import made, total
from data.frames.shared import Audiences, of_audiences
from data.tables import mirror

invoice, line = mirror.invoice.c, mirror.invoice_line.c
SUMS = {"currency": "string", "start": "object", "end": "object", "amount": "Int64", "a_day": "Int64"}


def service_ahead(engine: Engine, at: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Lines of invoices that were final at an instant, of service that goes on after its day, added up.

    currency, start, end (dates; no longer part of it), amount (minor units, less discounts and tax), a_day
    (the sum of what each line gives a day, rounded towards 0). What was voided by then is left out; credit
    notes are not taken off.
    """
    first, last = day_of(engine, line.period_start), day_of(engine, line.period_end)
    days = days_between(engine, first, last)
    is_within = invoice.subtotal - func.coalesce(invoice.discount, 0) == invoice.total
    net = line.amount - case((is_within, func.coalesce(line.tax, 0)), else_=0)
    key = (line.currency, first.label("start"), last.label("end"))
    theirs = (
        select(*key)
        .join(mirror.invoice, invoice.id == line.invoice_id)
        .where(line.deleted_at.is_(None), last > at.date(), line.amount.is_not(None))
        .where(invoice.finalized_at <= at, or_(invoice.voided_at.is_(None), invoice.voided_at > at))
        .where(of_audiences(invoice.customer_id, audiences))
    )
    is_plain = or_(line.discount_amounts.is_(None), cast(line.discount_amounts, Text).in_(("[]", "null")))
    each_day = net // case((days > 0, days), else_=1)
    sums = theirs.add_columns(total(net).label("amount"), total(each_day).label("a_day"))
    lower = theirs.add_columns(net.label("amount"), line.discount_amounts).where(~is_plain)
    found: dict[tuple[str, date, date], list[int]] = defaultdict(lambda: [0, 0])
    with engine.connect() as connection:
        for row in connection.execute(sums.where(is_plain).group_by(*key)):
            _add(found[row.currency, row.start, row.end], row.amount, row.a_day)
        for row in connection.execute(lower):
            amount = row.amount - sum(part["amount"] or 0 for part in row.discount_amounts)
            a_day = abs(amount) // max((row.end - row.start).days, 1)
            _add(found[row.currency, row.start, row.end], amount, a_day if amount >= 0 else -a_day)
    return made([(*days_, *values) for days_, values in sorted(found.items())], SUMS)


def _add(sums: list[int], amount: int, a_day: int) -> None:
    sums[0] += amount
    sums[1] += a_day
