"""Servers that say less than Stripe: no event, no filter of events, no account, fractions of a second."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from data.gateway import Gateway, Page, Refused
from data.limiter import unlimited
from data.sandbox.store import Store
from data.sync import SyncReport, sync
from tests.data.sync.account_server import FROZEN_AT, account_store, contents, gateway_to
from tests.sandbox_server import API_KEY, running

EVENTS = "/v1/events"


class Unfiltered(Gateway):
    """A gateway to a server that refuses to filter events."""

    def page(self, path: str, params: Mapping[str, Any]) -> Page:
        """As the gateway's, refusing what that server refuses."""
        if path == EVENTS and "created" in params:
            error = Refused(f"{path}: the server refused the request (400): unknown parameter.")
            error.param = "created"
            raise error
        return super().page(path, params)


class Fractional(Gateway):
    """A gateway to a server that writes all instants as 1795302000.0, and cannot read that."""

    def page(self, path: str, params: Mapping[str, Any]) -> Page:
        """As the gateway's, with such instants."""
        assert all(isinstance(at, int) for at in dict(params.get("created") or {}).values())
        page = super().page(path, params)
        for obj in page.objects:
            obj["created"] = float(obj.get("created") or 0)
        return page


def rename_a_customer(store: Store) -> str:
    """A customer gets another name, and an event tells of it; gives the id."""
    customer = next(iter(store.all("customers")))
    store.put("customers", {**customer, "name": "Renamed"})
    store.emit("customer.updated", {**customer, "name": "Renamed"}, {"name": customer["name"]})
    return str(customer["id"])


def silence(store: Store) -> None:
    """The server keeps no events."""
    for event in list(store.all("events")):
        store.delete("events", event["id"])


@pytest.fixture
def store(stripe_account: Path) -> Store:
    return account_store(stripe_account)


def name_of(engine: Engine, customer: str) -> object:
    return contents(engine)["customer"][customer]["name"]


@pytest.mark.parametrize("kind", [Unfiltered, Fractional])
def test_changes_arrive_by_events_all_the_same(engine: Engine, store: Store, kind: type[Gateway]) -> None:
    with running(store) as url, kind(API_KEY, url, limiter=unlimited()) as gateway:
        assert sync(engine, gateway).problems == {}
        customer = rename_a_customer(store)
        assert sync(engine, gateway).kind == "events"
    assert name_of(engine, customer) == "Renamed"


def test_where_no_event_is_kept_every_sync_reads_all(sqlite_engine: Engine, store: Store) -> None:
    silence(store)
    with gateway_to(store) as gateway:
        sync(sqlite_engine, gateway)
        customer = rename_a_customer(store)
        silence(store)
        assert sync(sqlite_engine, gateway).kind == "full"
    assert name_of(sqlite_engine, customer) == "Renamed"


def test_events_that_could_not_be_read_are_made_up_for(sqlite_engine: Engine, store: Store) -> None:
    with gateway_to(store) as gateway:
        sync(sqlite_engine, gateway)
        httpx.post(f"{gateway.base}/sandbox/faults", json={"path": EVENTS, "status": 403, "times": 1})
        assert "events" in sync(sqlite_engine, gateway).problems
        assert sync(sqlite_engine, gateway).kind == "full"


def test_data_is_as_of_the_servers_clock_even_when_it_names_no_account(
    sqlite_engine: Engine, store: Store
) -> None:
    def as_of(report: SyncReport) -> timedelta:
        assert report.data_at is not None
        return report.data_at - datetime.fromtimestamp(FROZEN_AT, UTC)

    with running(store) as url:
        for _ in range(2):
            with Gateway(API_KEY, url, limiter=unlimited()) as gateway:
                httpx.post(f"{url}/sandbox/faults", json={"path": "/v1/account", "status": 404})
                assert abs(as_of(sync(sqlite_engine, gateway))) < timedelta(minutes=1)
