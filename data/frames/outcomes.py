"""What fell due and what became of it, added up by month, and the renewals of a list."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, case, func, select, true

from data.frames.due_periods import noted, part
from data.frames.due_sums import Terms, among
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, of_audiences
from data.tables import mirror
from data.tables.due import PAST, renewal_past
from data.tables.ledger import timeline

OPEN, LOST, LOWER, RENEWED = "Open", "Lost", "Renewed lower", "Renewed"
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
    outcome = became(now)
    month = part(engine.dialect.name, each.due_at, 7)
    of = (each.interval, each.governs, each.currency, each.product_ids)
    kept = case((each.before < each.after, each.before), else_=each.after)
    query = select(
        month.label("due_month"),
        *of,
        outcome.label("outcome"),
        func.count().label("renewals"),
        *(total(each[name]).label(name) for name in ("before", "after")),
        total(kept).label("kept"),
    )
    query = _fell(query, since, until, audiences).group_by(month, *of, outcome)
    return read(engine, query).astype(dict(SUMS))[list(SUMS)]


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
        (each.after == 0, LOST),
        (each.after < each.before, LOWER),
        else_=RENEWED,
    )


def _fell(query: Select[Any], since: datetime, until: datetime, audiences: Audiences) -> Select[Any]:
    query = query.where(each.due_at >= since, each.due_at < until, each.before > 0)
    return query.where(of_audiences(each.customer_id, audiences))


def _of_terms(terms: Terms) -> ColumnElement[bool]:
    """Monthly ones are periods of a month that no contract governs."""
    monthly = (each.interval == "1month") & (each.governs == "period")
    return true() if terms == "all" else monthly if terms == "monthly" else ~monthly


def _check(engine: Engine) -> None:
    with engine.connect() as connection:
        if noted(connection, PAST) is None and connection.scalar(select(timeline.c.id).limit(1)):
            raise NotKeptError("What fell due was not written down yet; the next sync does it.")
