"""Survival: against the estimate done by hand, and sound whatever the lifetimes are."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.rates.survival import COLUMNS, days_until, survival

lifetimes = st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(1, 4)), max_size=20)


def frame_of(rows: list[tuple[int, bool, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["days", "censored", "customers"])


def by_hand(rows: list[tuple[int, bool, int]]) -> dict[int, Fraction]:
    """The product of the shares that stayed, exactly, over the days at which anyone left."""
    share, found = Fraction(1), {}
    for day in sorted({days for days, censored, _ in rows if not censored}):
        known = sum(count for days, _, count in rows if days >= day)
        left = sum(count for days, censored, count in rows if days == day and not censored)
        share *= Fraction(known - left, known)
        found[day] = share
    return found


@given(lifetimes)
def test_the_curve_is_the_estimate_by_hand(rows: list[tuple[int, bool, int]]) -> None:
    curve = survival(frame_of(rows))
    assert list(curve.columns) == COLUMNS
    if not rows:
        assert curve.empty
        return
    assert curve.iloc[0][["days", "share"]].tolist() == [0, 1]
    steps = curve.iloc[1:]
    assert dict(zip(steps["days"], steps["share"], strict=True)) == pytest.approx(
        {day: float(share) for day, share in by_hand(rows).items()}
    )
    band = steps.dropna()
    assert (band["low"] <= band["share"] + 1e-9).all()
    assert (band["share"] <= band["high"] + 1e-9).all()
    assert int(steps["left"].sum()) == sum(count for _, censored, count in rows if not censored)


def test_a_known_sample() -> None:
    """Six customers: 1 leaves after 10 days, 2 after 30; 1 is known for 20 days, 2 for 40."""
    curve = survival(frame_of([(10, False, 1), (20, True, 1), (30, False, 2), (40, True, 2)]))
    assert curve[["days", "at_risk", "left"]].to_numpy().tolist() == [[0, 6, 0], [10, 6, 1], [30, 4, 2]]
    assert curve["share"].tolist() == pytest.approx([1, 5 / 6, 5 / 12])
    assert (days_until(curve), days_until(curve, 0.9), days_until(curve, 0.1)) == (30, 10, None)


def test_those_who_stay_have_no_end() -> None:
    curve = survival(frame_of([(100, True, 7)]))
    assert curve.to_numpy().tolist() == [[0, 1, 1, 1, 7, 0]]
    assert days_until(curve) is None
