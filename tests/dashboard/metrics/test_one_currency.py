"""Counts and balances of all currencies as rows of the reporting one."""

from datetime import date
from decimal import Decimal

import pandas as pd

from dashboard.metrics import one_currency
from data.fx.rates import ExchangeRate, RateTable, rate_table


def table(*rates: tuple[str, str, str]) -> RateTable:
    return rate_table(
        "usd",
        [ExchangeRate(date.fromisoformat(day), code, "usd", Decimal(rate)) for day, code, rate in rates],
    )


HELD = pd.DataFrame(
    [
        ("2026-01", "", "a:1month", 5),
        ("2026-01", "eur", "a:1month", 2),
        ("2026-01", "usd", "a:1month", 4),
        ("2026-02", "", "a:1month", 3),
        ("2026-02", "usd", "a:1month", 3),
    ],
    columns=["month", "currency", "portfolio", "subscribers"],
)


def counted(rates: RateTable, frame: pd.DataFrame = HELD) -> list[list[object]]:
    return one_currency.counted(frame, "subscribers", rates).to_numpy().tolist()


def test_who_holds_two_currencies_counts_once_where_all_have_a_rate() -> None:
    assert counted(table(("2025-01-01", "eur", "1.1"))) == [
        ["2026-01", "usd", "a:1month", 5],
        ["2026-02", "usd", "a:1month", 3],
    ]


def test_without_a_rate_a_currencys_customers_are_left_out() -> None:
    assert counted(table()) == [["2026-01", "usd", "a:1month", 4], ["2026-02", "usd", "a:1month", 3]]


def test_without_rows_over_all_currencies_each_currency_counts() -> None:
    single = HELD.loc[HELD["currency"] != ""]
    assert counted(table(("2025-01-01", "eur", "1.1")), single)[0] == ["2026-01", "usd", "a:1month", 6]


def test_balances_turn_at_the_closing_rate_of_their_month() -> None:
    frame = pd.DataFrame(
        [
            ("2026-01", "eur", "p", "1month", 1000),
            ("2026-01", "usd", "p", "1month", 1),
            ("2026-02", "eur", "p", "1month", 1000),
        ],
        columns=["month", "currency", "product_id", "interval", "arr"],
    )
    rates = table(("2026-01-31", "eur", "1.5"), ("2026-02-28", "eur", "2"))
    turned = one_currency.balances(frame, ["arr"], rates)
    assert turned[["month", "currency", "arr"]].to_numpy().tolist() == [
        ["2026-01", "usd", 1501],
        ["2026-02", "usd", 2000],
    ]
    assert list(turned.columns) == list(frame.columns)


def test_what_is_kept_is_compared_at_one_rate() -> None:
    columns = [
        "month",
        "span",
        "currency",
        "held_before",
        "arr_start",
        "arr_end",
        "arr_kept",
        "customers",
        "lost",
    ]
    frame = pd.DataFrame([("2026-02", 1, "eur", "p:1month", 1000, 1000, 1000, 1, 0)], columns=columns)
    rates = table(("2026-01-31", "eur", "1.5"), ("2026-02-28", "eur", "2"))
    row = one_currency.balances(frame, ["arr_start", "arr_end", "arr_kept"], rates).iloc[0]
    assert (row["arr_start"], row["arr_end"], row["arr_kept"], row["customers"]) == (2000, 2000, 2000, 1)


def test_lists_keep_their_rows_and_drop_what_has_no_rate() -> None:
    frame = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "currency": ["eur", "jpy", "usd"], "arr": [100, 100, None]}
    )
    turned = one_currency.amounts(frame, ["arr"], table(("2026-01-01", "eur", "1.5")), "2026-01")
    assert turned["customer_id"].tolist() == ["a", "c"]
    assert turned["arr"].fillna(-1).tolist() == [150, -1]
    assert set(turned["currency"]) == {"usd"}


def test_nothing_stays_nothing() -> None:
    assert counted(table(), HELD.head(0)) == []
    assert one_currency.amounts(HELD.head(0), ["subscribers"], table()).empty
