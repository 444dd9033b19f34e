"""Why customers left, and how the list of those who left adds up to "Lost"."""

import pandas as pd
import pytest

from dashboard.metrics import leaving

COLUMNS = ["month", "how", "cohort", "size", "reason", "feedback", "standing", "customers", "arr", "churn"]
REQUESTED = "cancellation_requested"


def departures(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of how, reason, feedback, standing, customers, arr, churn, all of October."""
    full = [("2026-10", how, "2026-01", 1, *rest) for how, *rest in rows]
    return pd.DataFrame(full, columns=COLUMNS).convert_dtypes()


WHOLE = departures(
    ("left", REQUESTED, "too_expensive", None, 3, 300, 300),
    ("left", REQUESTED, None, None, 1, 50, 50),
    ("left", "payment_failed", None, None, 2, 200, 200),
    ("left", "payment_disputed", "other", None, 1, 10, 10),
    ("left", None, None, "unpaid", 1, 70, 70),
    ("left", None, None, None, 1, 20, 20),
    ("other_currency", None, None, None, 1, 40, 0),
    ("joined_and_left", REQUESTED, "unused", None, 2, 30, 30),
    ("came_back", REQUESTED, "unused", None, 1, 60, 60),
)


def test_reasons_are_told_and_never_guessed() -> None:
    frame = leaving.reasons(WHOLE)
    told = [tuple(row) for row in frame[["voluntary", "why", "customers", "arr"]].to_numpy().tolist()]
    assert told == [
        ("voluntary", "Too expensive", 3, 300),
        ("involuntary", "Payment failed", 2, 200),
        ("unknown", "Not given", 2, 60),
        ("unknown", "Unpaid, not ended", 1, 70),
        ("voluntary", "Not given", 1, 50),
        ("involuntary", "Payment disputed", 1, 10),
    ]
    assert frame["share"].sum() == pytest.approx(1)


def test_kinds_of_a_month_are_all_that_it_lost() -> None:
    frame = leaving.by_kind(WHOLE, ["2026-09", "2026-10"])
    assert frame.to_numpy().tolist() == [["2026-09", 0, 0, 0, 0], ["2026-10", 4, 3, 3, 10]]
    assert leaving.involuntary(WHOLE) == 0.3
    assert leaving.involuntary_arr(WHOLE) == 210
    assert leaving.involuntary(WHOLE.iloc[:0]) is None


def test_the_list_adds_up_to_lost() -> None:
    rows = leaving.adds_up(WHOLE, 9, "usd").set_index("what")
    assert rows["customers"].to_dict() == {
        "Lost, the months added up": 10,
        "of these, once more": 1,
        "Left this currency": 1,
        "Joined and left": 2,
        "Left and came back": 1,
        "Rows of the list": 13,
    }
    assert rows.loc["Rows of the list", "churn"] == 740
    assert "USD" in rows.loc["Left this currency", "told"]


def test_nobody_left() -> None:
    rows = leaving.adds_up(WHOLE.iloc[:0], 0, "usd")
    assert rows["customers"].tolist() == [0, 0]
    assert leaving.reasons(WHOLE.iloc[:0]).empty
