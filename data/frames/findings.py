"""What was found when findings were last written down, since when, and what people wrote about it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, func, select, true

from data.frames.reading import INSTANT, read
from data.frames.reconciliation import DTYPES, KINDS, findings
from data.tables import application, mirror, operations
from data.tables.findings import COMPARED, finding, finding_note

BRIEF = ("finding", "kind", "currency", "amount", "per")
"""What figures need of a finding."""


def findings_kept(engine: Engine, now: datetime) -> pd.DataFrame:
    """`findings` as they were last written down (findings_compare says when), kind by kind, and since when.

    Looked for now where they never were; then first_seen_at is null.
    """
    return _kept(engine, now, tuple(DTYPES), true())


def findings_brief(engine: Engine, now: datetime) -> pd.DataFrame:
    """The same findings in the columns of BRIEF, and since when; in all where they are looked for now."""
    return _kept(engine, now, BRIEF, true())


def findings_named(engine: Engine, now: datetime, names: Collection[str]) -> pd.DataFrame:
    """Those of the same findings that have these names."""
    return _kept(engine, now, tuple(DTYPES), finding.c.finding.in_(names), names)


def _kept(
    engine: Engine,
    now: datetime,
    names: Sequence[str],
    which: ColumnElement[bool],
    among: Collection[str] | None = None,
) -> pd.DataFrame:
    """Open findings in some columns of DTYPES; which says of the table what `among` says of their names."""
    with engine.connect() as connection:
        compared = _compared(connection)
    if compared is None:
        found = findings(engine, now)
        found = found if among is None else found.loc[found["finding"].isin(list(among))]
        return found.assign(first_seen_at=pd.Series(pd.NaT, index=found.index, dtype=INSTANT))
    customer = mirror.customer.c
    columns = [customer.name.label(name) if name == "customer_name" else finding.c[name] for name in names]
    query = select(*columns, finding.c.first_seen_at).where(finding.c.closed_at.is_(None), which)
    if "customer_name" in names:
        query = query.join(mirror.customer, customer.id == finding.c.customer_id, isouter=True)
    places = {kind: place for place, kind in enumerate(KINDS)}
    rows = read(engine, query.order_by(finding.c.finding)).astype({name: DTYPES[name] for name in names})
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
