"""Figures and dates as people read them."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pandas as pd
import pytest

from dashboard import formatting

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (123450, "usd", "$1,234.50"),
        (-5, "eur", "−€0.05"),
        (1234, "jpy", "¥1,234"),
        (1234, "kwd", "KWD 1.234"),
        (None, "usd", "–"),
        (pd.NA, "usd", "–"),
        (0, "usd", "$0.00"),
    ],
)
def test_an_amount_in_full(minor: int | None, currency: str, expected: str) -> None:
    assert formatting.amount(minor, currency) == expected


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (0, "usd", "$0"),
        (99_949, "usd", "$999"),
        (99_950, "usd", "$1.0k"),
        (6_149_556, "usd", "$61.5k"),
        (99_994_900, "usd", "$999.9k"),
        (99_996_000, "usd", "$1.0M"),
        (-123_456_789, "usd", "−$1.2M"),
        (1_500_000_000_000_000, "usd", "$15,000.0B"),
        (151_200, "jpy", "¥151.2k"),
    ],
)
def test_a_headline_is_shortened_without_jumping_a_scale(minor: int, currency: str, expected: str) -> None:
    assert formatting.short(minor, currency) == expected


def test_a_month_of_a_year_is_exact_until_it_is_shown() -> None:
    assert formatting.monthly(1829) == Fraction(1829, 12)
    assert formatting.mrr(1829, "usd") == "$1.52"
    assert formatting.mrr(18, "jpy") == "¥2"  # 1.5, half-up
    assert formatting.exact_mrr(12_000, "usd") == "$10.00 a month, which is $120.00 a year (USD)."


def test_a_rate_that_is_not_defined_is_a_dash() -> None:
    assert formatting.percent(None) == formatting.percent(float("nan")) == formatting.percent(pd.NA) == "–"
    assert formatting.percent(Fraction(1, 8)) == "12.5%"
    assert formatting.percent(-0.021) == "−2.1%"
    assert formatting.percent(-0.0) == formatting.percent(-0.0001) == "0.0%"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("1month", "Monthly"), ("3month", "Quarterly"), ("1year", "Yearly"), ("4month", "Every 4 months"),
     ("1decade", "Every decade"), ("month", "month"), ("", "–")],
)  # fmt: skip
def test_an_interval_in_words(code: str, expected: str) -> None:
    assert formatting.interval(code) == expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_age_in_the_largest_whole_unit(ago: timedelta, expected: str) -> None:
    assert formatting.age(NOW - ago, NOW) == expected


def test_days_and_moments_name_their_zone() -> None:
    assert formatting.day(NOW) == "21 Nov 2026"
    assert formatting.day(pd.NaT) == formatting.moment(pd.NaT) == formatting.DASH
    assert formatting.moment(NOW) == "21 Nov 2026, 23:00 UTC"
    assert formatting.month("2026-01") == "Jan 2026"


def test_counts_and_changes() -> None:
    assert formatting.count(12345) == "12,345"
    assert (formatting.signed_count(3), formatting.signed_count(-2), formatting.signed_count(0)) == (
        "+3",
        "−2",
        "0",
    )
    assert formatting.plural(1, "customer") == "1 customer"
    assert formatting.plural(0, "company", "companies") == "0 companies"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "< 1 min"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (172_799, "47 h"), (172_800, "2 days")],
)
def test_a_length_of_time_for_a_headline(seconds: float, expected: str) -> None:
    assert formatting.elapsed(seconds) == expected


@pytest.mark.parametrize("name", ["https://evil.example", "see www.evil.example", "HTTP://evil.example/x"])
def test_an_address_in_a_name_is_no_link(name: str) -> None:
    shown = formatting.markdown(name)
    assert "://" not in shown.replace("\\", "")
    assert "www." not in shown
    assert shown.replace("\\", "").replace("\u2060", "") == name


def test_a_sentence_that_begins_from_right_to_left_is_marked() -> None:
    assert formatting.led("«Ada» pays.") == "«Ada» pays."
    assert formatting.led("2 עדה pays.") == "\u200e2 עדה pays."
    assert formatting.led("") == ""
