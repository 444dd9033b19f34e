"""The series behind the first page's figures."""

import pandas as pd
import pytest

from dashboard.metrics import overview, plan_mix, renewals
from dashboard.metrics.rates.monthly import Facts, rates
from dashboard.metrics.selection import Selection

MONTHS = ["2026-09", "2026-10", "2026-11"]
CELL = {"currency": "usd", "product_id": "pro", "interval": "1month"}
HELD = {"currency": "usd", "portfolio": "pro:1month"}
KEPT = ["arr_start", "arr_end", "arr_kept", "customers", "lost"]


@pytest.fixture
def facts() -> Facts:
    """Two customers in September, one of whom leaves in October; a third comes in November."""
    ends = pd.DataFrame({"month": MONTHS, "arr": [2400, 1200, 3600]}).assign(**CELL)
    subscribers = pd.DataFrame({"month": MONTHS, "subscribers": [2, 1, 2]}).assign(**HELD)
    moved = pd.DataFrame(
        [("2026-09", "new", 2400), ("2026-10", "churn", -1200), ("2026-11", "new", 2400)],
        columns=["month", "kind", "delta_arr"],
    ).assign(**CELL)
    moves = pd.DataFrame(
        [
            ("2026-09", "", "pro:1month", True, 2),
            ("2026-10", "pro:1month", "", False, 1),
            ("2026-11", "", "pro:1month", True, 1),
        ],
        columns=["month", "held_before", "held_after", "first", "customers"],
    ).assign(currency="usd")
    kept = pd.DataFrame([("2026-10", 1, 2400, 1200, 1200, 2, 1)], columns=["month", "span", *KEPT]).assign(
        currency="usd", held_before="pro:1month"
    )
    return Facts(ends, subscribers, moved, moves, kept)


def test_a_series_is_what_the_rates_and_the_pages_say(facts: Facts) -> None:
    whole = Selection("usd", tuple(MONTHS))
    rows = overview.series(facts, whole, MONTHS)
    assert rows["arr"].tolist() == [2400, 1200, 3600]
    assert rows["subscribers"].tolist() == [2, 1, 2]
    assert rows["per_subscriber"].tolist() == [1200, 1200, 1800]
    exported = rates(facts, whole, "2026-11").set_index(["month", "metric"])["value"]
    for column, name in overview.OF_A_MONTH.items():
        expected = [exported[month, name] for month in MONTHS]
        assert rows[column].astype(object).fillna("").tolist() == pd.Series(expected).fillna("").tolist()
    assert rows.loc["2026-10", "customer_churn"] == 0.5
    assert plan_mix.arr_per_subscriber(facts.month_end, facts.month_end_subscribers, whole, "2026-11") == 1800


def test_a_series_of_nobody_is_not_defined(facts: Facts) -> None:
    rows = overview.series(facts, Selection("eur", tuple(MONTHS)), MONTHS)
    assert rows["subscribers"].tolist() == [0, 0, 0]
    assert rows[["per_subscriber", *overview.OF_A_MONTH]].isna().all(axis=None)


def test_changes_come_in_one_order() -> None:
    totals = pd.DataFrame(
        [("churn", "usd", 1, -5), ("new", "usd", 2, 9), ("new", "eur", 1, 1)],
        columns=["kind", "currency", "customers", "delta_arr"],
    )
    assert overview.changes(totals, "usd").to_numpy().tolist() == [["new", 2, 9], ["churn", 1, -5]]
    assert overview.changes(totals.head(0), "usd").empty


def test_what_lies_ahead_is_of_the_selection() -> None:
    now = pd.Timestamp("2026-11-21", tz="UTC")
    leaving = pd.DataFrame(
        [("cus_1", "usd", 600), ("cus_1", "usd", 120), ("cus_2", "eur", 50)],
        columns=["customer_id", "currency", "arr"],
    ).assign(product_id="pro", interval="1month", ends_at=now)
    due = pd.DataFrame([("usd", 900), ("eur", 70)], columns=["currency", "arr"]).assign(
        product_ids="pro", interval="1year", governs="period", due_at=now, risks=""
    )
    usd, jpy = Selection("usd", ()), Selection("jpy", ())
    assert overview.ahead(leaving, renewals.due(due, usd), usd) == overview.Ahead(1, 720, 1, 900)
    assert overview.ahead(leaving, renewals.due(due, jpy), jpy) == overview.Ahead(0, 0, 0, 0)
