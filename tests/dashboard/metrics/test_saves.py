"""Cancellations carried out and taken back, failed payments recovered: tables of what was decided."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from dashboard.metrics import recoveries, saves

DECIDED = pd.DataFrame(
    [
        ("2026-09", "ended", 0, 2, 200),
        ("2026-10", "ended", 10, 3, 300),
        ("2026-10", "ended", None, 1, 100),
        ("2026-10", "ended", 100, 1, 100),
        ("2026-10", "undone", None, 1, 50),
    ],
    columns=["month", "outcome", "days", "subscriptions", "arr"],
).convert_dtypes()


def test_the_save_rate_is_known_where_events_are() -> None:
    frame = saves.by_month(DECIDED, ["2026-08", "2026-09", "2026-10"], "2026-10")
    told = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    assert told == [
        ["2026-08", 0, 0, None, None, None],
        ["2026-09", 2, 200, None, None, None],
        ["2026-10", 5, 500, 1, 50, 1 / 6],
    ]
    assert saves.saved_arr(DECIDED) == 50
    assert saves.save_rate(0, 0) is None


def test_half_of_the_ends_come_within_so_many_days() -> None:
    assert saves.days_to_end(DECIDED) == 10
    assert saves.days_to_end(DECIDED.iloc[:1]) == 0
    assert saves.days_to_end(DECIDED.iloc[2:3]) is None
    frame = saves.by_length(DECIDED)
    assert frame["subscriptions"].tolist() == [2, 0, 3, 0, 1]
    assert frame["share"].tolist() == [2 / 6, 0, 0.5, 0, 1 / 6]
    assert saves.by_length(DECIDED.iloc[:0])["share"].isna().all()


@pytest.mark.parametrize(
    ("since", "expected"),
    [(datetime(2026, 10, 23, tzinfo=UTC), "2026-11"), (None, None), (pd.NaT, None)],
)
def test_the_first_month_of_which_every_event_is_kept(since: datetime | None, expected: str | None) -> None:
    assert saves.since_month(pd.DataFrame({"since": [since]})) == expected
    assert saves.since_month(pd.DataFrame({"since": []})) is None


def test_what_became_of_those_saved() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [("active", None, None), ("active", now, None), ("canceled", None, now), ("past_due", None, None)]
    frame = saves.told(pd.DataFrame(rows, columns=["status", "leaving_at", "ended_at"]))
    assert frame["since"].tolist() == ["Stayed", "Set to end again", "Left after all", "Past due"]


FAILED = pd.DataFrame(
    [
        ("2026-09", "recovered", 2, 3, 1, 100),
        ("2026-09", "recovered", 3, 8, 2, 300),
        ("2026-09", "recovered", 3, 5, 1, 100),
        ("2026-09", "lost", 5, None, 1, 400),
        ("2026-09", "written_off", 5, None, 1, 100),
        ("2026-10", "open", 1, None, 1, 70),
        ("2026-10", "voided", 2, None, 1, 30),
    ],
    columns=["month", "outcome", "attempts", "days", "invoices", "amount"],
).convert_dtypes()


def test_what_is_open_or_voided_is_in_no_rate() -> None:
    frame = recoveries.by_month(FAILED, ["2026-09", "2026-10", "2026-11"]).set_index("month")
    assert frame["amount"].tolist() == [1000, 100, 0]
    assert frame["invoices"].tolist() == [6, 2, 0]
    assert frame["rate"].iloc[0] == 0.5
    assert frame["rate"].iloc[1:].isna().all()
    assert recoveries.failed_amount(FAILED) == 1100


def test_attempts_that_brought_it_in() -> None:
    frame = recoveries.by_attempt(FAILED)
    assert frame.to_numpy().tolist() == [
        ["Attempt 2", 1, 100, 3.0, 0.2],
        ["Attempt 3", 3, 400, 7.0, 0.8],
    ]
    assert recoveries.by_attempt(FAILED.iloc[3:]).empty
