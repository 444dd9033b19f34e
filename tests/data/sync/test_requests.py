"""Every request that a sync makes is one that Stripe describes."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from data.gateway import Gateway
from data.limiter import unlimited
from data.sandbox.store import DAY
from data.sync import sync
from tests.data.sync.account_server import FROZEN_AT, account_store
from tests.openapi import description, request_problems
from tests.sandbox_server import API_KEY, running


def test_full_and_later_syncs_ask_only_what_is_described(sqlite_engine: Engine, stripe_account: Path) -> None:
    description()
    with running(account_store(stripe_account)) as url, Gateway(API_KEY, url, limiter=unlimited()) as gateway:
        sync(sqlite_engine, gateway)
        assert httpx.post(f"{url}/sandbox/clock", json={"to": FROZEN_AT + 3 * DAY}).status_code == 200
        sync(sqlite_engine, gateway)
        asked = httpx.get(f"{url}/sandbox/requests").json()["requests"]
    assert len(asked) > 60
    assert {each["status"] for each in asked} == {200}
    told = {(each["method"], each["path"], each["query"]) for each in asked}
    assert [problem for each in told for problem in request_problems(*each)] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/unicorns", ""),
        ("/v1/customers", "status=all"),
        ("/v1/customers", "limit=many"),
        ("/v1/invoices", "created[near]=5"),
        ("/v1/subscriptions", "status=happy"),
    ],
)
def test_what_is_not_described_is_found(path: str, query: str) -> None:
    assert len(request_problems("GET", path, query)) == 1
