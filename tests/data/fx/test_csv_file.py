"""Rates from a file: all of it or nothing, and every mistake with its place."""

from datetime import date
from decimal import Decimal

import pytest

from data.fx.csv_file import RateFileError, parse
from data.fx.rates import ExchangeRate

GOOD = "date,from,to,rate\n"


def problems(text: str) -> list[str]:
    with pytest.raises(RateFileError) as caught:
        parse(text)
    return caught.value.problems


def test_a_file_as_spreadsheets_write_it() -> None:
    text = (
        '\ufefffrom,to,rate,date,note\r\nEUR, USD ,"1.0842",2026-01-31,\r\n\r\njpy,usd,0.0064,2026-01-31,\r\n'
    )
    assert parse(text) == [
        ExchangeRate(date(2026, 1, 31), "eur", "usd", Decimal("1.0842")),
        ExchangeRate(date(2026, 1, 31), "jpy", "usd", Decimal("0.0064")),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("31.01.2026,eur,usd,1.1", "line 2, column date: '31.01.2026' is not a date such as 2026-01-31"),
        ("2026-02-30,eur,usd,1.1", "line 2, column date: '2026-02-30' is not a date such as 2026-01-31"),
        ("2026-01-31,euro,usd,1.1", "line 2, column from: 'euro' is not a currency code such as EUR"),
        ("2026-01-31,eur,,1.1", "line 2, column to: '' is not a currency code such as EUR"),
        ("2026-01-31,eur,EUR,1.1", "line 2, column to: EUR is the currency that it comes from"),
        ('2026-01-31,eur,usd,"1,1"', "line 2, column rate: '1,1' is not a number above 0 such as 1.0842"),
        ("2026-01-31,eur,usd,0", "line 2, column rate: '0' is not a number above 0 such as 1.0842"),
        ("2026-01-31,eur,usd,-1", "line 2, column rate: '-1' is not a number above 0 such as 1.0842"),
        ("2026-01-31,eur,usd,inf", "line 2, column rate: 'inf' is not a number above 0 such as 1.0842"),
        ("2026-01-31,eur,usd", "line 2, column rate: '' is not a number above 0 such as 1.0842"),
        ("2026-01-31,eur,usd,1,1", "line 2, more values than columns"),
    ],
)
def test_what_is_wrong_and_where(row: str, problem: str) -> None:
    assert problems(f"{GOOD}{row}\n") == [problem]


def test_every_mistake_is_told_at_once() -> None:
    found = problems(f"{GOOD}x,y,usd,z\n2026-01-31,eur,usd,1.1\n2026-01-31,eur,usd,1.2\n")
    assert [each.split(":")[0] for each in found] == [
        "line 2, column date",
        "line 2, column from",
        "line 2, column rate",
        "line 4, column rate",
    ]
    assert found[-1] == "line 4, column rate: 1.2 contradicts line 3, which says 1.1"


def test_the_message_of_many_mistakes_is_short() -> None:
    with pytest.raises(RateFileError, match="and 80 more"):
        parse(GOOD + "2026-01-31,eur,usd,no\n" * 100)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "day,from,to\n",
            "line 1: there is no column date, rate; the first line must be date,from,to,rate",
        ),
        ("", "line 1: there is no column date, from, to, rate; the first line must be date,from,to,rate"),
        (
            "date;from;to;rate\n",
            "line 1: there is no column date, from, to, rate; the first line must be date,from,to,rate",
        ),
    ],
)
def test_the_heading_names_the_columns(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_a_quote_that_never_ends_is_named() -> None:
    assert problems(f'{GOOD}"2026-01-31,eur,usd,1\n')[0].startswith("line 2: ")


def test_the_same_rate_twice_is_no_contradiction() -> None:
    assert len(parse(f"{GOOD}2026-01-31,eur,usd,1.1\n2026-01-31,eur,usd,1.10\n")) == 2
