"""Findings over time: written down when they are first there, closed by the data, open again when back."""

from datetime import date

import pytest
from sqlalchemy import Engine, delete, select

from data import frames
from data.database import upsert
from data.findings import Note, record, write
from data.tables import application
from data.tables.findings import finding
from tests.data.lives import day, row

ACCOUNT = {"account_id": "a", "name": "Ada's", "plan": "Professional"}


def test_only_the_data_closes_a_finding(engine: Engine) -> None:
    def put(*accounts: dict[str, str]) -> None:
        with engine.begin() as connection:
            connection.execute(delete(application.account))
            upsert(connection, application.account, [row(application.account, **each) for each in accounts])

    put(ACCOUNT)
    assert record(engine, day("2026-06-01")) == (1, 0)
    assert record(engine, day("2026-06-02")) == (0, 0)
    put()
    assert record(engine, day("2026-06-03")) == (0, 1)
    log = frames.finding_log(engine, day("2026-06-01"))
    assert [tuple(each) for each in log[["first_seen_at", "closed_at"]].itertuples(index=False)] == [
        (day("2026-06-01"), day("2026-06-03"))
    ]
    assert log["detail"].tolist() == ["Ada's is on Professional; the account names no customer at Stripe."]
    put(ACCOUNT)
    assert record(engine, day("2026-06-04")) == (1, 0)
    with engine.connect() as connection:
        (again,) = connection.execute(select(finding)).all()
    assert (again.first_seen_at, again.closed_at) == (day("2026-06-04"), None)


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
