"""What is kept is of the data, the instant and the role that it is shown for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd

from dashboard.cache import DataStatus, Snapshot

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_version_that_is_dated_anew_is_worked_out_anew() -> None:
    status = DataStatus(1, NOON, NOON, NOON, None, pd.DataFrame())
    at_noon = Snapshot("sqlite:///nowhere", status)
    later = replace(at_noon, status=replace(status, data_at=NOON + timedelta(hours=1)))
    assert [each.kept("due", ("usd",), lambda each=each: each.now) for each in (at_noon, later, at_noon)] == [
        NOON,
        later.now,
        NOON,
    ]
