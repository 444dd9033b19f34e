"""Movements and rollups agree with the same in plain SQL, and runs with what Python makes of their rows."""

from collections import defaultdict
from datetime import timedelta
from itertools import groupby

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from data.movements import movements
from data.rollups import Part, change, rollups
from data.runs import Runs, ordered, packed, summed
from data.timeline import SEGMENTS
from tests.data import in_sql
from tests.data.lives import day

FIRST, NOW = day("2024-11-20"), day("2026-04-15T12:00")
CUSTOMERS, STRETCHES = 400, 2_400


def segments(draw: np.random.Generator) -> pa.Table:
    """Stretches of many customers: few plans, currencies and days, so that everything meets everything."""

    def some(*values: object) -> list[object]:
        return [values[place] for place in draw.integers(0, len(values), STRETCHES)]

    start, stop = (draw.choice((0, 1, 3, 40, 41, 365, 366, 480), (2, STRETCHES)) * 86_400).astype(object)
    started = [FIRST + timedelta(seconds=int(each)) for each in start]
    ended = [FIRST + timedelta(seconds=int(max(each))) for each in zip(start, stop, strict=True)]
    columns = {
        "subscription_id": ["sub"] * STRETCHES,
        "subscription_item_id": ["si"] * STRETCHES,
        "customer_id": [f"cus_{number}" for number in draw.integers(0, CUSTOMERS, STRETCHES)],
        "product_id": some("a", "b", "c", None),
        "price_id": ["price"] * STRETCHES,
        "interval": some("1month", "1year"),
        "currency": some("usd", "usd", "usd", "usd", "kwd", None),
        "quantity": [1] * STRETCHES,
        "arr": some(0, 1, 7, 1200_00, 70_000_00, 2**40, 2**40 + 1),
        "counted": some(True, True, True, False),
        "from_at": started,
        "to_at": [each if known else None for each, known in zip(ended, some(True, False), strict=True)],
        "evidence": some("invoice", "event", "present"),
        "discounts": [None] * STRETCHES,
    }
    return pa.table(columns, SEGMENTS)


def part(stretches: pa.Table, audience: int) -> Part:
    """Movements of customers, of whom some have the same audience whatever is given, and one has none."""
    moved = movements(stretches, NOW)
    customers = sorted(set(moved["customer_id"].to_pylist()))[1:]
    audiences = [3 if name.endswith("2") else audience for name in customers]
    schema = pa.schema([("customer_id", pa.string()), ("audience_id", pa.int64())])
    return Part(moved, pa.table([customers, audiences], schema=schema))


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for row in table.to_pylist())


def test_movements_and_rollups_are_those_of_plain_sql() -> None:
    draw = np.random.default_rng(1)
    stretches = [segments(draw) for _ in range(2)]
    parts = [part(each, number) for number, each in enumerate(stretches, 1)]
    assert {"transfer", "reactivation", "churn"} <= set(parts[0].movements["kind"].to_pylist())
    assert rows(parts[0].movements) == rows(in_sql.movements(stretches[0], NOW))
    for found, wanted in (
        (rollups(parts[0]), in_sql.rollups((parts[0], 1))),
        (change(*parts), in_sql.rollups((parts[0], -1), (parts[1], 1))),
    ):
        for table, each in found.items():
            assert rows(each) == rows(wanted[table]), table.name


def test_nothing_adds_nothing() -> None:
    none = part(SEGMENTS.empty_table(), 1)
    assert all(not len(each) for each in rollups(none).values())
    assert change(none, none) == {}


small = st.integers(-3, 3)
large = st.sampled_from((-(2**61), -5, 0, 5, 2**40, 2**61))
keyed = st.lists(st.tuples(small, small | large, large | small, large), max_size=30)


@given(given_rows=keyed)
def test_rows_are_ordered_and_summed_whatever_their_numbers(given_rows: list[tuple[int, ...]]) -> None:
    columns = dict(zip("abcd", np.array(given_rows, np.int64).reshape(-1, 4).T, strict=True))
    inorder = ordered(columns, "a", "b", "c")
    assert [*zip(*(each.tolist() for each in inorder.values()), strict=True)] == sorted(
        given_rows, key=lambda row: row[:3]
    )
    key = packed([columns[name] for name in "abc"]).tolist()
    assert [key[one] < key[two] for one in range(len(key)) for two in range(len(key))] == [
        one[:3] < two[:3] for one in given_rows for two in given_rows
    ]
    sums: dict[tuple[int, ...], int] = defaultdict(int)
    for row in given_rows:
        sums[row[:2]] += row[3] // 64
    found = summed(columns | {"d": columns["d"] // 64}, ["a", "b"], ["d"])
    assert [*zip(*(each.tolist() for each in found.values()), strict=True)] == sorted(
        (*key, each) for key, each in sums.items() if each
    )


@given(values=st.lists(st.tuples(st.integers(0, 4), small), max_size=20).map(sorted))
def test_runs_know_their_rows(values: list[tuple[int, int]]) -> None:
    keys, given_values = np.array(values, np.int64).reshape(-1, 2).T
    runs = Runs(keys)
    each = [[value for _, value in group] for _, group in groupby(values, key=lambda row: row[0])]
    assert runs.lengths.tolist() == [len(run) for run in each]
    assert runs.sums(given_values).tolist() == [sum(run) for run in each]
    assert runs.lowest(given_values).tolist() == [min(run) for run in each]
    assert runs.highest(given_values).tolist() == [max(run) for run in each]
    within = [(run, place) for run in each for place in range(len(run))]
    assert runs.places.tolist() == [place for _, place in within]
    assert runs.running(given_values).tolist() == [sum(run[: place + 1]) for run, place in within]
    assert runs.before(given_values, 9).tolist() == [([9, *run])[place] for run, place in within]
    assert runs.following(given_values, 9).tolist() == [([*run, 9])[place + 1] for run, place in within]
