"""The whole reference account becomes rows; figures are taken from the files by other code."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.records import TABLES, incomplete, rows_of
from data.tables import mirror
from tests.data.records.accounts import RESOURCES, objects_of

AT = datetime(2026, 11, 21, 23, tzinfo=UTC)


def test_every_mirrored_resource_has_a_table() -> None:
    assert set(TABLES) == set(RESOURCES)


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_object_converts_to_rows_with_all_columns(stripe_account: Path, resource: str) -> None:
    objects = objects_of(stripe_account, resource)
    rows = rows_of(resource, objects, AT)
    assert next(iter(rows)) is TABLES[resource]
    assert [row["id"] for row in rows[TABLES[resource]]] == [obj["id"] for obj in objects]
    for table, found in rows.items():
        names = {column.name for column in table.columns}
        assert all(set(row) == names for row in found), table.name
        assert all(row.get("deleted_at") is None for row in found)
    assert not any(incomplete(resource, obj) for obj in objects)


def test_children_are_as_many_as_the_files_hold(stripe_account: Path) -> None:
    subscriptions = objects_of(stripe_account, "subscriptions")
    invoices = objects_of(stripe_account, "invoices")
    found = {
        table.name: len(rows)
        for converted in (rows_of("subscriptions", subscriptions, AT), rows_of("invoices", invoices, AT))
        for table, rows in converted.items()
    }
    assert (found["subscription"], found["invoice"]) == (196, 1364)
    assert found["subscription_item"] == sum(len(s["items"]["data"]) for s in subscriptions)
    assert found["discount"] == sum(len(s["discounts"]) for s in subscriptions)
    assert found["invoice_line"] == sum(len(i["lines"]["data"]) for i in invoices)
    assert found["price"] == len({i["price"]["id"] for s in subscriptions for i in s["items"]["data"]})


def test_invoices_keep_their_money(stripe_account: Path) -> None:
    objects = objects_of(stripe_account, "invoices")
    rows = rows_of("invoices", objects, AT)
    tax: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for obj in objects:
        due[obj["currency"]] += obj["amount_remaining"]
        for part in obj["total_taxes"]:
            tax[obj["currency"]] += part["amount"]
    assert _sums(rows[mirror.invoice], "tax") == tax
    assert _sums(rows[mirror.invoice], "amount_remaining") == due
    assert tax["eur"] > 0
    lines: Counter[str] = Counter()
    for row in rows[mirror.invoice_line]:
        lines[row["invoice_id"]] += row["amount"]
    assert all(lines[obj["id"]] == sum(x["amount"] for x in obj["lines"]["data"]) for obj in objects)


def _sums(rows: list[dict[str, Any]], column: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["currency"]] += row[column]
    return sums


def test_proration_lines_know_what_they_give_back(stripe_account: Path) -> None:
    objects = objects_of(stripe_account, "invoices")
    expected = {}
    for obj in objects:
        for line in obj["lines"]["data"]:
            details = line["parent"][line["parent"]["type"]]
            credited = details["proration_details"]["credited_items"]
            expected[line["id"]] = (details["proration"], credited and credited["invoice_line_items"])
    lines = rows_of("invoices", objects, AT)[mirror.invoice_line]
    assert {row["id"]: (row["proration"], row["credited_lines"]) for row in lines} == expected
    assert sum(proration for proration, _ in expected.values()) > 50


def test_subscriptions_keep_states_and_moments(stripe_account: Path) -> None:
    objects = objects_of(stripe_account, "subscriptions")
    rows = rows_of("subscriptions", objects, AT)
    kept = rows[mirror.subscription]
    assert Counter(row["status"] for row in kept) == Counter(obj["status"] for obj in objects)
    ended = {obj["id"]: obj["ended_at"] for obj in objects}
    assert {row["id"]: row["ended_at"] and row["ended_at"].timestamp() for row in kept} == ended
    paused = {obj["id"] for obj in objects if obj["pause_collection"]}
    assert {row["id"] for row in kept if row["pause_behavior"]} == paused
    coupons = Counter(d["source"]["coupon"] for obj in objects for d in obj["discounts"])
    assert Counter(row["coupon_id"] for row in rows[mirror.discount]) == coupons


def test_people_and_cards(stripe_account: Path) -> None:
    customers = objects_of(stripe_account, "customers")
    countries = Counter((obj["address"] or {}).get("country") for obj in customers)
    kept = rows_of("customers", customers, AT)[mirror.customer]
    assert Counter(row["country"] for row in kept) == countries
    assert {row["name"] for row in kept} == {obj["name"] for obj in customers}
    methods = objects_of(stripe_account, "payment_methods")
    cards = {obj["id"]: obj["card"]["last4"] for obj in methods if obj["type"] == "card"}
    kept = rows_of("payment_methods", methods, AT)[mirror.payment_method]
    assert {row["id"]: row["card_last4"] for row in kept if row["type"] == "card"} == cards


def test_failures_schedules_and_events(stripe_account: Path) -> None:
    charges = objects_of(stripe_account, "charges")
    reasons = Counter(obj["outcome"]["reason"] for obj in charges if obj["outcome"])
    kept = rows_of("charges", charges, AT)[mirror.charge]
    assert Counter(row["decline_reason"] for row in kept) == reasons
    schedules = objects_of(stripe_account, "subscription_schedules")
    ends = {obj["id"]: [phase["end_date"] for phase in obj["phases"]] for obj in schedules}
    kept = rows_of("subscription_schedules", schedules, AT)[mirror.subscription_schedule]
    assert {row["id"]: [phase["end"] for phase in row["phases"]] for row in kept} == ends
    events = objects_of(stripe_account, "events")
    kept = rows_of("events", events, AT)[mirror.event]
    subjects = {obj["id"]: obj["data"]["object"]["id"] for obj in events}
    assert {row["id"]: row["object_id"] for row in kept} == subjects
