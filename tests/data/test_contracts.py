"""The terms of a contract: what metadata says, when a term ends, until when notice may be given."""

from typing import Any

import pytest

from data.contracts import Terms, add_months, notice_by, terms
from tests.data.lives import day

NOW = day("2026-06-15")
FIXED = Terms(auto_renews=False, price_until=day("2027-01-31"))
NONSENSE = {"term_months": "a year", "notice_days": "-3", "term_start": "31.1.2026", "auto_renews": "?"}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (None, Terms()),
        ({"term_months": "12", "notice_days": "60"}, Terms(months=12, notice_days=60)),
        ({"term_months": " 12 ", "auto_renews": "True"}, Terms(months=12, auto_renews=True)),
        ({"auto_renews": "no", "price_until": "2027-01-31"}, FIXED),
        (NONSENSE, Terms()),
        ({"term_months": "0"}, Terms()),
        ({"term_months": "²", "notice_days": "99999"}, Terms()),
    ],
)
def test_what_metadata_says(metadata: dict[str, Any] | None, expected: Terms) -> None:
    assert terms(metadata) == expected


@pytest.mark.parametrize(
    ("agreed", "start", "end"),
    [
        (Terms(months=12), "2026-01-31", "2027-01-31"),
        (Terms(months=12), "2025-01-31", None),
        (Terms(months=12, auto_renews=False), "2025-01-31", None),
        (Terms(months=12, auto_renews=True), "2023-01-31", "2027-01-31"),
        (Terms(months=1, auto_renews=True), "2026-01-31", "2026-06-30"),
        (Terms(months=12, start=day("2026-03-01")), "2026-01-31", "2027-03-01"),
        (Terms(months=5), "2026-01-15", "2026-06-15"),
        (Terms(), "2026-01-31", None),
    ],
)
def test_a_term_ends(agreed: Terms, start: str, end: str | None) -> None:
    assert agreed.end(day(start), NOW) == (end and day(end))


def test_months_end_on_the_last_day_of_a_shorter_one() -> None:
    assert add_months(day("2026-01-31"), 1) == day("2026-02-28")
    assert add_months(day("2023-02-28"), 12) == day("2024-02-28")


def test_notice() -> None:
    assert notice_by(day("2026-12-31"), 60) == day("2026-11-01")
    assert notice_by(None, 60) is notice_by(day("2026-12-31"), None) is None


def test_what_one_paper_does_not_say_the_other_may() -> None:
    assert Terms(months=12).or_else(Terms(months=24, notice_days=30)) == Terms(months=12, notice_days=30)
    assert Terms(auto_renews=False).or_else(Terms(auto_renews=True)).auto_renews is False
