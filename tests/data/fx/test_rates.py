"""Rates of months: which one holds, exactly."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from data.fx.rates import ExchangeRate, RateTable, rate_table


def table(*rates: tuple[str, str, str, str], to: str = "usd") -> RateTable:
    return rate_table(
        to, (ExchangeRate(date.fromisoformat(day), a, b, Decimal(rate)) for day, a, b, rate in rates)
    )


EUR = table(
    ("2026-01-10", "eur", "usd", "1.10"),
    ("2026-01-31", "eur", "usd", "1.20"),
    ("2026-04-01", "eur", "usd", "1.30"),
    ("2026-04-01", "eur", "gbp", "0.85"),
)


@pytest.mark.parametrize(
    ("month", "closing", "average", "dated"),
    [
        ("2025-12", None, None, None),
        ("2026-01", "1.20", "1.15", "2026-01-31"),
        ("2026-02", "1.20", "1.20", "2026-01-31"),
        ("2026-04", "1.30", "1.30", "2026-04-01"),
        ("2027-12", "1.30", "1.30", "2026-04-01"),
    ],
)
def test_the_rate_of_a_month(month: str, closing: str | None, average: str | None, dated: str | None) -> None:
    assert EUR.closing("eur", month) == (Fraction(closing) if closing else None)
    assert EUR.average("eur", month) == (Fraction(average) if average else None)
    assert EUR.dated("eur", month) == (date.fromisoformat(dated) if dated else None)


def test_the_currency_itself_is_worth_one() -> None:
    assert EUR.closing("usd", "1999-01") == EUR.average("usd", "1999-01") == 1


def test_what_is_only_given_the_other_way_is_inverted() -> None:
    given = table(("2026-01-01", "usd", "gbp", "0.8"), ("2026-01-01", "usd", "eur", "0.5"))
    assert given.closing("gbp", "2026-01") == Fraction(5, 4)
    both = table(("2026-01-01", "usd", "eur", "0.5"), ("2026-01-01", "eur", "usd", "1.9"))
    assert both.closing("eur", "2026-01") == Fraction("1.9")


@pytest.mark.parametrize(
    ("amount", "currency", "to", "rate", "expected"),
    [
        (100_00, "eur", "usd", "1.1", 110_00),
        (1000, "jpy", "usd", "0.0065", 6_50),
        (6_50, "usd", "jpy", "150", 975),
        (1_000, "kwd", "usd", "3.25", 3_25),
        (1, "eur", "usd", "0.5", 1),
        (-1, "eur", "usd", "0.5", -1),
        (1, "eur", "usd", "0.4999", 0),
    ],
)
def test_minor_units_half_up(amount: int, currency: str, to: str, rate: str, expected: int) -> None:
    assert RateTable(to, ()).converted(amount, currency, Fraction(rate)) == expected
