"""What rates convert, what they leave out, and what a change of them would bring."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from dashboard.metrics import conversion, exchange
from data.fx.rates import ExchangeRate
from tests.data.lives import day

MONTHS = ["2026-01", "2026-02"]
EURO = ExchangeRate(date(2026, 2, 10), "eur", "usd", Decimal("1.5"))


def rates(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=exchange.RATE)
    return frame.assign(date=pd.to_datetime(frame["date"]))


KEPT = rates(("2026-02-01", "eur", "usd", "1.20"), ("2026-01-01", "usd", "jpy", "100"))


@pytest.fixture
def month_end() -> pd.DataFrame:
    """A dollar, euros in two products, yen; pounds in January only."""
    cells = [
        *((month, currency, product, "1month", arr) for month in MONTHS for currency, product, arr in HELD),
        ("2026-01", "gbp", "prod_a", "1month", 700),
    ]
    return pd.DataFrame(cells, columns=["month", "currency", "product_id", "interval", "arr"])


HELD = (("usd", "prod_a", 100), ("eur", "prod_a", 1001), ("eur", "prod_b", 1001), ("jpy", "prod_a", 50))


@pytest.fixture
def holdings() -> pd.DataFrame:
    rows = [("2026-02", "usd", "x", 5), ("2026-02", "eur", "x", 2), ("2026-02", "eur", "y", 1)]
    return pd.DataFrame(rows, columns=["month", "currency", "portfolio", "subscribers"])


def test_what_is_converted_agrees_with_the_ledger_in_one_currency(month_end: pd.DataFrame) -> None:
    table = conversion.rates_into("usd", KEPT)
    moved = pd.DataFrame(columns=conversion.MOVED)
    everywhere = conversion.convert(month_end, moved, table).month_end.groupby("month")["arr"].sum()
    ours = exchange.converted(month_end, table, MONTHS).groupby("month")["arr"].sum()
    assert ours.tolist() == everywhere.tolist() == [100 + 50, 100 + 2402 + 50]


def test_each_currency_with_the_rate_that_it_was_converted_at(month_end: pd.DataFrame) -> None:
    frame = exchange.converted(month_end, conversion.rates_into("usd", KEPT), MONTHS)
    euros = frame.loc[frame["currency"] == "eur"].reset_index(drop=True)
    assert euros["own"].tolist() == [2002, 2002]
    assert euros["arr"].isna().tolist() == [True, False]
    assert (euros["rate"][1], euros["dated"][1]) == ("1.2", date(2026, 2, 1))


def test_what_is_left_out_now_and_what_was_once(month_end: pd.DataFrame, holdings: pd.DataFrame) -> None:
    frame = exchange.converted(month_end, conversion.rates_into("usd", rates()), MONTHS)
    out = exchange.left_out(frame, holdings, "2026-02")
    assert out[["currency", "months", "first", "last"]].to_numpy().tolist() == [
        ["eur", 2, "2026-01", "2026-02"],
        ["gbp", 1, "2026-01", "2026-01"],
        ["jpy", 2, "2026-01", "2026-02"],
    ]
    assert out["arr"].tolist() == [2002, pd.NA, 50]
    assert exchange.without_rate(out) == 2
    assert exchange.subscribers_converted(out, holdings, "2026-02") == 5 / 8
    assert exchange.subscribers_converted(out, holdings, "2026-03") is None
    assert exchange.arr_converted(frame, "2026-02") == 100


def test_nothing_is_left_out_where_every_month_has_a_rate(
    month_end: pd.DataFrame, holdings: pd.DataFrame
) -> None:
    frame = exchange.converted(month_end, conversion.rates_into("usd", KEPT), ["2026-02"])
    out = exchange.left_out(frame, holdings, "2026-02")
    assert out.empty
    assert exchange.without_rate(out) == 0
    assert exchange.subscribers_converted(out, holdings, "2026-02") == 1.0


def test_the_newest_rate_and_its_age() -> None:
    assert exchange.newest(KEPT) == day("2026-02-01")
    assert exchange.newest(rates()) is None
    assert exchange.age(day("2026-02-01"), day("2026-02-11")).days == 10
    assert exchange.kept(KEPT) == 2


def test_a_rate_as_typed() -> None:
    typed = {"date": "2026-02-10", "from": " EUR", "to": "usd", "rate": "1.5 "}
    assert exchange.drafted(typed) == (EURO, [])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"rate": "1,5"}, "Rate: '1,5' is not a number above 0 such as 1.0842."),
        ({"rate": "-1"}, "Rate: '-1' is not a number above 0 such as 1.0842."),
        ({"from": "euro"}, "From: 'euro' is not a currency code such as EUR."),
        ({"date": ""}, "Date: '' is not a date such as 2026-01-31."),
        ({"to": "eur"}, "To: EUR is the currency that it comes from."),
    ],
)
def test_what_is_wrong_with_it_is_named(typed: dict[str, str], sentence: str) -> None:
    whole = {"date": "2026-02-10", "from": "eur", "to": "usd", "rate": "1.5"} | typed
    assert exchange.drafted(whole) == (None, [sentence])


def test_new_rates_beside_those_kept() -> None:
    kept_now = [ExchangeRate(date(2026, 2, 1), "eur", "usd", Decimal(rate)) for rate in ("1.2", "1.3")]
    frame = exchange.effects([EURO, *kept_now], KEPT)
    assert frame["effect"].tolist() == [exchange.NEW, exchange.SAME, exchange.REPLACES]
    assert frame["before"].tolist()[1:] == ["1.20", "1.20"]
    assert exchange.summary(frame) == "3 rates: 1 new, 1 replaced, 1 kept already"


def test_what_a_rate_would_do_to_its_month(month_end: pd.DataFrame) -> None:
    told = exchange.before_and_after(EURO, KEPT, month_end, "usd", MONTHS)
    assert told.to_numpy().tolist() == [["eur", 2002, 2402, 3004]]
    first = exchange.before_and_after(EURO, rates(), month_end, "usd", MONTHS)
    assert first["before"].isna().all()
    elsewhere = ExchangeRate(EURO.date, "eur", "chf", EURO.rate)
    assert exchange.before_and_after(elsewhere, KEPT, month_end, "usd", MONTHS).empty


def test_a_rate_that_replaces_one_stands_in_its_place() -> None:
    again = ExchangeRate(date(2026, 2, 1), "eur", "usd", Decimal("2"))
    assert exchange.with_rate(KEPT, again)["rate"].tolist() == ["100", "2"]
    assert len(exchange.with_rate(KEPT, EURO)) == 3


@pytest.mark.parametrize(
    ("on", "month"), [("2025-05-01", "2026-01"), ("2026-02-28", "2026-02"), ("2030-01-01", "2026-02")]
)
def test_the_month_in_which_a_rate_is_looked_at(on: str, month: str) -> None:
    rate = ExchangeRate(date.fromisoformat(on), "eur", "usd", Decimal(1))
    assert exchange.month_for(rate, MONTHS) == month


def test_problems_of_a_file_by_line_and_column() -> None:
    sentences = [
        "line 2, column rate: '0' is not a number above 0 such as 1.0842",
        "line 3, more values than columns",
        "line 9: unexpected end of data",
        "something else",
    ]
    frame = exchange.problems(sentences, "date,from,to,rate\n2026-01-01,eur,usd,0\n1,2,3,4,5\n")
    assert frame["line"].tolist() == [2, 3, 9, pd.NA]
    assert frame["column"].tolist() == ["rate", pd.NA, pd.NA, pd.NA]
    assert frame["problem"].tolist() == [
        "'0' is not a number above 0 such as 1.0842",
        "more values than columns",
        "unexpected end of data",
        "something else",
    ]
    assert frame["stands"].tolist() == ["2026-01-01,eur,usd,0", "1,2,3,4,5", pd.NA, pd.NA]
