"""What falls due, added up by day, and the renewals of a list, so that no page reads all of them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import pandas as pd
from sqlalchemy import ColumnElement, Engine, false, func, or_, select, true

from data.contracts import SHORT
from data.frames import due_periods
from data.frames.reading import INSTANT, narrowed, read, total
from data.frames.renewals import plans_of, read_renewals
from data.frames.risks import RISKS
from data.frames.shared import Audiences, of_audiences
from data.tables.renewals import renewal_note

Terms = Literal["all", "long", "monthly"]
"""Which renewals: "monthly" are periods of a month or less that no contract governs, "long" all others."""

SUMS: Mapping[str, Any] = {
    "due_at": INSTANT,
    "interval": "string",
    "governs": "string",
    "currency": "string",
    "product_ids": "string",
    "plan": "string",
    "risks": "string",
    "renewals": "Int64",
    "arr": "Int64",
}


def renewals_by_day(
    engine: Engine, now: datetime, until: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """Renewals that no contract governs, due from now until an instant (exclusive), added up.

    The columns of SUMS: due_at is the day, product_ids and risks are as in `renewals`, renewals says how many
    these are and arr what they are worth together.
    """
    with engine.connect() as connection:
        each = due_periods.rows(connection, now).c
    of = (each.due_on, each.interval, each.currency, each.product_ids, each.risks)
    query = select(*of, func.count().label("renewals"), total(each.arr).label("arr")).where(
        each.due_on >= now.date(), each.due_at >= now, each.due_at < until
    )
    found = read(engine, query.where(of_audiences(each.customer_id, audiences)).group_by(*of))
    ids = {each: once(each) for each in found["product_ids"].dropna().unique()}
    rows = found.assign(
        due_at=found["due_on"].dt.tz_localize("UTC"),
        governs="period",
        risks=found["risks"].map({bits: said(int(bits)) for bits in found["risks"].unique()}),
        product_ids=found["product_ids"].map(ids),
    )
    return rows.assign(plan=plans_of(engine, rows["product_ids"])).astype(dict(SUMS))[list(SUMS)]


def renewals_noted(
    engine: Engine, now: datetime, until: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """The rows of `renewals` of subscriptions beside which people ever wrote something."""
    return read_renewals(engine, now, until, select(renewal_note.c.subscription_id).distinct(), audiences)


def renewals_of_periods(
    engine: Engine,
    now: datetime,
    first: datetime,
    until: datetime,
    *,
    terms: Terms = "all",
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    risky: bool = False,
    largest: bool = False,
    limit: int = 500,
) -> pd.DataFrame:
    """Rows of `renewals` that no contract governs, due from first until an instant (exclusive).

    The soonest first, or the largest; risky: only those with a reason for risk.
    """
    with engine.connect() as connection:
        each = due_periods.rows(connection, now).c
        query = select(each.subscription_id, each.interval, each.due_at, each.arr).where(
            each.due_on >= max(first, now).date(), each.due_at >= max(first, now), each.due_at < until
        )
        query = query.where(
            of_audiences(each.customer_id, audiences),
            _of_terms(each.interval, terms),
            each.risks > 0 if risky else true(),
            true() if products is None else among(each.product_ids, list(products)),
        )
        query = narrowed(query, (each.interval, intervals), (each.currency, currencies))
        order = (each.arr.desc(), each.due_at) if largest else (each.due_on, each.due_at, each.arr.desc())
        chosen = connection.execute(query.order_by(*order, each.subscription_id).limit(limit)).all()
    ids = select(due_periods.subscription.id).where(
        due_periods.subscription.id.in_({row.subscription_id for row in chosen})
    )
    places = {(row.subscription_id, row.interval, row.due_at): place for place, row in enumerate(chosen)}
    found = read_renewals(engine, now, until, ids, None)
    keys = zip(found["subscription_id"], found["interval"], found["due_at"], strict=True)
    found = found.assign(place=[places.get(key, -1) for key in keys])
    found = found.loc[found["place"] >= 0].sort_values("place", ignore_index=True)
    return found.drop(columns="place")


def _of_terms(interval: ColumnElement[str], terms: Terms) -> ColumnElement[bool]:
    if terms == "all":
        return true()
    return interval.in_(SHORT) if terms == "monthly" else interval.not_in(SHORT)


def among(product_ids: ColumnElement[str], products: Collection[str]) -> ColumnElement[bool]:
    """Whether any of some products is among those joined by "|"."""
    wrapped = "|" + product_ids + "|"
    return or_(false(), *(wrapped.contains(f"|{each}|", autoescape=True) for each in products))


def once(product_ids: str) -> str:
    """Products joined by "|", each once."""
    return "|".join(dict.fromkeys(product_ids.split("|")))


def said(bits: int) -> str:
    """The reasons that some bits stand for, as `renewals` joins them."""
    return "; ".join(name for name in RISKS if bits & due_periods.BITS[name])
