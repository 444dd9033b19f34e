"""What fell due and what became of it, added up by month, and the renewals of a list."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    and_,
    case,
    func,
    select,
    true,
    union_all,
)

from data.contracts import SHORT
from data.frames import past_sums
from data.frames.days import month_of_day
from data.frames.due_periods import noted, part
from data.frames.due_sums import Terms, among
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, is_limited, of_audiences
from data.tables import mirror
from data.tables.due import PAST, renewal_past, renewal_past_sum
from data.tables.ledger import timeline

OPEN = "Open"
DAY = timedelta(days=1)
NAMES = ("interval", "governs", "currency", "product_ids")
Span = tuple[datetime, datetime]
SUMS: Mapping[str, Any] = {
    "due_month": "string",
    "interval": "string",
    "governs": "string",
    "currency": "string",
    "product_ids": "string",
    "outcome": "string",
    "renewals": "Int64",
    "before": "Int64",
    "after": "Int64",
    "kept": "Int64",
}
each = renewal_past.c


class NotKeptError(Exception):
    """What fell due was never written down; a sync does it."""


def outcomes_by_month(
    engine: Engine, since: datetime, until: datetime, now: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """Renewals that fell due from since until an instant (exclusive), added up by month: SUMS.

    outcome is open until 30 days (or the billing period, where that is shorter) after the due date; kept is
    the smaller of before and after, of each renewal. Raises NotKeptError.
    """
    _check(engine)
    with engine.connect() as connection:
        spans = [(since, until)]
        parts = []
        if audiences is None and not is_limited(engine) and past_sums.is_summed(connection):
            spans, whole = _spans(connection, since, until, now)
            parts = [whole]
        found = union_all(*parts, *(_direct(engine, *span, now, audiences) for span in spans)).subquery().c
        of = [found[name] for name in SUMS if name not in past_sums.MEASURES]
        sums = (total(found[name]).label(name) for name in past_sums.MEASURES)
        return read(connection, select(*of, *sums).group_by(*of)).astype(dict(SUMS))[list(SUMS)]


def _direct(
    engine: Engine, since: datetime, until: datetime, now: datetime, audiences: Audiences
) -> Select[Any]:
    """The columns of SUMS from the renewals themselves."""
    of = (part(engine.dialect.name, each.due_at, 7).label("due_month"), *(each[name] for name in NAMES))
    sums = (total(each[name]).label(name) for name in ("before", "after"))
    outcome = became(now).label("outcome")
    query = select(*of, outcome, func.count().label("renewals"), *sums, total(past_sums.kept).label("kept"))
    return _fell(query, since, until, audiences).group_by(*of, outcome)


def _spans(
    connection: Connection, since: datetime, until: datetime, now: datetime
) -> tuple[list[Span], Select[Any]]:
    """Spans that are read one by one, parts of days and days that are settled today; and all others, kept."""
    first, last = _day_after(since), max(_day_before(until), _day_after(since))
    today, kept = now.date(), renewal_past_sum.c
    inside = and_(kept.due_on >= first.date(), kept.due_on < last.date())
    days = sorted(connection.scalars(select(kept.due_on).where(inside, kept.settled_on == today).distinct()))
    starts = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    ends = [(since, min(first, until)), (max(last, since), until)]
    spans = [(start, end) for start, end in ends if start < end]
    if first >= until:
        spans = [(since, until)]
    of = (month_of_day(connection, kept.due_on).label("due_month"), *(_null(kept[name]) for name in NAMES))
    outcome = case((kept.settled_on >= today, OPEN), else_=kept.outcome).label("outcome")
    columns: tuple[Any, ...] = (*of, outcome, *(kept[name] for name in past_sums.MEASURES))
    query = select(*columns)
    whole = query.where(inside, kept.due_on.not_in(days))
    return [*spans, *((start, start + DAY) for start in starts)], whole


def _null(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.nullif(column, "", type_=Text).label(column.name)


def _day_before(at: datetime) -> datetime:
    """The beginning of the day of an instant."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _day_after(at: datetime) -> datetime:
    """The first beginning of a day that is not before an instant."""
    start = _day_before(at)
    return start if start == at else start + DAY


def outcomes(
    engine: Engine,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    results: Collection[str] | None = None,
    terms: Terms = "all",
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """The largest of these renewals, one by one.

    subscription_id, customer_id, customer_name, currency, interval, due_at, governs, product_ids, before,
    after, settled_at, outcome; results: only those of these outcomes. Raises NotKeptError.
    """
    _check(engine)
    outcome = became(now)
    columns = (
        each.subscription_id,
        each.customer_id,
        each.currency,
        each.interval,
        each.due_at,
        each.governs,
    )
    query: Select[Any] = (
        select(*columns, each.product_ids, each.before, each.after, each.settled_at, outcome.label("outcome"))
        .where(_of_terms(terms), true() if products is None else among(each.product_ids, list(products)))
        .order_by(each.before.desc(), each.due_at.desc(), each.subscription_id, each.interval)
    )
    query = narrowed(query, (each.interval, intervals), (each.currency, currencies), (outcome, results))
    top = _fell(query, since, until, audiences).limit(limit).subquery().c
    named = select(*top, mirror.customer.c.name.label("customer_name")).join(
        mirror.customer, mirror.customer.c.id == top.customer_id, isouter=True
    )
    return read(
        engine, named.order_by(top.before.desc(), top.due_at.desc(), top.subscription_id, top.interval)
    )


def became(now: datetime) -> ColumnElement[str]:
    """The outcome of a renewal in a word."""
    return case(
        (each.settled_at >= now, OPEN),
        else_=past_sums.settled,
    )


def _fell(query: Select[Any], since: datetime, until: datetime, audiences: Audiences) -> Select[Any]:
    query = query.where(each.due_at >= since, each.due_at < until, each.before > 0)
    return query.where(of_audiences(each.customer_id, audiences))


def _of_terms(terms: Terms) -> ColumnElement[bool]:
    """Monthly ones are periods of a month or less that no contract governs."""
    monthly = each.interval.in_(SHORT) & (each.governs == "period")
    return true() if terms == "all" else monthly if terms == "monthly" else ~monthly


def _check(engine: Engine) -> None:
    with engine.connect() as connection:
        if noted(connection, PAST) is None and connection.scalar(select(timeline.c.id).limit(1)):
            raise NotKeptError("What fell due was not written down yet; the next sync does it.")
