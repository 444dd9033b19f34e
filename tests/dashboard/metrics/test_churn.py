"""The flow of subscribers: every customer counted once, every month adding up, under any filter."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics import churn
from dashboard.metrics.selection import Selection

MONTHS = ("2026-09", "2026-10", "2026-11")
PORTFOLIOS = ("", "prod_a:1month", "prod_a:1year", "prod_b:1month", "prod_a:1month|prod_b:1month")
lives = st.lists(st.tuples(*[st.sampled_from(PORTFOLIOS)] * len(MONTHS)), max_size=30)
some = st.none() | st.frozensets(st.sampled_from(("prod_a", "prod_b")))
terms = st.none() | st.frozensets(st.sampled_from(("1month", "1year")))


def holdings_of(customers: list[tuple[str, ...]]) -> pd.DataFrame:
    held = Counter(
        (month, "usd", portfolio)
        for life in customers
        for month, portfolio in zip(MONTHS, life, strict=True)
        if portfolio
    )
    rows = [(*cell, number) for cell, number in held.items()]
    return pd.DataFrame(rows, columns=["month", "currency", "portfolio", "subscribers"])


def transitions_of(customers: list[tuple[str, ...]]) -> pd.DataFrame:
    moves: Counter[tuple[str, str, str, str, bool]] = Counter()
    for life in customers:
        before, seen = "", False
        for month, after in zip(MONTHS, life, strict=True):
            if before != after:
                moves[(month, "usd", before, after, bool(after) and not seen)] += 1
            before, seen = after, seen or bool(after)
    rows = [(*move, number) for move, number in moves.items()]
    return pd.DataFrame(
        rows, columns=["month", "currency", "held_before", "held_after", "first", "customers"]
    )


@given(lives, some, terms)
def test_every_month_adds_up_under_any_filter(
    customers: list[tuple[str, ...]], products: frozenset[str] | None, intervals: frozenset[str] | None
) -> None:
    selection = Selection("usd", MONTHS, products, intervals)

    frame = churn.flow(holdings_of(customers), transitions_of(customers), selection)

    assert list(frame["month"]) == list(MONTHS)
    left = frame["start"] + frame["new"] + frame["won_back"] - frame["lost"] + frame["moved"]
    assert (left == frame["end"]).all()
    assert (frame["start"].iloc[1:].to_numpy() == frame["end"].iloc[:-1].to_numpy()).all()
    assert (frame[["start", "new", "won_back", "lost", "end"]] >= 0).all().all()
    if selection.is_whole:
        assert (frame["moved"] == 0).all()


def test_a_customer_who_changes_plan_has_moved_and_not_left() -> None:
    customers = [("prod_a:1month", "prod_b:1month", ""), ("prod_a:1month", "", "prod_a:1month")]
    selection = Selection("usd", MONTHS, frozenset({"prod_a"}))

    frame = churn.flow(holdings_of(customers), transitions_of(customers), selection).set_index("month")

    assert frame.loc["2026-10", ["start", "lost", "moved", "end"]].tolist() == [2, 1, -1, 0]
    assert frame.loc["2026-11", ["won_back", "new", "lost", "end"]].tolist() == [1, 0, 0, 1]


def test_joined_and_left_inside_a_month_is_counted_apart() -> None:
    inside = pd.DataFrame(
        [("2026-10", "usd", "", "", True, 2)],
        columns=["month", "currency", "held_before", "held_after", "first", "customers"],
    )
    frame = churn.flow(holdings_of([]), inside, Selection("usd", MONTHS)).set_index("month")
    assert frame.loc["2026-10", ["new", "lost", "joined_and_left"]].tolist() == [0, 0, 2]
    assert frame.loc["2026-10", "stripe_rate"] == pytest.approx(1.0)
    assert pd.isna(frame.loc["2026-10", "churn_rate"])


def test_whether_a_plan_was_held_only_inside_a_month_is_not_known() -> None:
    customers = [("prod_a:1month", "", "")]
    selection = Selection("usd", MONTHS, frozenset({"prod_a"}))
    frame = churn.flow(holdings_of(customers), transitions_of(customers), selection)
    assert frame[["joined_and_left", "stripe_rate"]].isna().all().all()
    assert frame["lost"].sum() == 1


def test_both_rates_of_the_worked_example() -> None:
    assert churn.churn_rate(100, 10).number == pytest.approx(0.10)
    assert churn.stripe_rate(100, 30, 10).number == pytest.approx(0.0769, abs=1e-4)
    assert churn.churn_rate(0, 0).number is None


def test_scheduled_churn_is_the_soonest_first() -> None:
    ends = pd.to_datetime(["2026-12-20", "2026-12-01"], utc=True)
    frame = pd.DataFrame(
        {"product_id": "prod_a", "interval": "1year", "currency": "usd", "arr": [1200, 2400], "ends_at": ends}
    )
    leaving = churn.scheduled(frame, Selection("usd", MONTHS))
    assert leaving["arr"].tolist() == [2400, 1200]
    assert churn.scheduled_arr(leaving) == 3600
