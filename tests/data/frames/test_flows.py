"""What customers moved from one plan or interval to another."""

from datetime import date
from typing import Any

from sqlalchemy import Engine, insert

from data import frames
from data.tables import ledger


def move(customer: str, on: str, plan: str, interval: str, delta: int, **more: Any) -> dict[str, Any]:
    row = {"kind": "transfer", "currency": "usd", "evidence": "event"} | more
    where = {"customer_id": customer, "day": date.fromisoformat(on), "plan": plan, "interval": interval}
    return row | where | {"delta_arr": delta}


def told(engine: Engine, *rows: dict[str, Any], first: str = "2026-05", last: str = "2026-06") -> list[Any]:
    with engine.begin() as connection:
        connection.execute(insert(ledger.movement), list(rows))
    frame = frames.flows(engine, first, last)
    return [tuple(row) for row in frame.drop(columns="currency").astype(object).to_numpy().tolist()]


def test_pairs_add_up_over_customers_and_days(engine: Engine) -> None:
    assert told(
        engine,
        move("cus_1", "2026-05-01", "pro", "1month", -100),
        move("cus_1", "2026-05-01", "team", "1month", 100),
        move("cus_2", "2026-06-30", "pro", "1month", -40),
        move("cus_2", "2026-06-30", "team", "1month", 40),
        move("cus_2", "2026-06-30", "team", "1month", 90, kind="expansion"),
        move("cus_3", "2026-06-30", "team", "1month", -70),
        move("cus_3", "2026-06-30", "team", "1year", 70),
        move("cus_3", "2026-07-01", "team", "1month", -1),
        move("cus_3", "2026-07-01", "pro", "1month", 1),
    ) == [("pro", "1month", "team", "1month", 2, 140), ("team", "1month", "team", "1year", 1, 70)]


def test_a_customer_who_goes_there_twice_is_one_customer(engine: Engine) -> None:
    days = ("2026-05-01", "2026-05-20")
    rows = [
        move("cus_1", day, plan, "1month", delta)
        for day in days
        for plan, delta in (("pro", -10), ("team", 10))
    ]
    assert told(engine, *rows) == [("pro", "1month", "team", "1month", 1, 20)]


def test_several_at_once_lose_nothing(engine: Engine) -> None:
    found = told(
        engine,
        move("cus_1", "2026-05-01", "a", "1month", -70),
        move("cus_1", "2026-05-01", "b", "1month", -30),
        move("cus_1", "2026-05-01", "c", "1month", 60),
        move("cus_1", "2026-05-01", "d", "1month", 40),
    )
    assert sum(arr for *_, arr in found) == 100
    assert sum(row[-1] for row in found if row[0] == "a") == 70
    assert sum(row[-1] for row in found if row[2] == "d") == 40


def test_currencies_stay_apart(engine: Engine) -> None:
    euros = [
        move("cus_1", "2026-05-01", plan, "1month", delta, currency="eur")
        for plan, delta in (("a", -5), ("b", 5))
    ]
    told(engine, *euros)
    assert frames.flows(engine, "2026-05", "2026-05")["currency"].tolist() == ["eur"]
    assert frames.flows(engine, "2026-05", "2026-05", currencies=["usd"]).empty


def test_who_moved_by_name(engine: Engine) -> None:
    told(
        engine,
        *(
            move(customer, "2026-05-01", plan, "1month", delta)
            for customer, arr in (("cus_1", 10), ("cus_2", 30))
            for plan, delta in (("pro", -arr), ("team", arr))
        ),
        move("cus_3", "2026-05-01", "team", "1month", -9),
        move("cus_3", "2026-05-01", "pro", "1month", 9),
    )
    who = frames.flow_customers(engine, "2026-05", "2026-05", sources=["pro"], targets=["team"])
    assert who[["customer_id", "arr"]].to_numpy().tolist() == [["cus_2", 30], ["cus_1", 10]]
    assert frames.flow_customers(engine, "2026-06", "2026-06", sources=["pro"], targets=["team"]).empty
