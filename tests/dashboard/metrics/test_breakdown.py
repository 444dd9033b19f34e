"""Churn by what customers are: groups, their rates, and a month against others."""

import pandas as pd
import pytest

from dashboard.metrics import breakdown
from dashboard.metrics.selection import Selection
from tests.dashboard.metrics.test_leaving import departures

OCTOBER = Selection("usd", ("2026-10",))


def cells(*rows: tuple[str, str, int, int | None, int]) -> pd.DataFrame:
    """month, group, place, start, lost; what was lost is 10 each."""
    full = [(*row, row[-1] * 10) for row in rows]
    return pd.DataFrame(full, columns=breakdown.CELLS).astype(breakdown.DTYPES)


def test_rates_are_over_the_starts_of_all_months() -> None:
    frame = breakdown.table(
        cells(
            ("2026-09", "B", 1, 10, 1), ("2026-10", "B", 1, 30, 1), ("2026-10", "A", 0, 0, 0),
            ("2026-10", "C", 2, None, 2), ("2026-08", "B", 1, 99, 99),
        ),
        ["2026-09", "2026-10"],
    )  # fmt: skip
    assert frame["group"].tolist() == ["A", "B", "C"]
    assert frame["rate"].isna().tolist() == [True, False, True]
    assert frame["rate"].iloc[1] == 2 / 40
    assert frame["share"].tolist() == [0, 0.5, 0.5]
    assert frame["arr"].tolist() == [0, 20, 20]


def test_a_month_against_a_mean_one() -> None:
    frame = breakdown.compared(
        cells(
            ("2026-08", "A", 0, 10, 1), ("2026-09", "A", 0, 10, 2), ("2026-10", "A", 0, 10, 5),
            ("2026-08", "B", 1, 10, 4), ("2026-10", "C", 2, 10, 1), ("2026-10", "D", 3, 10, 0),
        ),
        "2026-10",
        ["2026-08", "2026-09"],
    )  # fmt: skip
    assert frame[["group", "lost", "before", "change"]].to_numpy().tolist() == [
        ["A", 5, 1.5, 3.5],
        ["C", 1, 0.0, 1.0],
        ["B", 0, 2.0, -2.0],
    ]
    assert frame["rate"].iloc[0] == 0.5
    assert frame["rate_before"].iloc[0] == 3 / 20


@pytest.mark.parametrize(
    ("cohort", "expected"),
    [
        ("2026-09", "First 3 months"),
        ("2026-07", "First 3 months"),
        ("2026-06", "4 to 12 months"),
        ("2025-10", "4 to 12 months"),
        ("2025-09", "Second year"),
        ("2024-09", "Later"),
    ],
)
def test_tenure_is_counted_from_the_month_of_the_first_movement(cohort: str, expected: str) -> None:
    assert breakdown.tenure(cohort, "2026-10")[1] == expected


def test_by_tenure_and_by_quarter() -> None:
    holdings = pd.DataFrame(
        [
            ("2026-08", "2026-09", "usd", "prod_a:1month", 3),
            ("2026-01", "2026-09", "usd", "prod_a:1month|prod_b:1year", 7),
            ("2026-01", "2026-09", "eur", "prod_a:1month", 9),
            ("2026-01", "2026-10", "usd", "prod_a:1month", 6),
        ],
        columns=["cohort", "month", "currency", "portfolio", "subscribers"],
    )
    gone = departures(("left", None, None, None, 2, 20, 20), ("came_back", None, None, None, 5, 50, 50))
    tenure = breakdown.by_cohort(gone, holdings, OCTOBER, breakdown.tenure)
    assert tenure[["group", "start", "lost", "arr"]].to_numpy().tolist() == [
        ["4 to 12 months", 7, 2, 20],
        ["First 3 months", 3, 0, 0],
    ]
    only = OCTOBER.only(products=["prod_b"])
    quarters = breakdown.by_cohort(gone, holdings, only, lambda cohort, _: breakdown.quarter(cohort))
    assert quarters[["group", "start"]].to_numpy().tolist() == [["2026, quarter 1", 7]]


def test_by_size() -> None:
    sizes = pd.DataFrame(
        [("2026-09", "usd", 0, 4), ("2026-09", "usd", 1, 5), ("2026-10", "usd", 1, 9)],
        columns=["month", "currency", "size", "subscribers"],
    )
    gone = departures(("left", None, None, None, 2, 20, 20))
    frame = breakdown.by_size(gone, sizes, OCTOBER)
    assert frame[["group", "start", "lost"]].to_numpy().tolist() == [
        ["$50 to $200", 5, 2],
        ["Under $50", 4, 0],
    ]
    assert breakdown.by_size(gone, None, OCTOBER)["start"].isna().all()
    assert [breakdown.size_name(size, "jpy") for size in (0, 3)] == ["Under ¥5.0k", "¥100.0k and more"]
