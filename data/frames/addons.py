"""Add-ons being set up, what happened to one, and what our own system is told of them."""

import pandas as pd
from sqlalchemy import Engine, and_, exists, select

from data.frames.reading import read
from data.tables import mirror
from data.tables.addons import addon_event, addon_setup
from data.tables.provisioning import DEAD, WAITING, provisioning_request

setup, event, customer = addon_setup.c, addon_event.c, mirror.customer.c
MOST = 5000
asked, earlier = provisioning_request.c, provisioning_request.alias().c


def addon_setups(engine: Engine, customer_id: str = "", *, limit: int = MOST) -> pd.DataFrame:
    """Set-ups, all or a customer's, those that have been in their state longest first.

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
    if customer_id:
        query = query.where(setup.customer_id == customer_id)
    return read(engine, query.order_by(setup.since, setup.id).limit(limit))


def addon_events(engine: Engine, setup_id: str) -> pd.DataFrame:
    """What happened to a set-up, the newest first: at, person, what, state, reason."""
    query = select(event.at, event.person, event.what, event.state, event.reason)
    return read(engine, query.where(event.setup_id == setup_id).order_by(event.id.desc()))


def provisioning(engine: Engine, setup_id: str | None = None, *, limit: int = 200) -> pd.DataFrame:
    """What our own system is told, the oldest first: all of one set-up, else what is not acknowledged.

    id, type, customer_id, name (of the customer), subject, state, attempts, next_at, error, person,
    created_at, settled_at, held (whether an earlier one of the same subject has to go first).
    """
    before = exists().where(
        earlier.subject == asked.subject, earlier.number < asked.number, earlier.state.in_((WAITING, DEAD))
    )
    columns = (
        asked.id,
        asked.type,
        asked.customer_id,
        customer.name,
        asked.subject,
        asked.state,
        asked.attempts,
        asked.next_at,
        asked.error,
        asked.person,
        asked.created_at,
        asked.settled_at,
        and_(asked.state == WAITING, before).label("held"),
    )
    mine = asked.state.in_((WAITING, DEAD)) if setup_id is None else asked.subject == setup_id
    query = select(*columns).join(mirror.customer, customer.id == asked.customer_id, isouter=True)
    rows = read(engine, query.where(mine).order_by(asked.number).limit(limit))
    return rows.assign(held=rows["held"].astype("boolean"))
