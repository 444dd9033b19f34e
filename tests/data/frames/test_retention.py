"""Cohorts, revenue kept and lifetimes as frames: against the timelines themselves, and as tables of dates."""

from collections import Counter, defaultdict
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from data import frames
from data.clock import month_of, month_start, months_between, next_month
from data.history import Life
from data.ledger import refresh
from data.tables import ledger, operations
from data.timeline import timeline
from tests.data.frames.conftest import Fill
from tests.data.lives import MIRROR, clear, day, item, life, price, store
from tests.data.strategies import FIRST, NOW, small_lives

EMPTIED = (*MIRROR, *(table for table in ledger.metadata.sorted_tables if table in vars(ledger).values()))
UNTIL = month_of(NOW)
Held = dict[tuple[str, str], dict[str, int]]


def held_at_month_ends(lives: list[Life]) -> dict[str, Held]:
    """ARR by cell of each customer and currency at the end of every month, straight from the timelines."""
    held: dict[str, Held] = {}
    for month in months_between(month_of(FIRST), UNTIL):
        last = month == UNTIL
        at = NOW if last else month_start(next_month(month))
        found: Held = defaultdict(Counter)
        for each in (segment for one in lives for segment in timeline(one)):
            ended = each.to_at is not None and (each.to_at < at or (last and each.to_at == at))
            began = each.from_at < at or (last and each.from_at == at)
            if each.counted and each.arr and began and not ended:
                found[each.customer_id, each.currency or ""][f"{each.product_id}:{each.interval}"] += each.arr
        held[month] = found
    return held


def expected_retention(held: dict[str, Held]) -> dict[tuple[str, str, str], list[int]]:
    """Over a month: arr_start, arr_end, arr_kept, customers, lost by month, currency and portfolio."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * 5)
    for month, previous in zip([*held][1:], held, strict=False):
        for (customer, currency), cells in held[previous].items():
            a = sum(cells.values())
            b = sum(held[month].get((customer, currency), {}).values())
            parts = (a, b, min(a, b), 1, int(b == 0))
            key = (month, currency, "|".join(sorted(cells)))
            sums[key] = [old + new for old, new in zip(sums[key], parts, strict=True)]
    return dict(sums)


def rows(frame: pd.DataFrame) -> list[list[Any]]:
    return frame.to_numpy().tolist()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=small_lives())
def test_revenue_kept_equals_the_timelines(engine: Engine, lives: list[Life]) -> None:
    lives = [
        each for each in lives if each.ended != NOW
    ]  # what ends now is over at once, not at a month's end
    with engine.begin() as connection:
        clear(connection, (*EMPTIED, operations.sync_state))
        store(connection, *lives)
        refresh(connection, None, NOW)
    frame = frames.retention(engine, UNTIL)
    monthly = frame[frame["span"] == 1].drop(columns="span") if len(frame) else frame
    found = {(month, currency, held): parts for month, currency, held, *parts in rows(monthly)}
    assert found == expected_retention(held_at_month_ends(lives))


def company(fill: Fill, now: str = "2027-03-15") -> Engine:
    """cus_1 pays 10, from 2026-06 on 20; cus_2 pays 30 and leaves on 2026-11-10; cus_3 comes for a week."""
    return fill(
        life(item(price()), start="2026-01-05"),
        life(item(price(product="prod_b")), id="sub_1b", start="2026-06-05"),
        life(
            item(price(30_00)),
            id="sub_2",
            customer_id="cus_2",
            start="2026-02-01",
            status="canceled",
            ended="2026-11-10",
        ),
        life(
            item(price()),
            id="sub_3",
            customer_id="cus_3",
            start="2026-02-10",
            status="canceled",
            ended="2026-02-17",
        ),
        now=now,
    )


@pytest.mark.parametrize(
    ("month", "span", "expected"),
    [
        ("2026-01", 1, []),
        ("2026-02", 1, [["prod_a:1month", 120_00, 120_00, 120_00, 1, 0]]),
        ("2026-06", 1, [["prod_a:1month", 480_00, 600_00, 480_00, 2, 0]]),
        (
            "2026-11",
            1,
            [
                ["prod_a:1month", 360_00, 0, 0, 1, 1],
                ["prod_a:1month|prod_b:1month", 240_00, 240_00, 240_00, 1, 0],
            ],
        ),
        ("2026-12", 12, []),
        ("2027-01", 12, [["prod_a:1month", 120_00, 240_00, 120_00, 1, 0]]),
        ("2027-02", 12, [["prod_a:1month", 480_00, 240_00, 120_00, 2, 1]]),
    ],
)
def test_revenue_kept_over_a_month_and_over_a_year(
    fill: Fill, month: str, span: int, expected: list[list[Any]]
) -> None:
    frame = frames.retention(company(fill), "2027-03")
    chosen = frame[(frame["month"] == month) & (frame["span"] == span)]
    assert rows(chosen.drop(columns=["month", "span", "currency"])) == expected


def test_later_months_are_known_without_a_refresh(fill: Fill) -> None:
    engine = company(fill, now="2026-12-15")
    ahead = frames.retention(engine, "2027-02")
    assert rows(ahead[ahead["month"] == "2027-02"][["span", "arr_end", "lost"]]) == [
        [1, 240_00, 0],
        [12, 240_00, 1],
    ]


def test_cohorts(fill: Fill) -> None:
    engine = company(fill, now="2026-11-15")
    arr = frames.cohort_month_end(engine, currencies=["usd"])
    january = arr[arr["cohort"] == "2026-01"].groupby("month")["arr"].sum()
    assert (january["2026-01"], january["2026-05"], january["2026-06"], january["2026-11"]) == (
        120_00, 120_00, 240_00, 240_00,
    )  # fmt: skip
    counted = frames.cohort_subscribers(engine)
    february = counted[counted["cohort"] == "2026-02"]
    assert dict(zip(february["month"], february["subscribers"], strict=True)) == {
        f"2026-{number:02d}": 1 for number in range(2, 11)
    }
    assert frames.cohort_subscribers(engine, currencies=["eur"]).empty


def test_lifetimes(fill: Fill) -> None:
    engine = company(fill, now="2026-11-15T12:00")
    assert rows(frames.lifetimes(engine, day("2026-11-15T12:00"))) == [
        [7, False, 1],
        [282, False, 1],
        [314, True, 1],
    ]
    began = frames.lifetimes(engine, day("2026-11-15"), products=["prod_a"], currencies=["usd"])
    assert rows(began) == rows(frames.lifetimes(engine, day("2026-11-15")))
    assert frames.lifetimes(engine, day("2026-11-15"), products=["prod_b"]).empty
    assert frames.lifetimes(engine, day("2026-11-15"), currencies=["eur"]).empty


def test_who_began_with_several_plans_has_one_life(fill: Fill) -> None:
    engine = fill(
        life(item(price()), start="2026-02-10"),
        life(item(price(currency="eur", product="prod_b")), id="sub_2", start="2026-02-10", currency="eur"),
        now="2026-02-20",
    )
    for asked in ({}, {"products": ["prod_b"]}, {"products": ["prod_a", "prod_b"]}, {"currencies": ["usd"]}):
        assert rows(frames.lifetimes(engine, day("2026-02-20"), **asked)) == [[10, True, 1]]


def test_nothing_is_an_empty_frame_with_columns(engine: Engine) -> None:
    assert [*frames.retention(engine, "2026-01")][:3] == ["month", "span", "currency"]
    assert [*frames.lifetimes(engine, NOW)] == ["days", "censored", "customers"]
