"""Whether this process can show figures that are worth reading, and what a monitor should know of it."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from data import frames, webhooks
from data.config import Settings
from data.database import open_engine
from data.frames import DataStatus
from data.migrations import NewerDatabaseError, pending
from data.tables.actions import UNFINISHED, action
from data.tables.letters import letter
from data.tables.provisioning import provisioning_request

LOG = logging.getLogger(__name__)
LATE = 10
"""So many rounds of the sync may fail before the data counts as too old to be ready."""
OUTGOING = {"provisioning": provisioning_request, "letters": letter}
PATIENCE = 900.0  # seconds that it may be old in any case


@dataclass(frozen=True)
class Check:
    """One thing that must be so; told: a sentence without secrets."""

    name: str
    good: bool
    told: str


def checks(settings: Settings, now: datetime) -> list[Check]:
    """Database, migrations, age of the data: all must be good."""
    engine = open_engine(settings.database_url.get_secret_value(), read_only=True)
    try:
        return [Check("database", True, "It answers."), _migrations(engine), _age(engine, settings, now)]
    except SQLAlchemyError:
        return [Check("database", False, "It does not answer, or was not migrated yet.")]
    finally:
        engine.dispose()


def _migrations(engine: Engine) -> Check:
    try:
        missing = pending(engine)
    except NewerDatabaseError as error:
        return Check("migrations", False, f"{error}.")
    return Check("migrations", not missing, f"{len(missing)} are missing." if missing else "All are there.")


def _age(engine: Engine, settings: Settings, now: datetime) -> Check:
    seconds = age(frames.data_status(engine), now)
    if seconds is None:
        return Check("data", False, "Nothing has been read yet.")
    most = max(PATIENCE, LATE * settings.sync_seconds)
    return Check("data", seconds <= most, f"Checked with Stripe {seconds:.0f} seconds ago.")


def age(status: DataStatus, now: datetime) -> float | None:
    """Seconds since the last sync that went well; None before the first."""
    checked = status.last_success_at
    return None if checked is None else max(0.0, (now - checked).total_seconds())


def measures(settings: Settings, now: datetime) -> dict[str, Any] | None:
    """What a monitor keeps: data_age (seconds), version, failed (resources), unfinished; by state webhooks,
    provisioning (requests to our own system) and letters (mail to our own people).

    None when the database does not answer.
    """
    url = settings.database_url.get_secret_value()
    engine = open_engine(url, read_only=True)
    try:
        status, queue = frames.data_status(engine), webhooks.queue(url)
        with engine.connect() as connection:
            query = select(func.count()).select_from(action).where(action.c.state.in_(UNFINISHED))
            unfinished = connection.scalar(query) or 0
            outgoing = {name: _states(connection, table) for name, table in OUTGOING.items()}
    except (SQLAlchemyError, webhooks.InboxError):
        LOG.exception("The figures of the monitor could not be read")
        return None
    finally:
        engine.dispose()
    return {
        "data_age": age(status, now),
        "version": status.version,
        "failed": int((status.resources["state"] != "ok").sum()),
        "unfinished": unfinished,
        "webhooks": dict(zip(queue["state"], queue["events"], strict=True)),
        **outgoing,
    }


def _states(connection: Connection, table: Table) -> dict[str, int]:
    """How many rows of an outbox are in each state."""
    rows = connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
    return {state: int(count) for state, count in rows}
