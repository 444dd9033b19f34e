"""Findings over time: written down when they are first there, closed by the data, open again when back."""

import time
from datetime import date, datetime
from itertools import pairwise

import pandas as pd
import pytest
from sqlalchemy import Engine, delete, select

from data import frames
from data.database import upsert
from data.findings import Note, is_due, record, write
from data.sync.runs import publish
from data.tables import application, mirror
from data.tables.findings import finding
from tests.data.lives import day, row

NOW, LATER = day("2026-06-01"), day("2026-06-02")
ACCOUNT = {"account_id": "a", "name": "Ada's", "plan": "Professional"}


def test_only_the_data_closes_a_finding(engine: Engine) -> None:
    put(engine, ACCOUNT)
    assert record(engine, day("2026-06-01")) == (1, 0)
    assert record(engine, day("2026-06-02")) == (0, 0)
    put(engine)
    assert record(engine, day("2026-06-03")) == (0, 1)
    log = frames.findings_closed(engine, day("2026-06-01"))
    assert [tuple(each) for each in log[["first_seen_at", "closed_at"]].itertuples(index=False)] == [
        (day("2026-06-01"), day("2026-06-03"))
    ]
    assert log["detail"].tolist() == ["Ada's is on Professional; the account names no customer at Stripe."]
    put(engine, ACCOUNT)
    assert record(engine, day("2026-06-04")) == (1, 0)
    with engine.connect() as connection:
        (again,) = connection.execute(select(finding)).all()
    assert (again.first_seen_at, again.closed_at) == (day("2026-06-04"), None)


def put(engine: Engine, *accounts: dict[str, str]) -> None:
    with engine.begin() as connection:
        connection.execute(delete(application.account))
        upsert(connection, application.account, [row(application.account, **each) for each in accounts])


def kept(engine: Engine) -> pd.DataFrame:
    return frames.findings_kept(engine, LATER).drop(columns="first_seen_at")


def since(engine: Engine) -> list[object]:
    return frames.findings_kept(engine, LATER)["first_seen_at"].tolist()


def compared(engine: Engine) -> datetime:
    return frames.findings_compare(engine, LATER)["compared_at"].iloc[0].to_pydatetime()


def test_what_is_kept_is_what_was_found(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, mirror.customer, [row(mirror.customer, id="cus_1", name="Ada")])
    put(engine, ACCOUNT, ACCOUNT | {"account_id": "b", "stripe_customer_id": "cus_1"})
    live = frames.findings(engine, LATER)
    assert len(live) == 2
    pd.testing.assert_frame_equal(kept(engine), live)  # nobody wrote any down
    assert since(engine) == [pd.NaT, pd.NaT]
    assert compared(engine) == LATER
    record(engine, NOW)
    pd.testing.assert_frame_equal(kept(engine), live)
    put(engine)
    pd.testing.assert_frame_equal(kept(engine), live)
    assert since(engine) == [NOW, NOW]
    assert compared(engine) == NOW
    record(engine, LATER)
    assert kept(engine).dtypes.equals(live.dtypes)
    assert kept(engine).empty


def test_a_data_version_says_that_something_else_is_found(engine: Engine) -> None:
    def recorded(*accounts: dict[str, str]) -> int:
        put(engine, *accounts)
        record(engine, NOW)
        version = frames.data_status(engine).version
        assert version is not None
        return version

    with engine.begin() as connection:
        publish(connection, NOW, "test", changed=True)
    versions = [recorded(*each) for each in ([], [ACCOUNT], [ACCOUNT], [ACCOUNT | {"plan": "Business"}], [])]
    assert [later - before for before, later in pairwise(versions)] == [1, 0, 1, 1]


def test_findings_are_due_when_the_data_is_newer(engine: Engine) -> None:
    assert is_due(engine)
    record(engine, NOW)
    assert not is_due(engine)
    with engine.begin() as connection:
        publish(connection, NOW, "test", changed=True)
    end = time.monotonic() + 10
    while not is_due(engine) and time.monotonic() < end:  # it took a moment, and rests ten
        time.sleep(0.01)
    assert is_due(engine)


def test_notes_are_added(engine: Engine, database_url: str) -> None:
    write(database_url, [Note("plan_differs:a", "Grace")], "joan")
    write(
        database_url, [Note("plan_differs:a", "Grace", date(2026, 7, 1), "Waits for the contract.")], "joan"
    )
    found = frames.finding_notes(engine)
    assert found["reason"].fillna("").tolist() == ["Waits for the contract.", ""]
    assert f"{found['snoozed_until'].iloc[0]:%Y-%m-%d}" == "2026-07-01"


def test_nothing_is_put_off_without_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Note("plan_differs:a", snoozed_until=date(2026, 7, 1))
