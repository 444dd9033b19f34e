"""The audit in words."""

import pandas as pd

from dashboard.metrics import actions


def test_what_changed_in_words() -> None:
    before = {"status": "active", "discounts": ["a", "b"], "set to end": None}
    after = {"status": "canceled", "discounts": [], "set to end": None}
    assert actions.changes(before, after) == "status: active → canceled; discounts: a, b → –"
    assert actions.changes(before, None) == ""


def test_entries_in_words() -> None:
    row = {"customer_id": "cus_1", "customer_name": pd.NA, "before": {"a": 1}, "after": {"a": 2}}
    told = actions.told(pd.DataFrame([row | {"request_ids": ["req_1", "req_2"], "outcome": "unknown"}]))
    assert told[["customer", "changed", "requests", "outcome"]].to_numpy().tolist() == [
        ["cus_1", "a: 1 → 2", "req_1, req_2", "Unknown"]
    ]
