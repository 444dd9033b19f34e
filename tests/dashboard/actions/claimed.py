"""Months of a promise that customers claimed, as the command that credits them looks for them."""

from sqlalchemy import insert, select

from data import clock
from data.tables.addons import addon_claim, addon_downtime, addon_setup
from tests.dashboard.actions.conftest import Desk

SETUP = "set-up"


def claimed(desk: Desk, *months: str, minutes: int = 60) -> None:
    """The customer claims these months of the promise SETUP, each with so many minutes down."""
    at = clock.now()
    written = {"setup_id": SETUP, "written_at": at, "written_by": "ann"}
    with desk.engine.begin() as connection:
        if connection.scalar(select(addon_setup.c.id).where(addon_setup.c.id == SETUP)) is None:
            kept = {"addon": "sla", "kind": "uptime_sla", "state": "active", "settings": {}, "checks": {}}
            known = {"id": SETUP, "customer_id": desk.scenario.customer, "version": 1, "created_by": "ann"}
            connection.execute(insert(addon_setup).values(**kept, **known, since=at, created_at=at))
        for month in months:
            down = {"month": month, "minutes": minutes, "source": "typed"}
            connection.execute(insert(addon_downtime).values(**written, **down))
            claim = {"month": month, "claimed_on": at.date()}
            connection.execute(insert(addon_claim).values(**written, **claim))
