"""Revenue by day: Stripe's examples, and that nothing is lost."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.recognition import by_month, deferred, recognised
from data.clock import months_between

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
LINES = st.lists(st.tuples(st.integers(-(10**7), 10**7), DAYS, st.integers(0, 800)), max_size=6)


def lines(*rows: tuple[int, date, date]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["amount", "start", "end"])


def test_a_year_at_a_dollar_a_day() -> None:
    """Stripe: $365 from 1 January for a year is 31, 28 and 31 in January, February and March."""
    year = lines((365_00, date(2026, 1, 1), date(2027, 1, 1)))
    months = by_month(year, months_between("2026-01", "2026-03"))
    assert list(months["revenue"]) == [31_00, 28_00, 31_00]
    assert list(months["deferred"]) == [334_00, 306_00, 275_00]


def test_a_month_from_its_middle() -> None:
    """Stripe: $31 from 15 January for a month is 17 in January and 14 in February."""
    month = lines((31_00, date(2026, 1, 15), date(2026, 2, 15)))
    assert list(by_month(month, ["2026-01", "2026-02", "2026-03"])["revenue"]) == [17_00, 14_00, 0]


def test_the_last_day_has_the_remainder() -> None:
    start, end = date(2026, 1, 1), date(2026, 1, 4)
    told = [recognised(100, start, end, start + timedelta(days=day)) for day in range(5)]
    assert told == [0, 33, 66, 100, 100]
    given_back = [recognised(-100, start, end, start + timedelta(days=day)) for day in range(5)]
    assert given_back == [0, -33, -66, -100, -100]


def test_service_of_no_day_belongs_to_the_day_it_starts() -> None:
    day = date(2026, 1, 31)
    assert (recognised(50, day, day, day), recognised(50, day, day, date(2026, 2, 1))) == (0, 50)
    assert deferred(lines((50, day, day)), day) == 50


@given(LINES, DAYS)
def test_recognised_and_deferred_are_all_and_months_sum_to_the_lines(
    rows: list[tuple[int, date, int]], until: date
) -> None:
    frame = lines(*((amount, start, start + timedelta(days=days)) for amount, start, days in rows))
    known = sum(
        recognised(amount, start, start + timedelta(days=days), until) for amount, start, days in rows
    )
    total = sum(amount for amount, _, _ in rows)
    assert known + deferred(frame, until) == total
    months = by_month(frame, months_between("2024-01", "2030-12"))
    assert months["revenue"].sum() == total
    assert months["deferred"].iloc[-1] == 0
