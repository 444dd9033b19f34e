"""Uptime and credits: the worked example of definitions.md, exact months, hostile files."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.addons import uptime
from data import catalog

TIERS = {str(tier.uptime): tier for addon in catalog.load().addon for tier in addon.tiers}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_worked_example() -> None:
    """43,200 minutes, 60 down: uptime 99.86%, credit 10% in the 99.9 tier."""
    reached = uptime.uptime(43_200, 60)
    assert round(float(reached), 2) == 99.86
    [month] = uptime.months(
        TIERS["99.9"], "2026-09", {"2026-09": 60}, 100_000, datetime(2026, 9, 30, tzinfo=UTC)
    )
    assert (month.minutes, month.percent, month.credit) == (43_200, 10, 10_000)
    assert uptime.told(reached) == "99.861%"


@pytest.mark.parametrize(("tier", "minutes"), [("99.9", "43.2"), ("99.95", "21.6"), ("99.99", "4.32")])
def test_what_a_tier_allows(tier: str, minutes: str) -> None:
    assert uptime.allowed(TIERS[tier]) == Decimal(minutes)


@pytest.mark.parametrize(
    ("tier", "down", "percent"),
    [
        ("99.9", 43, 0),
        ("99.9", 44, 10),
        ("99.9", 432, 10),
        ("99.9", 433, 25),
        ("99.9", 2160, 25),
        ("99.9", 2161, 50),
        ("99.99", 5, 10),
        ("99.99", 43_200, 100),
        ("99.95", 0, 0),
    ],
)
def test_the_credit_begins_just_below_its_line(tier: str, down: int, percent: int) -> None:
    [month] = uptime.months(TIERS[tier], "2026-09", {"2026-09": down}, 999, datetime(2026, 9, 2, tzinfo=UTC))
    assert month.percent == percent


def test_months_that_nobody_entered_are_not_known_and_this_one_is_not_over() -> None:
    months = uptime.months(TIERS["99.9"], "2026-09", {"2026-09": 0}, 5_000, NOW)
    assert [(each.month, each.uptime, each.credit, each.over) for each in months] == [
        ("2026-11", None, None, False),
        ("2026-10", None, None, True),
        ("2026-09", Fraction(100), 0, True),
    ]
    assert months[2].claim_until == datetime(2026, 10, 31, tzinfo=UTC)
    assert uptime.months(TIERS["99.9"], "2026-12", {}, 5_000, NOW) == []


@given(st.integers(0, 44_640), st.integers(1, 10**9), st.sampled_from(sorted(TIERS)))
def test_a_credit_is_never_more_than_the_fee_nor_falls_with_downtime(down: int, fee: int, name: str) -> None:
    tier, month = TIERS[name], "2026-10"
    worse = min(down + 1, 44_640)
    [one] = uptime.months(tier, month, {month: down}, fee, datetime(2026, 10, 3, tzinfo=UTC))
    [other] = uptime.months(tier, month, {month: worse}, fee, datetime(2026, 10, 3, tzinfo=UTC))
    assert one.credit is not None
    assert other.credit is not None
    assert 0 <= one.credit <= other.credit <= uptime.greatest(tier, fee) <= fee


def test_uptime_is_told_rounded_down() -> None:
    assert uptime.told(uptime.uptime(44_640, 0)) == "100.000%"
    assert uptime.told(Fraction(99_999_999, 1_000_000)) == "99.999%"


def test_more_downtime_than_there_is_month() -> None:
    with pytest.raises(ValueError, match="0 to 40,320"):
        uptime.uptime(uptime.minutes_of("2026-02"), 40_321)


def test_a_file_is_read_whole_or_its_faults_are_named() -> None:
    assert uptime.read_csv("\ufeffmonth,minutes\r\n2026-09,60\r\n2026-10,0\r\n") == (
        {"2026-09": 60, "2026-10": 0},
        [],
    )
    found, wrong = uptime.read_csv(
        "Month,Minutes\n2026-13,1\n2026-09,-5\n2026-09,1\n2026-09,2\n2026-02,40321\n=cmd(),1\n2026-08\n"
    )
    assert found == {}
    assert [line.split(":")[0] for line in wrong] == [f"Line {each}" for each in (2, 3, 5, 6, 7, 8)]
    assert uptime.read_csv("month,minutes\r2026-09,60\r") == ({"2026-09": 60}, [])
    assert uptime.read_csv(f"month,minutes\n{'9' * 200_000},1\n")[1] == [
        "This is no CSV file that can be read: a field is far too long."
    ]
    assert uptime.read_csv("")[1] == ["The first line must be: month,minutes."]
    assert uptime.read_csv("month,minutes\n")[1] == ["There is no line below the first one."]
