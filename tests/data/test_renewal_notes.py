"""Notes beside renewals and kept forecasts: added, never changed, each a new version of the data."""

from datetime import date

import pytest
from sqlalchemy import Engine, insert, text

from data import frames
from data.renewal_notes import Note, keep_forecast, write
from data.tables import operations
from data.writing import NotChangedError
from tests.data.lives import day

FIRST = Note("sub_1", date(2026, 12, 31), owner="Ada", category="likely")
SECOND = Note("sub_1", date(2026, 12, 31), owner="Ada", category="lost", note="They said no.")
FORECAST = {
    "currency": "usd",
    "due_month": "2026-12",
    "term": "Yearly",
    "renewals": 1,
    "arr": 9,
    "arr_known": 9,
}
FORECAST |= {"expected": 8, "low": 7, "high": 9, "decided": 12}


def test_notes_are_added_and_the_newest_comes_first(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        version = {"committed_at": day("2026-11-01"), "data_at": day("2026-11-01"), "reason": "test"}
        connection.execute(insert(operations.data_version).values(version))
    write(database_url, [FIRST], "grace")
    write(database_url, [SECOND], "joan")
    found = frames.renewal_notes(engine)
    assert found["category"].tolist() == ["lost", "likely"]
    assert found["written_by"].tolist() == ["joan", "grace"]
    status = frames.data_status(engine)
    assert (status.version, status.data_at) == (3, day("2026-11-01"))


def test_a_forecast_is_kept_as_it_was(engine: Engine, database_url: str) -> None:
    keep_forecast(database_url, [FORECAST], "grace")
    keep_forecast(database_url, [FORECAST | {"expected": 7}], "grace")
    assert frames.renewal_forecasts(engine)["expected"].tolist() == [8, 7]


def test_a_write_that_fails_says_so_and_keeps_nothing(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.execute(text("drop table data_version"))
    with pytest.raises(NotChangedError, match="nothing was changed"):
        write(sqlite_engine.url.render_as_string(hide_password=False), [FIRST], "grace")
    assert frames.renewal_notes(sqlite_engine).empty


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(ValueError, match="surely"):
        Note("sub_1", date(2026, 12, 31), category="surely")
