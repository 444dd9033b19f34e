"""Why run rate moved: every part named, and the parts add up."""

from typing import Any

import pandas as pd
import pytest

from dashboard.metrics.reasons import REASONS, reasons, summary
from dashboard.metrics.selection import Selection

DAY = pd.Timestamp("2026-05-04")
PLANS = {"prod_pro": "Professional", "prod_biz": "Business", "prod_sso": "Single sign-on"}
WHOLE = Selection("usd", ("2026-05",))
SIDE: dict[str, Any] = {
    "subscription": "sub_1",
    "product": "prod_pro",
    "interval": "1month",
    "price": "price_1",
    "quantity": 2,
    "state": "counted",
}
NOTHING = dict.fromkeys(SIDE)


def change(before: tuple[int, int], moved: int | None, after: tuple[int, int], **more: Any) -> dict[str, Any]:
    """An item's change: (arr, list) before, the list value of its old price at the new quantity, after.

    A pair of (0, 0) is an item that is not there. more: old and new are the sides' other terms.
    """
    old = (SIDE if before[1] else NOTHING) | more.get("old", {})
    new = (SIDE if after[1] else NOTHING) | more.get("new", {})
    row = {"customer_id": "cus_1", "day": DAY, "currency": "usd", "kind": more.get("of", "plan")}
    row |= {f"{name}_before": value for name, value in old.items()}
    row |= {f"{name}_after": value for name, value in new.items()}
    amounts = {
        "arr_before": before[0],
        "list_before": before[1],
        "arr_after": after[0],
        "list_after": after[1],
    }
    return row | amounts | {"list_moved": moved}


def told(*changes: dict[str, Any], kind: str = "expansion", selection: Selection = WHOLE) -> list[list[Any]]:
    """Reason, detail and delta of each part of the day."""
    delta = sum(each["arr_after"] - each["arr_before"] for each in changes)
    parts = reasons(_moves(delta, kind), pd.DataFrame(changes), PLANS, selection)
    return parts[["reason", "detail", "delta_arr"]].to_numpy().tolist()


def _moves(delta: int, kind: str = "expansion") -> pd.DataFrame:
    row = {"customer_id": "cus_1", "currency": "usd", "day": DAY, "kind": kind, "delta_arr": delta}
    return pd.DataFrame([row])


YEARLY = {"interval": "1year", "price": "price_2"}
BUSINESS = {"product": "prod_biz", "price": "price_3", "quantity": 1}
CASES: dict[str, tuple[dict[str, Any], list[list[Any]]]] = {
    "seats": (
        change((240, 240), 600, (600, 600), new={"quantity": 5}),
        [["Seats", "2 → 5", 360]],
    ),
    "seats under a discount that stays": (
        change((120, 240), 600, (300, 600), new={"quantity": 5}),
        [["Seats", "2 → 5", 180]],
    ),
    "plan, whatever its seats": (
        change((240, 240), 120, (900, 900), new=BUSINESS),
        [["Plan", "Professional × 2 → Business", 660]],
    ),
    "interval": (
        change((240, 240), 240, (192, 192), new=YEARLY),
        [["Interval", "Monthly → Yearly", -48]],
    ),
    "interval and seats": (
        change((240, 240), 480, (384, 384), new=YEARLY | {"quantity": 4}),
        [["Seats", "2 → 4", 240], ["Interval", "Monthly → Yearly", -96]],
    ),
    "a price change": (
        change((240, 240), 240, (288, 288), new={"price": "price_9"}),
        [["Price change", "Professional", 48]],
    ),
    "another subscription at another price": (
        change((240, 240), 240, (288, 288), new={"price": "price_9", "subscription": "sub_2"}),
        [["Migration", "Professional, to another subscription", 48]],
    ),
    "a discount began": (change((240, 240), 240, (180, 240)), [["Discount began", "", -60]]),
    "a discount ended": (change((180, 240), 240, (240, 240)), [["Discount ended", "", 60]]),
    "another discount": (change((180, 240), 240, (120, 240)), [["Discount changed", "", -60]]),
    "an add-on": (
        change((0, 0), None, (360, 360), of="addon", new={"product": "prod_sso", "quantity": 1}),
        [["Add-on added", "Single sign-on, monthly", 360]],
    ),
    "a trial that became paid": (
        change((0, 0), None, (240, 240), old=SIDE | {"state": "trial"}),
        [["Trial became paid", "Professional, monthly, 2 units", 240]],
    ),
    "unpaid": (
        change((240, 240), None, (0, 0), new=SIDE | {"state": "unpaid"}),
        [["Unpaid", "Professional, monthly, 2 units", -240]],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_parts_of_an_item(name: str) -> None:
    given, expected = CASES[name]
    assert told(given) == expected
    assert {reason for reason, _, _ in expected} <= set(REASONS)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("new", "New subscription"), ("reactivation", "Came back"), ("expansion", "Another subscription")],
)
def test_a_subscription_that_began(kind: str, reason: str) -> None:
    assert [part[0] for part in told(change((0, 0), None, (240, 240)), kind=kind)] == [reason]


