"""Movements: scenarios as tables of dates and figures, and what must hold of any lives."""

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from hypothesis import given, settings

from data.clock import to_epoch
from data.history import Life
from data.money import allocate
from data.timeline import Segment, timeline
from tests.data.lives import amount_off, day, discount, item, life, moves, percent, price
from tests.data.strategies import NOW, small_lives

Row = tuple[str, str, str, str, int]


def moved(*lives: Life, now: str = "2027-01-01") -> list[Row]:
    """(day, kind, plan, interval, delta)."""
    frame = moves((segment for each in lives for segment in timeline(each)), day(now))
    return [
        (
            f"{datetime.fromtimestamp(row.day * 86_400, UTC):%Y-%m-%d}",
            row.kind,
            row.plan,
            row.interval,
            row.delta_arr,
        )
        for row in frame.itertuples()
    ]


def test_one_who_comes_and_goes() -> None:
    assert moved(life(item(price()), status="canceled", ended="2026-06-08")) == [
        ("2026-01-01", "new", "prod_a", "1month", 120_00),
        ("2026-06-08", "churn", "prod_a", "1month", -120_00),
    ]


def test_one_who_comes_back() -> None:
    first = life(item(price()), status="canceled", ended="2026-02-01")
    second = life(item(price()), id="sub_2", start="2026-03-01")
    assert [row[:2] for row in moved(first, second)] == [
        ("2026-01-01", "new"),
        ("2026-02-01", "churn"),
        ("2026-03-01", "reactivation"),
    ]


def test_leaving_one_of_two_subscriptions_is_a_contraction() -> None:
    first = life(item(price()), status="canceled", ended="2026-02-01")
    assert [row[:2] for row in moved(first, life(item(price(20_00)), id="sub_2"))] == [
        ("2026-01-01", "new"),
        ("2026-02-01", "contraction"),
    ]


def test_a_discount_that_ends_is_an_expansion_on_its_day() -> None:
    reduced = life(item(price()), discounts=[discount(percent("25"), "2026-01-01", "2026-04-01")])
    assert moved(reduced)[1:] == [("2026-04-01", "expansion", "prod_a", "1month", 30_00)]
    assert moved(reduced, now="2026-03-31")[1:] == []


def test_a_change_of_plan_is_a_transfer_and_the_rest_has_the_kind() -> None:
    old = life(item(price(10_00)), status="canceled", ended="2026-02-01")
    new = life(item(price(25_00, product="prod_b")), id="sub_2", start="2026-02-01")
    assert moved(old, new)[1:] == [
        ("2026-02-01", "transfer", "prod_a", "1month", -120_00),
        ("2026-02-01", "expansion", "prod_b", "1month", 180_00),
        ("2026-02-01", "transfer", "prod_b", "1month", 120_00),
    ]


def test_a_change_of_plan_at_the_same_value_is_only_a_transfer() -> None:
    old = life(item(price(10_00)), status="canceled", ended="2026-02-01")
    new = life(item(price(10_00, product="prod_b")), id="sub_2", start="2026-02-01")
    assert {row[1] for row in moved(old, new)[1:]} == {"transfer"}


def test_what_is_transferred_is_spread_over_the_plans_that_gained() -> None:
    old = life(item(price(10_00)), status="canceled", ended="2026-02-01")
    parts = [
        item(price(amount, product=f"prod_{name}"), 1, name) for name, amount in (("b", 12_00), ("c", 6_00))
    ]
    new = life(*parts, id="sub_2", start="2026-02-01")
    assert moved(old, new)[1:] == [
        ("2026-02-01", "transfer", "prod_a", "1month", -120_00),
        ("2026-02-01", "expansion", "prod_b", "1month", 64_00),
        ("2026-02-01", "transfer", "prod_b", "1month", 80_00),
        ("2026-02-01", "expansion", "prod_c", "1month", 32_00),
        ("2026-02-01", "transfer", "prod_c", "1month", 40_00),
    ]


