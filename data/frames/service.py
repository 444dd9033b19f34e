"""Service that was invoiced and is still to be rendered: invoice lines by the days that they are for."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Select, Text, and_, case, cast, func, or_, select

from data.frames.days import day_of, days_between
from data.frames.reading import made, narrowed, total
from data.frames.shared import Audiences, of_audiences, scanned
from data.money import half_up
from data.tables import mirror

invoice, line, note = mirror.invoice.c, mirror.invoice_line.c, mirror.credit_note.c
customer = mirror.customer.c
SUMS = {
    "currency": "string",
    "start": "object",
    "end": "object",
    "amount": "Int64",
    "a_day": "Int64",
    "lines": "Int64",
    "credited": "Int64",
}
LINES = {
    "customer_id": "string",
    "customer_name": "string",
    "number": "string",
    **{name: SUMS[name] for name in ("currency", "start", "end", "amount", "a_day", "credited")},
}
Found = dict[tuple[str, date, date], list[int]]


def service_ahead(engine: Engine, at: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Lines of invoices that were final at an instant, of service that goes on after its day, added up.

    currency, start, end (dates; no longer part of it), amount (minor units, less discounts, tax and what
    credit notes took off by then), a_day (the sum of what each line gives a day, rounded towards 0), lines,
    credited (what credit notes took off). What was voided by then is left out. A credit note takes the same
    share off each line of its invoice (docs.stripe.com/revenue-recognition/examples/credit-notes).
    """
    net, days, theirs, off = _ahead(engine, at, audiences)
    key = (line.currency, *_span(engine))
    is_plain = and_(
        or_(line.discount_amounts.is_(None), cast(line.discount_amounts, Text).in_(("[]", "null"))),
        off.credited.is_(None),
    )
    each_day = net // case((days > 0, days), else_=1)
    sums = (total(net).label("amount"), total(each_day).label("a_day"), func.count().label("lines"))
    plain = theirs.with_only_columns(*key, *sums).where(is_plain).group_by(*key)
    lower = theirs.with_only_columns(*key, *_lowering(net, off)).where(~is_plain)
    found: Found = defaultdict(lambda: [0, 0, 0, 0])
    with engine.connect() as connection:
        for row in connection.execute(plain):
            _add(found[row.currency, row.start, row.end], row.amount, row.a_day, row.lines, 0)
        for row in connection.execute(lower):
            amount, a_day, taken = _lowered(row)
            _add(found[row.currency, row.start, row.end], amount, a_day, 1, taken)
    return made([(*days_, *values) for days_, values in sorted(found.items())], SUMS)


def service_lines(
    engine: Engine,
    at: datetime,
    *,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The largest of these lines one by one: the columns of LINES, amounts as in service_ahead."""
    net, _, theirs, off = _ahead(engine, at, audiences)
    who = (invoice.customer_id, func.coalesce(customer.name, invoice.customer_name).label("customer_name"))
    query = theirs.join(mirror.customer, customer.id == invoice.customer_id, isouter=True)
    query = query.with_only_columns(*who, invoice.number, line.currency, *_span(engine), *_lowering(net, off))
    query = narrowed(query, (line.currency, currencies)).order_by(net.desc(), line.id).limit(limit)
    with engine.connect() as connection:
        return made([(*row[:6], *_lowered(row)) for row in connection.execute(query)], LINES)


def _ahead(engine: Engine, at: datetime, audiences: Audiences) -> tuple[Any, Any, Select[Any], Any]:
    """Of lines of service that goes on: their amount less tax, their days, a query, what was credited."""
    first, last = (each.element for each in _span(engine))
    is_within = invoice.subtotal - func.coalesce(invoice.discount, 0) == invoice.total
    net = line.amount - case((is_within, func.coalesce(line.tax, 0)), else_=0)
    credited = _credited(at).subquery()
    off = credited.c
    tomorrow = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    theirs = (
        select(line.id)
        .join(mirror.invoice, invoice.id == line.invoice_id)
        .join(credited, off.invoice_id == invoice.id, isouter=True)
        .where(line.deleted_at.is_(None), line.period_end >= tomorrow, line.amount.is_not(None))
        .where(scanned(invoice.finalized_at) <= at)
        .where(or_(invoice.voided_at.is_(None), invoice.voided_at > at))
        .where(of_audiences(invoice.customer_id, audiences))
    )
    return net, days_between(engine, first, last), theirs, off


def _span(engine: Engine) -> tuple[Any, Any]:
    """The days of a line's service: start, and end, which is no longer part of it."""
    return day_of(engine, line.period_start).label("start"), day_of(engine, line.period_end).label("end")


def _lowering(net: Any, off: Any) -> tuple[Any, ...]:
    """What tells what is left of a line."""
    return net.label("amount"), line.discount_amounts, off.credited, invoice.total


def _credited(at: datetime) -> Select[Any]:
    """What credit notes took off each invoice by an instant, tax in: invoice_id, credited."""
    stood = or_(note.voided_at.is_(None), note.voided_at > at)
    query = select(note.invoice_id, total(note.total).label("credited")).where(note.invoice_id.is_not(None))
    return query.where(note.created_at <= at, stood, note.deleted_at.is_(None)).group_by(note.invoice_id)


def _lowered(row: Any) -> tuple[int, int, int]:
    """Of a line less its discounts and its share of credit notes: amount, a_day, what the latter took off."""
    amount = row.amount - sum(part["amount"] or 0 for part in row.discount_amounts or ())
    share = Fraction(min(row.credited, row.total), row.total) if row.credited and row.total > 0 else 0
    taken = half_up(Fraction(amount * share))
    a_day = abs(amount - taken) // max((row.end - row.start).days, 1)
    return amount - taken, a_day if amount >= taken else -a_day, taken


def _add(sums: list[int], *values: int) -> None:
    sums[:] = [there + value for there, value in zip(sums, values, strict=True)]
