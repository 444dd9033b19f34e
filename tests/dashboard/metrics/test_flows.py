"""Flows between plans and between intervals."""

import pandas as pd
import pytest

from dashboard.metrics import flows
from dashboard.metrics.selection import Selection

PRODUCTS = pd.DataFrame(
    {
        "product_id": ["pro", "pro_2024", "team", "sso"],
        "plan": ["Professional", "Professional", "Team", "Single sign-on"],
        "kind": ["plan", "plan", "plan", "addon"],
        "rank": pd.array([1, 1, 2, 9], dtype="Int64"),
    }
)
ROWS = [
    ("usd", "pro", "1month", "team", "1month", 3, 300),
    ("usd", "pro_2024", "1month", "team", "1year", 1, 50),
    ("usd", "team", "1month", "pro", "1month", 2, 80),
    ("usd", "pro", "1month", "pro_2024", "1month", 9, 900),
    ("usd", "team", "1month", "team", "1year", 4, 70),
    ("eur", "pro", "1month", "team", "1month", 5, 500),
]
FRAME = pd.DataFrame(
    ROWS,
    columns=["currency", "product_from", "interval_from", "product_to", "interval_to", "customers", "arr"],
)
WHOLE = Selection("usd", ())


def test_plans_by_their_products_in_the_catalogues_order() -> None:
    assert flows.between_plans(FRAME, PRODUCTS, WHOLE).to_numpy().tolist() == [
        ["Professional", "Team", 4, 350],
        ["Team", "Professional", 2, 80],
    ]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (WHOLE.only(products=["team"]), 2),
        (WHOLE.only(products=["sso"]), 0),
        (WHOLE.only(intervals=["1year"]), 1),
        (Selection("jpy", ()), 0),
    ],
)
def test_only_what_touches_the_selection(selection: Selection, expected: int) -> None:
    assert len(flows.between_plans(FRAME, PRODUCTS, selection)) == expected


def test_intervals_whatever_the_plan() -> None:
    assert flows.between_intervals(FRAME, WHOLE).to_numpy().tolist() == [["Monthly", "Yearly", 5, 120]]
