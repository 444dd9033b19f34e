"""What falls due of subscriptions that a contract may govern: narrow rows, kept up by every sync."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, func, select

from data.frames.due import ON_THE_WAY, Ids, listed
from data.frames.due_periods import BITS, noted, of, subscription, under_contract
from data.frames.due_sums import said
from data.frames.reading import INSTANT, read
from data.frames.renewals import Facts, Renewal, each_renewal, held, plans_of, quoted_until, read_renewals
from data.frames.risks import SOON, risks
from data.frames.settled import Ints
from data.frames.shared import Audiences, of_audiences
from data.tables.due import CONTRACTS, contract_due
from data.tables.quotes import sales_quote, sales_quote_version

ALONE, NOTICE = "contract ends with no later quote", "notice date within 30 days"
"""The risks that time alone brings; they are not kept."""
COLUMNS: Mapping[str, Any] = {
    "subscription_id": "string",
    "due_at": INSTANT,
    "interval": "string",
    "governs": "string",
    "currency": "string",
    "product_ids": "string",
    "plan": "string",
    "risks": "string",
    "arr": "Int64",
    "notice_at": INSTANT,
}
row = contract_due.c


def renewals_under_contract(
    engine: Engine, now: datetime, until: datetime, *, audiences: Audiences = None
) -> pd.DataFrame:
    """`renewals` that more than the billing period may govern, in the COLUMNS that sums need."""
    with engine.connect() as connection:
        if not noted(connection, CONTRACTS):
            return _anew(engine, now, until, under_contract(), audiences)
        over = sorted(connection.scalars(select(row.subscription_id).where(row.due_at < now).distinct()))
    query = select(contract_due).where(
        row.due_at >= now, row.due_at < until, row.subscription_id.not_in(over)
    )
    kept = read(engine, query.where(of_audiences(row.customer_id, audiences)))
    bits = _bits(kept, _offered(engine), now)
    texts = {each: said(each) for each in np.unique(bits).tolist()}
    rows = kept.assign(
        risks=pd.Series([texts[each] for each in bits.tolist()], index=kept.index, dtype="string"),
        plan=plans_of(engine, kept["product_ids"]),
    )[list(COLUMNS)]
    if over:  # the term that follows one that has just ended
        rows = pd.concat([rows, _anew(engine, now, until, _those(over), audiences)], ignore_index=True)
    return rows.astype(dict(COLUMNS)).sort_values(
        ["due_at", "subscription_id", "interval"], ignore_index=True
    )


def renewals_named(
    engine: Engine, now: datetime, until: datetime, subscriptions: Collection[str]
) -> pd.DataFrame:
    """The rows of `renewals` of some subscriptions."""
    return read_renewals(engine, now, until, _those(subscriptions), None)


def kept_rows(
    connection: Connection, now: datetime, customers: Collection[str] | None
) -> list[dict[str, Any]]:
    """The rows of the table for some customers; None: for all."""
    theirs = select(subscription.id).where(of(subscription.customer_id, customers))
    ids = theirs.where(subscription.id.in_(under_contract(customers)))
    facts, found = each_renewal(connection, now, listed(connection, ids))
    return [_kept(each, facts) for each in found]


def _kept(renewal: Renewal, facts: Facts) -> dict[str, Any]:
    key, rows, contract, seen = renewal
    customer_id = rows[0].customer_id
    begun = None if seen.renews_by_terms else seen.contract_begun
    return {
        "subscription_id": key.subscription_id,
        "customer_id": customer_id,
        "due_at": key.due,
        "interval": key.interval,
        "governs": key.governs,
        "currency": rows[0].currency,
        "product_ids": held(rows),
        "arr": sum(each.arr or 0 for each in rows),
        "risks": sum(BITS[name] for name in risks(seen) if name not in (ALONE, NOTICE)),
        "notice_at": seen.notice_at,
        "begun_at": begun,
        "quoted_until": None if begun is None else quoted_until(contract, customer_id, facts),
    }


def _bits(kept: pd.DataFrame, offered: Mapping[str, datetime], now: datetime) -> Ints:
    """The risks of kept rows with those of the instant."""
    last = kept["customer_id"].map(offered).astype(INSTANT)
    quoted = (kept["quoted_until"] > now) | (last > kept["begun_at"])
    alone = kept["begun_at"].notna() & ~quoted
    soon = (kept["notice_at"] >= now) & (kept["notice_at"] <= now + SOON)
    by_time = alone.to_numpy(bool) * BITS[ALONE] + soon.to_numpy(bool) * BITS[NOTICE]
    bits: Ints = kept["risks"].to_numpy("int64") + by_time
    return bits


def _offered(engine: Engine) -> dict[str, datetime]:
    """When the newest quote of our own was begun that is on its way to a customer, by customer."""
    mine, newest = sales_quote.c, sales_quote_version.c
    customer_id = newest.fields["customer_id"].as_string()
    at = func.max(mine.created_at, type_=mine.created_at.type).label("at")
    query = (
        select(customer_id.label("customer_id"), at)
        .join(sales_quote_version, (newest.quote_id == mine.id) & (newest.version == mine.version))
        .where(mine.state.in_(ON_THE_WAY))
        .group_by(customer_id)
    )
    with engine.connect() as connection:
        return {each.customer_id: each.at for each in connection.execute(query) if each.customer_id}


def _those(subscriptions: Collection[str]) -> Ids:
    return select(subscription.id).where(subscription.id.in_(list(subscriptions)))


def _anew(engine: Engine, now: datetime, until: datetime, ids: Ids, audiences: Audiences) -> pd.DataFrame:
    return read_renewals(engine, now, until, ids, audiences)[list(COLUMNS)]
