"""Reporting currency: everything adds up to the minor unit, and what has no rate is told."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.conversion import IMPACT, bridge, convert
from dashboard.metrics.movements import KINDS
from dashboard.metrics.selection import Selection
from data.fx.rates import ExchangeRate, RateTable, rate_table

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
CELLS = [(currency, product, "1month") for currency in ("usd", "eur", "jpy") for product in ("a", "b")]
Moves = dict[tuple[str, str, tuple[str, str, str]], int]
moves = st.dictionaries(
    st.tuples(st.sampled_from(MONTHS), st.sampled_from([*KINDS][:-1]), st.sampled_from(CELLS)),
    st.integers(-9_999, 99_999).filter(bool),
    max_size=30,
)
numbers = st.decimals("0.0001", "200", places=4).filter(lambda rate: rate > 0)
days = st.dates(date(2026, 1, 1), date(2026, 4, 30))
quotes = st.lists(
    st.builds(ExchangeRate, days, st.sampled_from(("eur", "jpy")), st.just("usd"), numbers), max_size=6
)


def frames_of(moved: Moves) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Month-end balances and movements as data.frames gives them."""
    ends: Counter[tuple[str, ...]] = Counter()
    for (month, _, cell), delta in moved.items():
        for later in MONTHS[MONTHS.index(month) :]:
            ends[later, *cell] += delta
    key = ["month", "currency", "product_id", "interval"]
    balances = pd.DataFrame([(*cell, arr) for cell, arr in ends.items() if arr], columns=[*key, "arr"])
    rows = [(month, *cell, delta, kind) for (month, kind, cell), delta in moved.items()]
    return balances, pd.DataFrame(rows, columns=[*key, "delta_arr", "kind"])


def with_transfers(moved: Moves) -> Moves:
    """The moves, and in every month a transfer from a to b of a third of what a currency gained."""
    shifted = dict(moved)
    for (month, _, (currency, *_)), delta in moved.items():
        shifted[month, "transfer", (currency, "a", "1month")] = -abs(delta) // 3
        shifted[month, "transfer", (currency, "b", "1month")] = -(-abs(delta) // 3)
    return shifted


@given(moves, quotes, st.none() | st.just(frozenset({"a"})))
def test_start_movements_and_impact_are_the_end(
    moved: Moves, given_rates: list[ExchangeRate], products: frozenset[str] | None
) -> None:
    table = rate_table("usd", given_rates)
    found = convert(*frames_of(with_transfers(moved)), table)
    told = bridge(found, Selection("usd", MONTHS, products))
    assert (told["start"] + told[[*KINDS, IMPACT]].sum(axis=1) == told["end"]).all()
    for before, month in pairwise(MONTHS):
        rated_alike = all(
            (table.closing(name, before) is None) == (table.closing(name, month) is None)
            for name in ("eur", "jpy")
        )
        if rated_alike:
            assert told.set_index("month").loc[month, "start"] == told.set_index("month").loc[before, "end"]
    if products is None:
        assert (told["transfer"] == 0).all()


@given(moves, quotes)
def test_nothing_is_lost(moved: Moves, given_rates: list[ExchangeRate]) -> None:
    table = rate_table("usd", given_rates)
    balances, movements = frames_of(moved)
    left = convert(balances, movements, table).left_out
    told = {(month, currency): arr for month, currency, arr, _ in left.to_numpy().tolist() if arr}
    missing: Counter[tuple[str, str]] = Counter()
    for month, currency, _, _, arr in balances.to_numpy().tolist():
        missing[month, currency] += arr * (table.closing(currency, month) is None)
    assert told == {key: arr for key, arr in missing.items() if arr}


def table(*rates: tuple[str, str, str]) -> RateTable:
    return rate_table(
        "usd",
        (ExchangeRate(date.fromisoformat(day), name, "usd", Decimal(rate)) for day, name, rate in rates),
    )


def test_impact_as_a_table_of_figures() -> None:
    """100.00 euros from January on, 50.00 more in February; the mean rate of February is 1.20."""
    cell = ("eur", "a", "1month")
    moved: Moves = {("2026-01", "new", cell): 100_00, ("2026-02", "expansion", cell): 50_00}
    rates = table(("2026-01-31", "eur", "1.10"), ("2026-02-01", "eur", "1.15"), ("2026-02-28", "eur", "1.25"))
    told = bridge(convert(*frames_of(moved), rates), Selection("usd", MONTHS[:3])).set_index("month")
    columns = ["start", "new", "expansion", IMPACT, "end"]
    assert told[columns].to_numpy().tolist() == [
        [0, 110_00, 0, 0, 110_00],
        [110_00, 0, 60_00, 17_50, 187_50],
        [187_50, 0, 0, 0, 187_50],
    ]


def test_the_reporting_currency_itself_has_no_impact() -> None:
    moved: Moves = {("2026-01", "new", ("usd", "a", "1month")): 99_99}
    found = convert(*frames_of(moved), table())
    assert IMPACT not in set(found.movements["kind"])
    assert found.month_end["arr"].tolist() == [99_99] * 4
    assert found.left_out.empty


def test_a_currency_without_a_rate_is_left_out_until_it_has_one() -> None:
    """1,000 yen from January on, a rate from March on: its balance then starts at the rate of March."""
    yen = ("jpy", "a", "1month")
    moved: Moves = {("2026-01", "new", yen): 1000, ("2026-01", "new", ("usd", "a", "1month")): 5_00}
    found = convert(*frames_of(moved), table(("2026-03-31", "jpy", "0.0065")))
    assert found.left_out.to_numpy().tolist() == [["2026-01", "jpy", 1000, 1000], ["2026-02", "jpy", 1000, 0]]
    told = bridge(found, Selection("usd", MONTHS)).set_index("month")
    assert told["end"].tolist() == [5_00, 5_00, 11_50, 11_50]
    assert told.loc["2026-03", ["start", IMPACT]].tolist() == [11_50, 0]


def test_nothing_is_nothing() -> None:
    found = convert(*frames_of({}), table())
    assert found.month_end.empty
    assert found.left_out.empty
    assert bridge(found, Selection("usd", MONTHS[:1]))["end"].tolist() == [0]
