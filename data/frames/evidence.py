"""What figures rest on: run rate by evidence and month, customers with a history, what was not shown."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, func, select

from data.clock import month_of
from data.frames.accounts import accounts
from data.frames.reading import read
from data.frames.rolling import rolled_up
from data.history.words import EVIDENCE
from data.tables import application, ledger, mirror

LIMIT = 500


def evidence_changes(engine: Engine, now: datetime) -> pd.DataFrame:
    """Run rate that began less what ended, by what it rests on: month, currency, evidence, delta_arr.

    The running sum of a currency and evidence is the run rate at each month's end.
    """
    table = ledger.evidence_change
    key = (table.c.month, table.c.currency, table.c.evidence)
    query = select(*key, table.c.delta_arr).where(table.c.month <= month_of(now))
    return read(engine, query.order_by(*key))


def ever_subscribed(engine: Engine, now: datetime) -> pd.DataFrame:
    """Customers who ever had a run rate in a currency: currency, customers."""
    table = ledger.ever_subscribed
    return read(engine, rolled_up(table, [table.c.currency], None, together=False))


def not_shown(engine: Engine) -> pd.DataFrame:
    """What does not count, or counts too much, since Stripe did not show enough; the latest LIMIT rows.

    subscription, customer_id, customer_name, currency, evidence, meaning (in words), from_at, to_at (missing:
    still so), arr (as it counts).
    """
    line, customer = ledger.timeline.c, mirror.customer.c
    query = (
        select(
            line.subscription_id.label("subscription"),
            line.customer_id,
            customer.name.label("customer_name"),
            line.currency,
            line.evidence,
            line.from_at,
            line.to_at,
            line.arr,
        )
        .join(mirror.customer, customer.id == line.customer_id, isouter=True)
        .where(ledger.not_shown())
        .order_by(line.from_at.desc(), line.id)
        .limit(LIMIT)
    )
    frame = read(engine, query)
    meaning = pd.Series([EVIDENCE[each] for each in frame["evidence"]], index=frame.index, dtype="string")
    return frame.assign(meaning=meaning)


def application_extent(engine: Engine) -> pd.DataFrame:
    """One row on the copy of the application database: accounts, unlinked, observed_at, used_on, used.

    unlinked are accounts without a Stripe customer; used_on is the latest day with a use, used the accounts
    that have any.
    """
    account, use = application.account.c, application.account_use.c
    newest = select(func.max(account.observed_at)).where(account.deleted_at.is_(None)).scalar_subquery()
    latest = select(func.max(use.day)).scalar_subquery()
    row = read(engine, select(newest.label("observed_at"), latest.label("used_on")))
    plans = accounts(engine)
    counts = {"accounts": "accounts", "unlinked": "accounts_without_customer", "used": "accounts_with_use"}
    return row.assign(**{name: int(plans[of].sum()) for name, of in counts.items()}).astype(
        dict.fromkeys(counts, "Int64")
    )
