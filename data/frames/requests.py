"""What syncs ask of Stripe, beside what Stripe allows; and what reconciliation has found, counted."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Engine, func, select

from data.frames.reading import read
from data.limiter import STATE
from data.tables.findings import finding
from data.tables.operations import sync_run, sync_state

HOUR = timedelta(hours=1)


def request_use(engine: Engine, at: datetime) -> pd.DataFrame:
    """One row on the hour before an instant: syncs, requests, busiest (requests a second of one sync; null:
    none asked anything), and of the last sync limit, a mapping as `Limiter.use` gives it (None: no sync yet).
    """
    run = sync_run.c
    ended = (run.finished_at > at - HOUR, run.finished_at <= at)
    query = select(run.requests, run.started_at, run.finished_at).where(*ended)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        limit = connection.scalar(select(sync_state.c.value).where(sync_state.c.name == STATE))
    rates = [
        requests / max((ended - began).total_seconds(), 1.0) for requests, began, ended in rows if requests
    ]
    told = (len(rows), sum(row.requests for row in rows), max(rates, default=None), limit)
    return pd.DataFrame([told], columns=["syncs", "requests", "busiest", "limit"])


def findings_open(engine: Engine) -> pd.DataFrame:
    """kind, findings (how many are open, those put off included), kind by kind."""
    counted = select(finding.c.kind, func.count().label("findings")).where(finding.c.closed_at.is_(None))
    return read(engine, counted.group_by(finding.c.kind).order_by(finding.c.kind))