def test_coming_and_going_within_a_day_leaves_no_trace() -> None:
    assert (
        moved(life(item(price()), start="2026-01-01T08:00", status="canceled", ended="2026-01-01T20:00"))
        == []
    )


def test_a_second_currency_is_an_expansion_and_losing_it_a_contraction() -> None:
    euros = life(
        item(price(currency="eur")), id="sub_2", start="2026-02-01", status="canceled", ended="2026-03-01"
    )
    assert [row[:2] for row in moved(life(item(price())), euros)] == [
        ("2026-01-01", "new"),
        ("2026-02-01", "expansion"),
        ("2026-03-01", "contraction"),
    ]


def test_what_is_free_moves_nothing() -> None:
    free = life(item(price()), discounts=[discount(amount_off(10_00))])
    assert moved(free) == []
    assert moved(life(item(price(0)))) == []


@settings(max_examples=80, deadline=None)
@given(small_lives())
def test_the_identities_of_the_ledger(lives: list[Life]) -> None:
    segments = [segment for each in lives for segment in timeline(each)]
    frame = moves(segments, NOW)
    transfers = frame[frame["kind"] == "transfer"]
    assert (transfers.groupby(["customer_id", "day", "currency"])["delta_arr"].sum() == 0).all()
    assert (frame[frame["kind"] == "new"].groupby("customer_id")["day"].nunique() <= 1).all()
    _one_kind_a_day(frame)
    _balances(frame)
    cells = ["customer_id", "currency", "plan", "interval"]
    assert frame.groupby(cells)["delta_arr"].sum().loc[lambda arr: arr != 0].to_dict() == _held(segments)


@settings(max_examples=80, deadline=None)
@given(small_lives())
def test_transfers_are_shared_out_as_money_is(lives: list[Life]) -> None:
    frame = moves([segment for each in lives for segment in timeline(each)], NOW)
    for _, today in frame.groupby(["customer_id", "day", "currency"]):
        cells = today.groupby(["plan", "interval"])["delta_arr"].sum()
        up, down = cells.clip(lower=0).tolist(), (-cells.clip(upper=0)).tolist()
        moved_over = min(sum(up), sum(down))
        expected = np.subtract(allocate(moved_over, up), allocate(moved_over, down))
        shared = today[today["kind"] == "transfer"].groupby(["plan", "interval"])["delta_arr"].sum()
        assert shared.reindex(cells.index, fill_value=0).tolist() == expected.tolist()


def _one_kind_a_day(frame: pd.DataFrame) -> None:
    """Kinds agree with the balance before and after, over all currencies."""
    rest = frame[frame["kind"] != "transfer"]
    assert (rest.groupby(["customer_id", "day", "currency"])["kind"].nunique() <= 1).all()
    for _, mine in frame.groupby("customer_id"):
        before, seen = 0, False
        for _, today in mine.groupby("day"):
            after = before + int(today["delta_arr"].sum())
            kinds = set(today["kind"]) - {"transfer"}
            if before == 0 and after > 0:
                assert kinds == {"reactivation" if seen else "new"}
            elif after == 0:
                assert kinds == {"churn"}
            else:
                assert kinds <= {"expansion", "contraction"}
            before, seen = after, True


def _balances(frame: pd.DataFrame) -> None:
    """No cell is ever below 0."""
    cells = frame.groupby(["customer_id", "currency", "plan", "interval", "day"])["delta_arr"].sum()
    assert (cells.groupby(level=[0, 1, 2, 3]).cumsum() >= 0).all()


def _held(segments: Iterable[Segment]) -> dict[tuple[str, ...], int]:
    """What is held now, straight from the segments."""
    held: dict[tuple[str, ...], int] = {}
    for each in segments:
        ended = each.to_at is not None and to_epoch(each.to_at) <= to_epoch(NOW)
        if each.counted and each.arr and each.from_at <= NOW and not ended:
            cell = (each.customer_id, each.currency or "", each.product_id or "", each.interval or "")
            held[cell] = held.get(cell, 0) + each.arr
    return held
