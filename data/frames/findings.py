"""What was found when findings were last written down, since when, and what people wrote about it."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Engine, func, select

from data.frames.reading import INSTANT, read
from data.frames.reconciliation import DTYPES, KINDS, findings
from data.tables import application, mirror, operations
from data.tables.findings import COMPARED, finding, finding_note


def findings_kept(engine: Engine, now: datetime) -> pd.DataFrame:
    """`findings` as they were last written down (findings_compare says when), kind by kind, and since when.

    Looked for now where they never were; then first_seen_at is null.
    """
    with engine.connect() as connection:
        compared = _compared(connection)
    if compared is None:
        found = findings(engine, now)
        return found.assign(first_seen_at=pd.Series(pd.NaT, index=found.index, dtype=INSTANT))
    columns = [mirror.customer.c.name.label(name) if name == "customer_name" else finding.c[name]
               for name in DTYPES]  # fmt: skip
    query = (
        select(*columns, finding.c.first_seen_at)
        .join(mirror.customer, mirror.customer.c.id == finding.c.customer_id, isouter=True)
        .where(finding.c.closed_at.is_(None))
        .order_by(finding.c.finding)
    )
    places = {kind: place for place, kind in enumerate(KINDS)}
    rows = read(engine, query).astype(DTYPES)
    return rows.sort_values("kind", key=lambda kinds: kinds.map(places), kind="stable", ignore_index=True)


def _compared(connection: Connection) -> datetime | None:
    """The instant as of which findings were last written down."""
    state = operations.sync_state.c
    found = connection.scalar(select(state.value).where(state.name == COMPARED))
    return found and datetime.fromisoformat(found["at"])


def findings_closed(engine: Engine, since: datetime) -> pd.DataFrame:
    """Findings that were closed since an instant, the last first.

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
        .where(row.closed_at >= since)
        .order_by(row.closed_at.desc(), row.finding)
    )
    return read(engine, query)


def findings_compare(engine: Engine, now: datetime) -> pd.DataFrame:
    """One row on what there is to compare Stripe with: accounts and addons, how many were read, and
    compared_at, as of when findings_kept are.
    """
    accounts, addons = (
        select(func.count()).select_from(table).scalar_subquery().label(name)
        for table, name in ((application.account, "accounts"), (application.account_addon, "addons"))
    )
    with engine.connect() as connection:
        at = _compared(connection) or now
    return read(engine, select(accounts, addons)).assign(compared_at=pd.Series([at], dtype=INSTANT))


def finding_notes(engine: Engine) -> pd.DataFrame:
    """Every note, the newest first: finding, assignee, snoozed_until, reason, written_at, written_by."""
    row = finding_note.c
    columns = (row.finding, row.assignee, row.snoozed_until, row.reason, row.written_at, row.written_by)
    return read(engine, select(*columns).order_by(row.id.desc()))
