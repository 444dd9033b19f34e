"""The reference account: what it says now, to the minor unit; and that its ledger adds up."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data import frames
from data.clock import from_epoch, month_of, month_start, next_month
from data.database import upsert
from data.ledger import refresh
from data.records import TABLES, rows_of


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
        for resource in TABLES:
            file = stripe_account / f"{resource}.jsonl"
            lines = file.read_text().splitlines() if file.exists() else []
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


def test_subscribers_of_every_month_end(account: Engine, expected: dict[str, Any], at: datetime) -> None:
    ends = frames.month_end_subscribers(account).groupby(["month", "currency"])["subscribers"].sum()
    right = flat(expected, "subscribers")
    ended = {key: value for key, value in ends[ends > 0].items() if key[0] < month_of(at)}
    assert ended == right


def flat(expected: dict[str, Any], what: str) -> dict[tuple[str, str], int]:
    """Figures by month and currency."""
    months = expected["month_end"].items()
    return {(month, currency): value for month, each in months for currency, value in each[what].items()}


def test_run_rate_of_every_month_end_or_it_is_said_what_is_not_known(
    account: Engine, expected: dict[str, Any]
) -> None:
    """What differs is no more than the changes that are listed as of unknown date around that month's end."""
    ends = frames.month_end(account).groupby(["month", "currency"])["arr"].sum().to_dict()
    unknown = frames.unknown_history(account)
    right = flat(expected, "arr")
    off = {key: abs(ends[key] - value) for key, value in right.items() if ends[key] != value}
    for (month, currency), difference in off.items():
        end = month_start(next_month(month))
        around = unknown[(unknown["earliest_at"] < end) & (unknown["latest_at"] >= end)]
        assert difference <= around[around["currency"] == currency]["delta_arr"].abs().sum()
    assert len(off) <= len(right) // 10
    assert sum(off.values()) < sum(right.values()) // 200


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
