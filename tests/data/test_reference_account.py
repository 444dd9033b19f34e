"""The reference account: what it says now, to the minor unit; and that its ledger adds up."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data import frames
from data.clock import from_epoch
from data.database import upsert
from data.ledger import refresh
from data.records import TABLES, rows_of

RESOURCES = ("products", "prices", "coupons", "customers", "payment_methods", "subscriptions")


@pytest.fixture
def expected(stripe_account: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((stripe_account / "expected.json").read_text())
    return found


@pytest.fixture
def at(expected: dict[str, Any]) -> datetime:
    instant = from_epoch(expected["as_of"])
    assert instant is not None
    return instant


@pytest.fixture
def account(engine: Engine, stripe_account: Path, at: datetime) -> Engine:
    """A database that holds the account, with its ledger."""
    with engine.begin() as connection:
        for resource in (*RESOURCES, "subscription_schedules"):
            assert resource in TABLES
            lines = (stripe_account / f"{resource}.jsonl").read_text().splitlines()
            for table, rows in rows_of(resource, [json.loads(line) for line in lines], at).items():
                upsert(connection, table, rows, newer_by="observed_at")
        refresh(connection, None, at)
    return engine


def test_run_rate_and_subscribers_now(account: Engine, expected: dict[str, Any], at: datetime) -> None:
    now = frames.arr_now(account, at).set_index("currency")
    assert now["arr"].to_dict() == expected["arr_now"]
    assert now["subscribers"].to_dict() == expected["subscribers_now"]


def test_plan_mix_now(account: Engine, expected: dict[str, Any], at: datetime) -> None:
    assert frames.plan_mix(account, at).to_dict("records") == expected["plan_mix_now"]


def test_the_last_month_end_is_the_present(account: Engine, expected: dict[str, Any]) -> None:
    months = frames.month_end(account)
    last = months[months["month"] == "2026-11"]
    assert last.groupby("currency")["arr"].sum().to_dict() == expected["arr_now"]


def test_subscribers_flow_from_month_to_month(account: Engine) -> None:
    flow = frames.subscriber_flow(account)
    assert len(flow) > 50
    assert (flow["start"] + flow["new"] + flow["won_back"] - flow["lost"] == flow["end"]).all()
    ends = frames.month_end_subscribers(account).groupby(["month", "currency"])["subscribers"].sum()
    flow = flow[flow["end"] > 0].set_index(["month", "currency"])
    assert flow["end"].to_dict() == ends.to_dict()


def test_renewals_name_their_risks(account: Engine, at: datetime) -> None:
    due = frames.renewals(account, at, at.replace(year=at.year + 1))
    assert due["due_at"].is_monotonic_increasing
    assert due["due_at"].between(at, at.replace(year=at.year + 1)).all()
    assert {"set to cancel", "past due"} <= {risk for risks in due["risks"] for risk in risks.split("; ")}
    assert set(due["governs"]) == {"period", "schedule"}
