"""Cohorts together, revenue kept by group, lifetimes by plan."""

import pandas as pd
import pytest

from dashboard.metrics import retention
from dashboard.metrics.rates.kept import PARTS


def cohorts(**customers: list[int]) -> pd.DataFrame:
    """Customers of cohorts at ages 0, 1, ...; each pays 10; the last age of each is not over."""
    rows = [
        (cohort, age, count, count * 10, age == len(counts) - 1)
        for cohort, counts in customers.items()
        for age, count in enumerate(counts)
    ]
    return pd.DataFrame(rows, columns=["cohort", "age", "customers", "arr", "partial"])


def test_cohorts_together_at_each_age() -> None:
    frame = retention.mean_curve(
        cohorts(jan=[10, 8, 6, 5, 5], feb=[10, 5, 5, 4], mar=[20, 19, 18], apr=[5, 5], may=[7])
    )
    assert frame["age"].tolist() == [0, 1]
    assert frame["cohorts"].tolist() == [4, 3]
    assert frame["customers_share"].tolist() == [1, 32 / 40]
    assert frame["arr_share"].tolist() == frame["customers_share"].tolist()


def test_few_cohorts_are_still_a_curve() -> None:
    frame = retention.mean_curve(cohorts(jan=[4, 2, 1]))
    assert frame["customers_share"].tolist() == [1, 0.5]
    assert retention.mean_curve(cohorts(jan=[0, 0, 0]))["customers_share"].isna().all()
    assert retention.mean_curve(cohorts().assign(partial=pd.Series(dtype=bool))).empty


def test_kept_after_a_year() -> None:
    curve = retention.mean_curve(cohorts(jan=[10] * 12 + [7, 7]))
    assert retention.after_a_year(curve) == 0.7
    assert retention.after_a_year(curve.iloc[:12]) is None


def test_cohorts_that_won_nobody_are_left_out() -> None:
    assert set(retention.won(cohorts(jan=[0, 0], feb=[1, 0]))["cohort"]) == {"feb"}


def kept(**months: tuple[int, ...]) -> pd.DataFrame:
    """arr_start, arr_end, arr_kept, customers, lost by month."""
    return pd.DataFrame(months.values(), columns=PARTS, index=pd.Index(months.keys(), name="month"))


def test_revenue_kept_by_group_and_over_time() -> None:
    both = {
        "A": kept(oct=(1000, 1050, 900, 10, 2)),
        "B": kept(oct=(0, 0, 0, 0, 0)),
        "C": kept(sep=(1, 1, 1, 1, 0)),
    }
    frame = retention.by_group(both, "oct")
    assert frame["group"].tolist() == ["A"]
    assert frame[["grr", "nrr", "logo"]].to_numpy().tolist() == [[0.9, 1.05, 0.8]]
    time = retention.over_time(kept(sep=(0, 0, 0, 0, 0), oct=(1000, 1050, 900, 10, 2)))
    assert time["nrr"].isna().tolist() == [True, False]
    assert retention.by_group({}, "oct").empty


def lifetimes(*rows: tuple[int, bool, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["days", "censored", "customers"])


def test_lifetimes_by_plan() -> None:
    plans = {"A": lifetimes((30, False, 5), (400, True, 5)), "B": lifetimes((100, True, 3)), "C": lifetimes()}
    frame = retention.lived(plans).set_index("plan")
    assert frame["customers"].to_dict() == {"A": 10, "B": 3}
    assert frame.loc["A", "half_life"] == 30
    assert frame.loc["A", "share_90"] == pytest.approx(0.5)
    assert frame.loc["A", "low_90"] < 0.5 < frame.loc["A", "high_90"]
    assert pd.isna(frame.loc["B", "share_365"])
    assert pd.isna(frame.loc["B", "half_life"])
    assert set(retention.curves(plans)["plan"]) == {"A", "B"}
    assert retention.half_life(retention.curves({})) is None