def test_an_addon_of_a_customer_who_left_is_no_addon_removed() -> None:
    given = change((360, 360), None, (0, 0), of="addon")
    assert told(given, kind="churn")[0][0] == "Subscription ended"
    assert told(given, kind="contraction")[0][0] == "Add-on removed"


def test_a_move_to_another_currency_is_a_migration() -> None:
    left = change((240, 240), None, (0, 0))
    came = change((0, 0), None, (200, 200)) | {"currency": "eur"}
    parts = reasons(_moves(-240, "contraction"), pd.DataFrame([left, came]), PLANS, WHOLE)
    assert parts[["reason", "delta_arr"]].to_numpy().tolist() == [["Migration", -240]]


def test_what_no_item_accounts_for_is_a_part_of_its_own() -> None:
    given = pd.DataFrame([change((240, 240), 600, (600, 600), new={"quantity": 5})])
    parts = reasons(_moves(400), given, PLANS, WHOLE)
    assert parts["delta_arr"].tolist() == [360, 40]
    assert parts["reason"].tolist()[1] == "Not dated by an item"


def test_under_a_plan_filter_only_that_plans_side_counts() -> None:
    moved = change((240, 240), 120, (900, 900), new=BUSINESS)
    only = WHOLE.only(products=["prod_biz"])
    parts = reasons(_moves(900), pd.DataFrame([moved]), PLANS, only)
    assert parts[["reason", "delta_arr"]].to_numpy().tolist() == [["Plan", 900]]
    parts = reasons(_moves(-240), pd.DataFrame([moved]), PLANS, WHOLE.only(products=["prod_pro"]))
    assert parts[["reason", "delta_arr"]].to_numpy().tolist() == [["Plan", -240]]


def test_the_summary_names_the_largest_reason_and_tells_all() -> None:
    given = pd.DataFrame([change((24000, 24000), 48000, (38400, 38400), new=YEARLY | {"quantity": 4})])
    moves = _moves(14400)
    row = summary(moves, reasons(moves, given, PLANS, WHOLE)).iloc[0]
    assert row["reason"] == "Seats"
    assert row["detail"] == "Seats: 2 → 4 (+$20.00); Interval: Monthly → Yearly (−$8.00)"


def test_several_items_of_one_interval_say_it_once() -> None:
    items = [
        change((0, 0), None, (arr, arr), of=kind, new={"product": product, "quantity": 1})
        for product, kind, arr in (("prod_biz", "plan", 900), ("prod_sso", "addon", 360))
    ]
    moves = _moves(1260, "new")
    row = summary(moves, reasons(moves, pd.DataFrame(items), PLANS, WHOLE)).iloc[0]
    assert row["detail"] == "Business, Single sign-on, monthly"
