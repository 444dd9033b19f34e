"""Stretches without events, and collections paused since nobody knows when."""

from typing import Any

from sqlalchemy import insert, update

from data import frames
from data.frames import Engine
from data.tables import mirror, operations
from tests.data.frames.conftest import Fill
from tests.data.lives import day, item, life, price, row

NOW = day("2026-06-15")


def versions(engine: Engine, *instants: str, reason: str = "sync") -> None:
    rows = [{"committed_at": day(at), "data_at": day(at), "reason": reason} for at in instants]
    with engine.begin() as connection:
        connection.execute(insert(operations.data_version), rows)


def event(engine: Engine, at: str, name: str = "sub_1", **data: Any) -> None:
    values = {"object_type": "subscription", "object_id": name, "type": "customer.subscription.updated"}
    with engine.begin() as connection:
        given = row(mirror.event, id=f"evt_{name}_{at}", created_at=day(at), data=data, **values)
        connection.execute(insert(mirror.event).values(given))


def gaps(engine: Engine) -> list[tuple[str, str]]:
    found = frames.event_gaps(engine)
    return [(f"{row.from_at:%Y-%m-%d}", f"{row.to_at:%Y-%m-%d}") for row in found.itertuples()]


def test_away_for_longer_than_stripe_keeps_events(engine: Engine) -> None:
    versions(engine, "2026-01-10", "2026-01-10T12:00", "2026-02-05", "2026-04-01", "2026-04-02")
    assert gaps(engine) == []
    event(engine, "2026-01-10", object={})
    assert gaps(engine) == [("2026-02-05", "2026-03-02")]


def test_copies_of_the_application_database_hear_no_events(engine: Engine) -> None:
    event(engine, "2026-01-10", object={})
    versions(engine, "2026-01-10", "2026-03-20")
    versions(engine, "2026-02-01", "2026-02-20", reason="application")
    assert gaps(engine) == [("2026-01-10", "2026-02-18")]


def test_paused_collection_counts_and_has_a_date_only_by_an_event(fill: Fill) -> None:
    engine = fill(
        life(item(price())), life(item(price(20_00)), id="sub_2", customer_id="cus_2"), life(id="sub_3")
    )
    with engine.begin() as connection:
        paused = mirror.subscription.c.id.in_(["sub_1", "sub_2"])
        connection.execute(update(mirror.subscription).where(paused).values(pause_behavior="void"))
    pause = {"behavior": "void"}
    event(
        engine,
        "2026-05-02",
        object={"pause_collection": pause},
        previous_attributes={"pause_collection": None},
    )
    event(engine, "2026-05-09", object={"pause_collection": pause}, previous_attributes={"metadata": {}})
    found = frames.paused_collection(engine, NOW)
    assert found[["subscription", "arr"]].to_numpy().tolist() == [["sub_2", 240_00], ["sub_1", 120_00]]
    assert found["since"].isna().tolist() == [True, False]
    assert found.loc[1, "since"] == day("2026-05-02")


def test_nothing_is_paused(engine: Engine) -> None:
    assert frames.paused_collection(engine, NOW).empty
