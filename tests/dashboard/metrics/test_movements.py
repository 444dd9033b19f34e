"""MRR movements: start plus movements is end, exactly, and rates are over the start."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics import movements
from dashboard.metrics.selection import Selection

MONTHS = ("2026-09", "2026-10", "2026-11")
PRODUCTS = ("prod_a", "prod_b")
cells = st.tuples(st.sampled_from(MONTHS), st.sampled_from(movements.KINDS), st.sampled_from(PRODUCTS))
moves = st.dictionaries(cells, st.integers(-(10**15), 10**15), max_size=20)


def frames(moved: dict[tuple[str, str, str], int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The movements, and the month-end balances that they add up to."""
    rows = [(month, "usd", kind, product, "1month", delta) for (month, kind, product), delta in moved.items()]
    moving = pd.DataFrame(rows, columns=["month", "currency", "kind", "product_id", "interval", "delta_arr"])
    ends = [
        (
            month,
            "usd",
            product,
            "1month",
            sum(d for (m, _, p), d in moved.items() if m <= month and p == product),
        )
        for month in MONTHS
        for product in PRODUCTS
    ]
    return moving, pd.DataFrame(ends, columns=["month", "currency", "product_id", "interval", "arr"])


@given(moves, st.none() | st.just(frozenset({"prod_a"})))
def test_start_plus_movements_is_end_and_the_next_start(
    moved: dict[tuple[str, str, str], int], products: frozenset[str] | None
) -> None:
    moving, ends = frames(moved)
    told = movements.bridge(ends, moving, Selection("usd", MONTHS, products))
    assert (told["start"] + told[list(movements.KINDS)].sum(axis=1) == told["end"]).all()
    assert told["start"].iloc[1:].tolist() == told["end"].iloc[:-1].tolist()
    assert told["start"].iloc[0] == 0


def test_the_worked_example_of_gross_and_net_churn() -> None:
    assert movements.gross_churn(100, -10, -10).number == pytest.approx(0.20)
    assert movements.net_churn(100, -10, -10, 10).number == pytest.approx(0.10)


def test_a_month_that_starts_at_nothing_has_no_rate() -> None:
    moving, ends = frames({("2026-09", "new", "prod_a"): 1200})
    told = movements.bridge(ends, moving, Selection("usd", MONTHS)).set_index("month")
    assert pd.isna(told.loc["2026-09", "gross_churn"])
    assert told.loc["2026-10", "gross_churn"] == 0
    assert pd.isna(movements.bridge(ends, moving, Selection("eur", MONTHS))["net_churn"]).all()
