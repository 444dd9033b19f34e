"""Since when findings are there, which were closed, and what people wrote about them."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, func, select

from data.frames.reading import read
from data.tables import application, mirror
from data.tables.findings import finding, finding_note


def finding_log(engine: Engine, closed_since: datetime) -> pd.DataFrame:
    """Findings that are open, or were closed since an instant, the last closed first.

    finding, kind, about, detail (null where an older version wrote it down), customer_id, customer_name,
    currency, amount, per, first_seen_at, closed_at.
    """
    row = finding.c
    query = (
        select(
            row.finding,
            row.kind,
            row.about,
            row.detail,
            row.customer_id,
            mirror.customer.c.name.label("customer_name"),
            row.currency,
            row.amount,
            row.per,
            row.first_seen_at,
            row.closed_at,
        )
        .join(mirror.customer, mirror.customer.c.id == row.customer_id, isouter=True)
        .where(row.closed_at.is_(None) | (row.closed_at >= closed_since))
        .order_by(row.closed_at.desc(), row.finding)
    )
    return read(engine, query)


def findings_compare(engine: Engine) -> pd.DataFrame:
    """One row on what there is to compare Stripe with: accounts and addons, how many were read."""
    accounts, addons = (
        select(func.count()).select_from(table).scalar_subquery().label(name)
        for table, name in ((application.account, "accounts"), (application.account_addon, "addons"))
    )
    return read(engine, select(accounts, addons))


def finding_notes(engine: Engine) -> pd.DataFrame:
    """Every note, the newest first: finding, assignee, snoozed_until, reason, written_at, written_by."""
    row = finding_note.c
    columns = (row.finding, row.assignee, row.snoozed_until, row.reason, row.written_at, row.written_by)
    return read(engine, select(*columns).order_by(row.id.desc()))
