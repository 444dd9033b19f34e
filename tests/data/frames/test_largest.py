"""The largest movements of a month, and what became of the items behind them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from data.database import upsert
from data.frames.largest import item_changes, largest_movements
from data.tables import ledger, mirror
from tests.data.frames.conftest import NOW, Fill
from tests.data.lives import day, item, life, price, row

PRO, TEAM = price(10_00), price(8_00, product="prod_team")


def segment(name: str, at: str, until: str | None, quantity: int, arr: int, **more: Any) -> dict[str, Any]:
    given = {
        "subscription_id": "sub_9",
        "subscription_item_id": name,
        "customer_id": "cus_9",
        "product_id": "prod_a",
        "price_id": PRO.id,
        "interval": "1month",
        "currency": "usd",
        "counted": True,
        "evidence": "event",
    }
    span = {"from_at": day(at), "to_at": day(until) if until else None, "quantity": quantity, "arr": arr}
    return given | span | more


def remembered(engine: Engine, *segments: dict[str, Any]) -> None:
    """Write a timeline that the mirror's present state alone would not give."""
    with engine.begin() as connection:
        connection.execute(insert(ledger.timeline), list(segments))


def told(engine: Engine, *columns: str, customer: str = "cus_9", on: str = "2026-05-04") -> list[list[Any]]:
    frame = item_changes(engine, day(NOW), ((customer, date.fromisoformat(on)),))
    return frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None).to_numpy().tolist()


def test_the_largest_of_a_month_whatever_the_kind(fill: Fill) -> None:
    engine = fill(
        life(item(PRO), start="2026-05-02"),
        life(item(price(90_00)), id="sub_2", customer_id="cus_2", start="2026-05-09"),
        life(
            item(price(30_00)), id="sub_3", customer_id="cus_3", status="canceled", ended="2026-05-31T23:59"
        ),
        life(item(price(70_00)), id="sub_4", customer_id="cus_4", start="2026-04-30T23:59"),
    )
    may = largest_movements(engine, "2026-05")
    assert may[["customer_id", "kind", "delta_arr"]].to_numpy().tolist() == [
        ["cus_2", "new", 1080_00],
        ["cus_3", "churn", -360_00],
        ["cus_1", "new", 120_00],
    ]
    assert largest_movements(engine, "2026-05", limit=1)["name"].tolist() == ["Name of cus_2"]
    assert largest_movements(engine, "2026-05", currencies=["eur"]).empty
    assert largest_movements(engine, "2026-05", products=["prod_team"]).empty
    churned = largest_movements(engine, "2026-04", last="2026-06", kinds=["churn", "contraction"])
    assert churned["customer_id"].tolist() == ["cus_3"]
    assert len(largest_movements(engine, "2026-04", last="2026-05")) == 4


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((1, 120_00), (3, 360_00), [1, 3, 120_00, 360_00, 360_00]),
        ((3, 360_00), (3, 180_00), [3, 3, 360_00, 360_00, 360_00]),  # a discount: the list price stays
    ],
)
def test_an_item_before_and_after_its_day(
    fill: Fill, before: tuple[int, int], after: tuple[int, int], expected: list[int]
) -> None:
    engine = fill(life(item(PRO)))
    remembered(
        engine,
        segment("si_9", "2026-01-01", "2026-05-04T12:00", *before),
        segment("si_9", "2026-05-04T12:00", None, *after),
    )
    columns = ("quantity_before", "quantity_after", "list_before", "list_moved", "list_after")
    assert told(engine, *columns) == [expected]
    assert told(engine, *columns, on="2026-05-03") == []
    assert told(engine, *columns, on="2026-05-05") == []


def test_an_item_that_came_in_anothers_place_is_one_change(fill: Fill) -> None:
    engine = fill(life(item(PRO)))
    with engine.begin() as connection:
        rows = [row(mirror.product, id=name, name=name) for name in ("prod_a", "prod_team")]
        upsert(connection, mirror.product, rows)
    remembered(
        engine,
        segment("si_old", "2026-01-01", "2026-05-04", 2, 240_00),
        segment(
            "si_new", "2026-05-04T09:00", None, 2, 192_00, product_id="prod_team", subscription_id="sub_10"
        ),
        segment("si_stays", "2026-01-01", None, 1, 60_00),
    )
    assert told(engine, "product_before", "product_after", "arr_before", "arr_after") == [
        ["prod_a", "prod_team", 240_00, 192_00]
    ]


def test_what_did_not_count_says_why(fill: Fill) -> None:
    trial = {"trial_start": "2026-05-01", "trial_end": "2026-05-15"}
    engine = fill(life(item(PRO), start="2026-05-01", **trial))
    columns = ("state_before", "state_after", "arr_before", "arr_after")
    assert told(engine, *columns, customer="cus_1", on="2026-05-15") == [["trial", "counted", 0, 120_00]]
    assert told(engine, *columns, customer="cus_1", on="2026-05-01") == []


def test_the_day_of_now_is_seen_until_now(fill: Fill) -> None:
    engine = fill(life(item(PRO), start="2026-06-14T23:00"), now="2026-06-15")
    columns = ("state_before", "state_after", "arr_after")
    assert told(engine, *columns, customer="cus_1", on="2026-06-14") == [[None, "counted", 120_00]]
    assert told(engine, *columns, customer="cus_1", on="2026-06-15") == []
