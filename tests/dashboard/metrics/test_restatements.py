"""A month as it was known and as it is known now, which add up."""

from typing import Any

from sqlalchemy import Engine

from dashboard.metrics import movements as moves
from dashboard.metrics.restatements import balances_known, compared, restated
from dashboard.metrics.selection import Selection
from data import frames
from data.ledger import refresh
from tests.data.lives import day, item, life, price, store

USD = Selection("usd", ("2026-02", "2026-03", "2026-04"))
KNOWN = day("2026-04-10")


def restate(engine: Engine) -> None:
    """Known on 10 April: two customers. Heard of later: one left in March, one more came on 12 April."""
    with engine.begin() as connection:
        store(connection, life(item(price())), life(item(price(20_00)), id="sub_2", customer_id="cus_2"))
        refresh(connection, None, KNOWN)
    with engine.begin() as connection:
        store(connection, life(item(price()), status="canceled", ended="2026-03-10"))
        store(connection, life(item(price(5_00)), id="sub_3", customer_id="cus_3", start="2026-04-12"))
        refresh(connection, {"cus_1", "cus_3"}, day("2026-04-15"))


def table(engine: Engine, month: str) -> dict[Any, tuple[int, ...]]:
    found = compared(frames.movements(engine), frames.changes_by_month(engine, KNOWN), USD, month)
    return {row[0]: row[1:] for row in found.itertuples(index=False, name=None) if any(row[1:])}


def test_a_month_as_known_and_as_it_is(sqlite_engine: Engine) -> None:
    restate(sqlite_engine)
    assert table(sqlite_engine, "2026-03") == {"churn": (0, -120_00, 0, -120_00)}
    assert table(sqlite_engine, "2026-04") == {"new": (0, 0, 60_00, 60_00)}
    assert table(sqlite_engine, "2026-02") == {}


def test_what_was_restated(sqlite_engine: Engine) -> None:
    restate(sqlite_engine)
    changes = frames.changes_by_month(sqlite_engine)
    assert [restated(changes, USD, month) for month in USD.months] == [0, -120_00, 0]
    assert restated(changes, Selection("eur", USD.months), "2026-03") == 0


def test_balances_as_they_were_known(sqlite_engine: Engine) -> None:
    restate(sqlite_engine)
    ends, changes = frames.month_end(sqlite_engine), frames.changes_by_month(sqlite_engine, KNOWN)
    assert balances_known(ends, changes, USD).tolist() == [360_00, 360_00, 360_00]
    assert moves.balances(ends, USD).loc[list(USD.months)].tolist() == [360_00, 240_00, 300_00]


def test_without_changes_it_is_as_it_was(sqlite_engine: Engine) -> None:
    frame = frames.changes_by_month(sqlite_engine)
    empty = compared(frames.movements(sqlite_engine), frame, USD, "2026-03")
    assert not empty[["known", "late", "in_time", "now"]].to_numpy().any()
