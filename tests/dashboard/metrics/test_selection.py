"""Distinct customers under any filter: exact, whatever they hold."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.selection import Selection, distinct, ratio

PRODUCTS = ("prod_a", "prod_b", "prod_c")
INTERVALS = ("1month", "3month", "1year")
cells = st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(INTERVALS))
months = st.sampled_from(("2026-10", "2026-11"))
currencies = st.sampled_from(("usd", "eur"))
customers = st.lists(st.tuples(months, currencies, st.frozensets(cells, min_size=1)), max_size=40)
some = st.none() | st.frozensets(st.sampled_from(PRODUCTS))
terms = st.none() | st.frozensets(st.sampled_from(INTERVALS))


def rolled_up(held: list[tuple[str, str, frozenset[tuple[str, str]]]]) -> pd.DataFrame:
    rows = [(month, currency, "|".join(sorted(map(":".join, holding)))) for month, currency, holding in held]
    frame = pd.DataFrame(rows, columns=["month", "currency", "portfolio"])
    return frame.groupby(["month", "currency", "portfolio"]).size().rename("subscribers").reset_index()


@given(customers, some, terms)
def test_the_sum_over_portfolios_counts_every_customer_once(
    held: list[tuple[str, str, frozenset[tuple[str, str]]]],
    products: frozenset[str] | None,
    intervals: frozenset[str] | None,
) -> None:
    selection = Selection("usd", ("2026-10", "2026-11"), products, intervals)

    counted = distinct(rolled_up(held), "subscribers", selection)

    for month in selection.months:
        one_by_one = sum(
            any(
                (products is None or product in products) and (intervals is None or interval in intervals)
                for product, interval in holding
            )
            for at, currency, holding in held
            if at == month and currency == "usd"
        )
        assert counted.get(month, 0) == one_by_one


def test_a_product_id_may_hold_a_colon() -> None:
    assert Selection("usd", (), frozenset({"prod:x"})).touches("prod:x:1month")


def test_narrowing_never_widens() -> None:
    selection = Selection("usd", (), frozenset({"prod_a"}))
    assert selection.only(["prod_a", "prod_b"]).products == frozenset({"prod_a"})
    assert selection.only(intervals=["1year"]).intervals == frozenset({"1year"})
    assert not selection.is_whole
    assert Selection("usd", ()).is_whole


def test_cells_of_a_frame() -> None:
    frame = pd.DataFrame(
        {
            "currency": ["usd", "usd", "eur"],
            "product_id": ["prod_a", "prod_b", "prod_a"],
            "interval": ["1month"] * 3,
        }
    )
    assert len(Selection("usd", (), frozenset({"prod_a"})).cells(frame)) == 1
    assert len(Selection("usd", (), None, frozenset({"1year"})).cells(frame)) == 0


def test_a_ratio_over_nothing_is_not_defined() -> None:
    assert ratio(1, 0) is None
    assert ratio(None, 5) is None
    assert ratio(0, 5) == 0
