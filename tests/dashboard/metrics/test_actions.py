"""The audit in words."""

import pandas as pd

from dashboard.metrics import actions


def test_what_changed_in_words() -> None:
    before = {"status": "active", "discounts": ["a", "b"], "set to end": None}
    after = {"status": "canceled", "discounts": [], "set to end": None}
    assert actions.changes(before, after) == "status: active → canceled; discounts: a, b → –"
    assert actions.changes(before, None) == ""
    assert actions.changes(None, before) == "status: active; discounts: a, b"


def test_amounts_have_their_currency_and_rows_their_words() -> None:
    before = {"currency": "usd", "still to pay": 10_000, "lines": [["il_1", "Seats", 10_000]]}
    after = {"currency": "usd", "still to pay": 0, "lines": []}
    assert actions.changes(before, after) == "still to pay: $100.00 → $0.00; lines: Seats $100.00 → –"
    without = {name: each for name, each in before.items() if name != "currency"}
    assert actions.changes(without, {"still to pay": 5}).endswith("→ 5 in the smallest unit")
    items = (
        {"items": [["si_1", "price_1", 2]]},
        {"items": [["si_1", "price_1", 4], ["si_2", "price_2", None]]},
    )
    assert actions.changes(*items) == "items: 2 × price_1 → 4 × price_1, 1 × price_2"


def test_entries_in_words() -> None:
    row = {
        "at": pd.Timestamp("2026-11-21T23:01:02Z"),
        "customer_id": "cus_1",
        "customer_name": pd.NA,
        "prospect": pd.NA,
        "before": {"a": 1},
        "after": {"a": 2},
    }
    row |= {"request_ids": ["req_1", "req_2"], "outcome": "unknown"}
    told = actions.told(pd.DataFrame([row]))
    nobody = row | {"customer_id": pd.NA}
    others = actions.told(pd.DataFrame([nobody | {"prospect": "Maple"}, nobody, nobody | {"prospect": ""}]))
    assert others["customer"].tolist() == ["Maple", "–", "–"]
    assert told["time"].tolist() == ["23:01:02"]
    assert told[["customer", "changed", "requests", "outcome"]].to_numpy().tolist() == [
        ["cus_1", "a: 1 → 2", "req_1, req_2", "Unknown"]
    ]
