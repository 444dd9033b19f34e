"""What falls due, what governs it, and why it may not happen."""

from typing import Any

import pandas as pd
import pytest

from data import frames
from data.clock import to_epoch
from data.tables import mirror
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.lives import day

NOW, UNTIL = day("2026-06-15"), day("2026-09-15")


def subscription(**more: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "customer_id": "cus_1",
        "status": "active",
        "currency": "usd",
        "collection_method": "charge_automatically",
        "default_payment_method_id": "pm_1",
        "start_at": day("2026-01-01"),
        "cancel_at_period_end": False,
    } | more


def items(*products: str, end: str = "2026-07-01") -> list[dict[str, Any]]:
    return [
        {
            "id": f"si_{product}",
            "subscription_id": "sub_1",
            "position": position,
            "price_id": f"price_{product}",
            "quantity": 1,
            "current_period_end": day(end),
        }
        for position, product in enumerate(products)
    ]


def prices(*products: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"price_{product}",
            "product_id": product,
            "currency": "usd",
            "unit_amount": 10_00,
            "recurring_interval": "month",
            "recurring_interval_count": 1,
        }
        for product in products
    ]


CARD = {"id": "pm_1", "customer_id": "cus_1", "card_exp_month": 12, "card_exp_year": 2030}


def due(fill: Fill, **changed: Any) -> pd.DataFrame:
    """Renewals of one subscription; keywords change it, or give whole tables (items, card, schedule ...)."""
    rows: dict[Any, list[dict[str, Any]]] = {
        mirror.subscription: [subscription(**changed.pop("subscription", {}))],
        mirror.subscription_item: changed.pop("items", items("prod_a")),
        mirror.price: prices("prod_a", "prod_b"),
        mirror.customer: [{"id": "cus_1", "name": "Ada", **changed.pop("customer", {})}],
        mirror.payment_method: changed.pop("methods", [CARD]),
        mirror.subscription_schedule: changed.pop("schedules", []),
        ACCOUNTS: changed.pop("accounts", []),
        USE: changed.pop("uses", []),
    }
    assert not changed
    return frames.renewals(fill(rows=rows), NOW, UNTIL)


def test_a_period_that_ends(fill: Fill) -> None:
    (one,) = due(fill).to_dict("records")
    assert (one["due_at"], one["governs"], one["arr"], one["interval"]) == (
        day("2026-07-01"),
        "period",
        120_00,
        "1month",
    )
    assert (one["customer_name"], one["risks"]) == ("Ada", "")
    assert pd.isna(one["capacity"])
    assert pd.isna(one["used"])


def test_items_that_fall_due_together_are_one_renewal(fill: Fill) -> None:
    (one,) = due(fill, items=items("prod_a", "prod_b")).to_dict("records")
    assert (one["product_ids"], one["arr"]) == ("prod_a|prod_b", 240_00)


def test_items_with_their_own_periods_are_renewals_of_their_own(fill: Fill) -> None:
    apart = due(fill, items=[*items("prod_a"), *items("prod_b", end="2026-08-01")])
    assert apart["product_ids"].tolist() == ["prod_a", "prod_b"]


@pytest.mark.parametrize("end", ["2026-06-14", "2026-09-15"])
def test_what_is_due_before_or_after_is_left_out(fill: Fill, end: str) -> None:
    assert due(fill, items=items("prod_a", end=end)).empty


@pytest.mark.parametrize(
    ("schedule", "governs", "on"),
    [
        ({"end_behavior": "cancel"}, "schedule", "2026-08-20"),
        ({"end_behavior": "release"}, "schedule", "2026-08-20"),
        ({"end_behavior": "none"}, "period", "2026-07-01"),
        ({"end_behavior": "cancel", "status": "released"}, "period", "2026-07-01"),
    ],
)
def test_a_contract_governs(fill: Fill, schedule: dict[str, Any], governs: str, on: str) -> None:
    phases = [{"start": 0, "end": to_epoch(day("2026-07-20"))}, {"end": to_epoch(day("2026-08-20"))}]
    given = {"id": "sched_1", "status": "active", "phases": phases} | schedule
    (one,) = due(fill, subscription={"schedule_id": "sched_1"}, schedules=[given]).to_dict("records")
    assert (one["governs"], one["due_at"]) == (governs, day(on))


RISKS: list[tuple[dict[str, Any], str]] = [
    ({"subscription": {"cancel_at_period_end": True}}, "set to cancel"),
    ({"subscription": {"cancel_at": day("2026-12-01")}}, "set to cancel"),
    ({"subscription": {"status": "past_due"}}, "past due"),
    ({"subscription": {"status": "unpaid"}}, "unpaid"),
    ({"subscription": {"pause_behavior": "void"}}, "collection paused"),
    ({"methods": [CARD | {"card_exp_month": 6, "card_exp_year": 2026}]}, "card expires before the due date"),
    ({"methods": [CARD | {"card_exp_month": 7, "card_exp_year": 2026}]}, ""),
    ({"methods": [], "subscription": {"default_payment_method_id": "pm_unseen"}}, ""),
    ({"methods": [], "subscription": {"default_payment_method_id": None}}, "no payment method on file"),
    ({"subscription": {"default_payment_method_id": None}}, "no default payment method"),
    (
        {
            "subscription": {"default_payment_method_id": None},
            "customer": {"default_payment_method_id": "pm_1"},
        },
        "",
    ),
    (
        {
            "methods": [],
            "subscription": {"default_payment_method_id": None, "collection_method": "send_invoice"},
        },
        "",
    ),
    ({"accounts": [account("a", "cus_1", capacity=10)]}, ""),
    (
        {"accounts": [account("a", "cus_1", capacity=10)], "uses": [use("a", "2026-06-01", 11)]},
        "use above 100% of capacity",
    ),
    (
        {"accounts": [account("a", "cus_1", capacity=10)], "uses": [use("a", "2026-06-01", 3)]},
        "use below 40% of capacity",
    ),
    ({"accounts": [account("a", "cus_1", capacity=10)], "uses": [use("a", "2026-06-01", 4)]}, ""),
    (
        {
            "accounts": [account("a", "cus_1", capacity=10), account("b", "cus_1", capacity=10)],
            "uses": [use("a", "2026-06-01", 3)],
        },
        "",
    ),
]


@pytest.mark.parametrize(("given", "risks"), RISKS)
def test_risks(fill: Fill, given: dict[str, Any], risks: str) -> None:
    (one,) = due(fill, **dict(given)).to_dict("records")
    assert one["risks"] == risks


def test_reasons_stand_together_in_their_order(fill: Fill) -> None:
    (one,) = due(
        fill, subscription={"status": "past_due", "cancel_at_period_end": True, "pause_behavior": "void"}
    ).to_dict("records")
    assert one["risks"] == "set to cancel; past due; collection paused"


def test_an_unpaid_renewal_has_no_run_rate(fill: Fill) -> None:
    assert due(fill, subscription={"status": "unpaid"})["arr"].tolist() == [0]


@pytest.mark.parametrize("status", ["trialing", "canceled", "incomplete", "paused"])
def test_nothing_falls_due_without_a_commitment(fill: Fill, status: str) -> None:
    assert due(fill, subscription={"status": status}).empty
