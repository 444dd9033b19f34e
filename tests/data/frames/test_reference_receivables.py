"""The reference account's invoices: what is owed, invoiced and tried, against the files by other code."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data import frames
from data.database import upsert
from data.records import rows_of

AT = datetime(2026, 11, 21, 23, tzinfo=UTC)
RESOURCES = ("customers", "payment_methods", "invoices", "credit_notes", "charges")


@pytest.fixture
def invoices(stripe_account: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (stripe_account / "invoices.jsonl").read_text().splitlines()]


@pytest.fixture
def account(sqlite_engine: Engine, stripe_account: Path) -> Engine:
    """A database with what receivables read of the account."""
    with sqlite_engine.begin() as connection:
        for resource in RESOURCES:
            lines = (stripe_account / f"{resource}.jsonl").read_text().splitlines()
            for table, rows in rows_of(resource, [json.loads(line) for line in lines], AT).items():
                upsert(connection, table, rows)
    return sqlite_engine


def days(each: dict[str, Any]) -> int:
    due = each["due_date"] or each["status_transitions"]["finalized_at"]
    return ceil((AT.timestamp() - due) / 86_400)


def test_open_amounts_are_what_remains_by_currency_and_age(
    account: Engine, invoices: list[dict[str, Any]]
) -> None:
    right: Counter[tuple[str, str]] = Counter()
    for each in invoices:
        if each["status"] == "open" and each["amount_remaining"]:
            past = days(each)
            limits = ((0, "not_due"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))
            age = next((name for most, name in limits if past <= most), "over_120")
            right[each["currency"], age] += each["amount_remaining"]
    owed = frames.owed(account, AT)
    assert owed.groupby(["currency", "age"])["open"].sum().to_dict() == dict(right)
    assert len(right) >= 5


@pytest.mark.parametrize("ago", [1, 45, 200, 400])
def test_a_past_day_is_what_its_invoices_say(
    account: Engine, invoices: list[dict[str, Any]], ago: int
) -> None:
    at = AT - timedelta(days=ago)
    right: Counter[str] = Counter()
    for each in invoices:
        moments = each["status_transitions"]
        ends = [
            moments[name] for name in ("paid_at", "voided_at", "marked_uncollectible_at") if moments[name]
        ]
        final = moments["finalized_at"]
        if final and final <= at.timestamp() and (not ends or min(ends) > at.timestamp()):
            right[each["currency"]] += max(each["amount_due"], 0)
    owed = frames.owed(account, at)
    assert owed.groupby("currency")["open"].sum().to_dict() == {
        code: sum_ for code, sum_ in right.items() if sum_
    }


def test_invoiced_in_ninety_days(account: Engine, invoices: list[dict[str, Any]]) -> None:
    right: Counter[str] = Counter()
    for each in invoices:
        final = each["status_transitions"]["finalized_at"]
        if (
            final
            and each["status"] != "void"
            and AT - timedelta(days=90) < datetime.fromtimestamp(final, UTC)
        ):
            right[each["currency"]] += each["total"]
    found = frames.invoiced(account, AT)
    assert dict(zip(found["currency"], found["invoiced"], strict=True)) == dict(right)


def test_every_failing_invoice_knows_why(account: Engine, invoices: list[dict[str, Any]]) -> None:
    failing = {each["id"] for each in invoices if each["status"] == "open" and each["attempt_count"]}
    found = frames.failing_payments(account)
    assert set(found["invoice_id"]) == failing
    recent = found.loc[found["next_payment_attempt"].notna()]
    assert len(recent) >= 4
    assert (recent["failure_code"] == "card_declined").all()


def test_a_page_of_invoices_and_the_charges_behind_one(
    account: Engine, invoices: list[dict[str, Any]]
) -> None:
    newest = sorted(invoices, key=lambda each: (each["created"], each["id"]), reverse=True)[:50]
    assert list(frames.invoice_page(account, AT)["invoice_id"]) == [each["id"] for each in newest]
    paid = next(each for each in invoices if each["status"] == "paid" and each["attempt_count"] == 1)
    tries = frames.invoice_tries(account, paid["id"])
    assert list(tries["amount"]) == [paid["amount_due"]]
    assert not tries["linked"].any()
    assert len(frames.invoice_lines(account, paid["id"])) == len(paid["lines"]["data"])
