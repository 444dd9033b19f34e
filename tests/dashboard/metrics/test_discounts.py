"""Discount depth by plan and by coupon."""

import pandas as pd
import pytest

from dashboard.metrics import discounts
from dashboard.metrics.selection import Selection

PRODUCTS = pd.DataFrame(
    {"product_id": ["pro", "team"], "plan": ["Professional", "Team"], "rank": pd.array([1, 2], dtype="Int64")}
)
CELL = ["currency", "product_id", "interval"]
HELD = pd.DataFrame(
    [("2026-11", "usd", "pro", "1month", 900), ("2026-11", "usd", "team", "1year", 500)],
    columns=["month", *CELL, "arr"],
)
GIVEN = pd.DataFrame(
    [
        ("usd", "pro", "1month", "Spring", 2, 300, 400),
        ("usd", "pro", "1month", "Partner", 1, 0, 120),
        ("eur", "pro", "1month", "Spring", 9, 1, 9),
    ],
    columns=[*CELL, "coupons", "subscriptions", "arr", "list_arr"],
)
WHOLE = Selection("usd", ("2026-11",))


def test_depth_is_of_everything_the_plan_would_bring() -> None:
    rows = discounts.by_plan(GIVEN, HELD, PRODUCTS, WHOLE, "2026-11").set_index("plan")
    pro = rows.loc["Professional"]
    assert pro[["subscriptions", "list_arr", "off", "arr"]].tolist() == [3, 1120, 220, 900]
    assert pro["depth"] == pytest.approx(220 / 1120)
    assert pro["share"] == pytest.approx(520 / 1120)
    assert rows.loc["Team", ["off", "depth"]].tolist() == [0, 0.0]
    assert (rows["list_arr"] - rows["off"] == rows["arr"]).all()


def test_filters_and_nothing_at_all() -> None:
    assert discounts.by_plan(GIVEN, HELD, PRODUCTS, WHOLE.only(products=["team"]), "2026-11")[
        "plan"
    ].tolist() == ["Team"]
    assert discounts.by_plan(GIVEN, HELD, PRODUCTS, Selection("jpy", ()), "2026-11").empty
    assert discounts.depth(0, 0).number is None


def test_coupons_by_what_they_take_off() -> None:
    assert discounts.by_coupon(GIVEN, WHOLE).to_numpy().tolist() == [["Partner", 1, 120], ["Spring", 2, 100]]
