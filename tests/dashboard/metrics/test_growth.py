"""Growth: steps that add up exactly, month by month and over a period."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.metrics import growth
from dashboard.metrics.selection import Selection
from data.clock import months_between

MONTHS = tuple(months_between("2026-08", "2026-11"))
WHOLE = Selection("usd", MONTHS)
MOVED = [
    ("2026-08", "new", "prod_a", 1200),
    ("2026-09", "new", "prod_a", 600),
    ("2026-09", "churn", "prod_a", -300),
    ("2026-10", "expansion", "prod_a", 120),
    ("2026-10", "transfer", "prod_a", -240),
    ("2026-10", "transfer", "prod_b", 240),
]
HELD = [
    ("2026-08", "prod_a", 1200),
    ("2026-09", "prod_a", 1500),
    ("2026-10", "prod_a", 1380),
    ("2026-10", "prod_b", 240),
    ("2026-11", "prod_a", 1380),
    ("2026-11", "prod_b", 240),
]


def moved(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["month", "kind", "product_id", "delta_arr"])
    return frame.assign(currency="usd", interval="1month")


def held(rows: list[tuple[str, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "product_id", "arr"]).assign(
        currency="usd", interval="1month"
    )


def test_months_one_after_the_other() -> None:
    table = growth.monthly(held(HELD), moved(MOVED), WHOLE)
    assert table["start"].tolist() == [0, 1200, 1500, 1620]
    assert table["end"].tolist() == [1200, 1500, 1620, 1620]
    assert table["net_new"].tolist() == [1200, 300, 120, 0]
    assert table["growth"].tolist()[1:] == [0.25, 0.08, 0.0]
    assert pd.isna(table["growth"].iloc[0])  # nothing at the start: not defined
    assert growth.net_new(table, "2026-09") == 300


def test_a_waterfall_leaves_out_what_did_not_happen() -> None:
    table = growth.monthly(held(HELD), moved(MOVED), WHOLE)
    assert growth.waterfall(table.iloc[1:]).to_numpy().tolist() == [
        ["start", 1200],
        ["new", 600],
        ["expansion", 120],
        ["churn", -300],
        ["end", 1620],
    ]
    assert growth.waterfall(table.iloc[:0]).empty


def test_moves_between_plans_count_where_one_plan_is_chosen() -> None:
    only = WHOLE.only(products=["prod_b"])
    table = growth.monthly(held(HELD), moved(MOVED), only)
    assert table["net_new"].tolist() == [0, 0, 240, 0]
    assert growth.kinds_present(table) == ["transfer"]


def test_exchange_rates_are_a_step_and_no_growth() -> None:
    rows = [*MOVED, ("2026-11", "exchange_impact", "prod_a", -60)]
    balances = [*HELD[:4], ("2026-11", "prod_a", 1320), ("2026-11", "prod_b", 240)]
    table = growth.monthly(held(balances), moved(rows), WHOLE)
    assert table.iloc[-1][["start", "exchange_impact", "net_new", "end"]].tolist() == [1620, -60, 0, 1560]
    assert "exchange_impact" in growth.waterfall(table)["step"].tolist()


kinds = some.sampled_from(["new", "reactivation", "expansion", "contraction", "churn", "exchange_impact"])
movement = some.tuples(
    some.sampled_from(MONTHS), kinds, some.sampled_from(["prod_a", "prod_b"]), some.integers(-9999, 9999)
)


@given(some.lists(movement, max_size=30), some.sampled_from([None, ["prod_a"], ["prod_b"]]))
def test_steps_add_up_to_the_balances(
    rows: list[tuple[str, str, str, int]], products: list[str] | None
) -> None:
    frame = moved(rows)
    ends = [
        (month, product, sum(delta for at, _, of, delta in rows if at <= month and of == product))
        for month in MONTHS
        for product in ("prod_a", "prod_b")
    ]
    table = growth.monthly(held(ends), frame, WHOLE.only(products=products))
    assert table["start"].tolist() == [0, *table["end"].tolist()[:-1]]
    steps = growth.waterfall(table)
    assert steps["arr"].iloc[:-1].sum() == steps["arr"].iloc[-1]
    assert growth.cumulative(table)["net_new"].iloc[-1] == table["net_new"].sum()


@pytest.mark.parametrize(("start", "net", "expected"), [(100, 10, 0.1), (100, -25, -0.25), (0, 5, None)])
def test_growth_is_not_defined_from_nothing(start: int, net: int, expected: float | None) -> None:
    assert growth.growth(start, net).number == expected


def test_restated_months_as_they_were_known_and_as_they_are() -> None:
    table = growth.monthly(held(HELD), moved(MOVED), WHOLE)
    late = moved([("2026-09", "churn", "prod_a", -300), ("2026-09", "new", "prod_a", 100), MOVED[3]])
    known = [pd.Timestamp(f"2026-11-0{day}", tz="UTC") for day in (1, 2, 3)]
    rows = growth.restated(table, late.assign(late=[True, True, False], known_at=known), WHOLE)
    assert rows[["month", "before", "restated", "net_new"]].to_numpy().tolist() == [
        ["2026-09", 500, -200, 300]
    ]
    assert rows["known_at"].tolist() == [known[1]]
    assert growth.restated(table, late.assign(late=False, known_at=known), WHOLE).empty
