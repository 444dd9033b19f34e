"""Add-ons being set up, and what happened to one."""

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables import mirror
from data.tables.addons import addon_event, addon_setup

setup, event, customer = addon_setup.c, addon_event.c, mirror.customer.c


def addon_setups(engine: Engine, *, limit: int = 1000) -> pd.DataFrame:
    """Set-ups, those that have been in their state longest first.

    id, customer_id, name (of the customer), addon (key), kind, state, since, reason, hostname, settings,
    checks, created_at, created_by.
    """
    columns = (
        setup.id,
        setup.customer_id,
        customer.name,
        setup.addon,
        setup.kind,
        setup.state,
        setup.since,
        setup.reason,
        setup.hostname,
        setup.settings,
        setup.checks,
        setup.created_at,
        setup.created_by,
    )
    query = select(*columns).join(mirror.customer, customer.id == setup.customer_id, isouter=True)
    return read(engine, query.order_by(setup.since, setup.id).limit(limit))


def addon_events(engine: Engine, setup_id: str) -> pd.DataFrame:
    """What happened to a set-up, the newest first: at, person, what, state, reason."""
    query = select(event.at, event.person, event.what, event.state, event.reason)
    return read(engine, query.where(event.setup_id == setup_id).order_by(event.id.desc()))
