"""Add-ons, intervals, currencies and conversions as shares of a whole."""

from datetime import UTC, datetime

import pandas as pd

from dashboard.metrics import addons, conversions, intervals
from dashboard.metrics.conversion import rates_into
from dashboard.metrics.selection import Selection

PRODUCTS = pd.DataFrame(
    {
        "product_id": ["pro", "team", "sso", "sla"],
        "plan": ["Professional", "Team", "Single sign-on", "Uptime SLA"],
        "kind": ["plan", "plan", "addon", "addon"],
        "rank": pd.array([1, 2, 3, 4], dtype="Int64"),
    }
)
HELD = [
    ("2026-10", "usd", "pro:1month", 6),
    ("2026-11", "usd", "pro:1month", 4),
    ("2026-11", "usd", "pro:1month|sso:1month", 2),
    ("2026-11", "usd", "sla:1year|sso:1month|team:1year", 2),
    ("2026-11", "usd", "sso:1month", 5),
    ("2026-11", "eur", "pro:1month|sso:1month", 7),
]
HOLDINGS = pd.DataFrame(HELD, columns=["month", "currency", "portfolio", "subscribers"])
MONTHS = ("2026-10", "2026-11")
WHOLE = Selection("usd", MONTHS)


def attached(selection: Selection) -> dict[tuple[str, str], tuple[int, int]]:
    frame = addons.attached(HOLDINGS, PRODUCTS, selection)
    return {(row.month, row.addon): (row.customers, row.subscribers) for row in frame.itertuples()}


def test_an_addon_is_attached_to_who_holds_a_plan() -> None:
    assert attached(WHOLE) == {
        ("2026-10", "Single sign-on"): (0, 6),
        ("2026-11", "Single sign-on"): (4, 8),
        ("2026-10", "Uptime SLA"): (0, 6),
        ("2026-11", "Uptime SLA"): (2, 8),
    }
    rates = addons.attached(HOLDINGS, PRODUCTS, WHOLE)["rate"]
    assert rates.tolist() == [0.0, 0.5, 0.0, 0.25]


def test_the_filters_choose_the_plan_and_not_the_addon() -> None:
    assert attached(WHOLE.only(products=["team"]))["2026-11", "Single sign-on"] == (2, 2)
    assert attached(WHOLE.only(intervals=["1month"]))["2026-11", "Single sign-on"] == (2, 6)
    assert attached(WHOLE.only(products=["sso"]))["2026-11", "Single sign-on"] == (4, 8)
    assert attached(WHOLE.only(products=["none"])) == attached(WHOLE)
    assert pd.isna(addons.attach_rate(0, 0).number or pd.NA)


BALANCES = pd.DataFrame(
    [
        ("2026-10", "usd", "pro", "1month", 600),
        ("2026-11", "usd", "pro", "1month", 600),
        ("2026-11", "usd", "team", "1year", 200),
        ("2026-11", "eur", "pro", "1month", 100),
    ],
    columns=["month", "currency", "product_id", "interval", "arr"],
)


def test_intervals_are_parts_of_their_month() -> None:
    rows = intervals.by_interval(BALANCES, HOLDINGS, WHOLE)
    assert rows["interval"].tolist() == ["1month", "1month", "1year", "1year"]
    assert rows["share"].tolist() == [1.0, 0.75, 0.0, 0.25]
    assert rows["customers"].tolist() == [6, 13, 0, 2]


def test_currencies_share_only_where_every_one_has_a_rate() -> None:
    rates = pd.DataFrame(
        [(pd.Timestamp("2026-11-05"), "eur", "usd", "2")],
        columns=["date", "from_currency", "to_currency", "rate"],
    )
    rows = intervals.by_currency(BALANCES, HOLDINGS, WHOLE, rates_into("usd", rates)).set_index(
        ["month", "code"]
    )
    assert rows.loc[("2026-11", "eur"), ["customers", "own", "arr", "share"]].tolist() == [7, 100, 200, 0.2]
    assert rows.loc[("2026-11", "usd"), "share"] == 0.8
    unrated = intervals.by_currency(BALANCES, HOLDINGS, WHOLE, rates_into("usd", rates.head(0)))
    assert pd.isna(unrated.loc[unrated["month"] == "2026-11", "share"]).all()


def test_free_accounts_that_paid_later() -> None:
    given = pd.DataFrame(
        {
            "month": ["2026-08"] * 5,
            "days": pd.array([0, 1, 30, 31, None], dtype="Int64"),
            "accounts": pd.array([10, 1, 2, 3, 34], dtype="Int64"),
        }
    )
    now = datetime(2026, 11, 21, tzinfo=UTC)
    row = conversions.free_to_paid(given, ("2026-08", "2026-09"), now).iloc[0]
    assert row[["accounts", "paid_at_once", "free", "paid_30", "paid_90", "paid"]].tolist() == [
        50,
        10,
        40,
        3,
        6,
        6,
    ]
    assert row["rate_30"] == 3 / 40
    assert pd.isna(row["rate_90"])  # the last account of August is not 90 days old yet
    assert row["rate"] == 6 / 40
    assert pd.isna(conversions.free_to_paid(given, ("2026-09",), now)["rate"].iloc[0])
