"""The steps give the same on every engine, whichever is chosen for the size."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings

from data import tabular
from data.history import Life
from data.movements import movements
from data.rollups import Part, Rollups, change, evidence_changes
from data.timeline import SEGMENTS, timeline
from tests.data.strategies import NOW, small_lives


def computed(before: list[Life], after: list[Life], much: int) -> tuple[pa.Table, dict[str, list[object]]]:
    """The movements and the change of every rollup, by an engine for so many rows and more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabular, "MUCH", much)
        segments = [_segments(lives) for lives in (before, after)]
        parts = [_part(movements(each, NOW), number) for number, each in enumerate(segments, 1)]
        signed = ((segments[0], -1, NOW), (segments[1], 1, datetime(2026, 3, 1, tzinfo=UTC)))
        return parts[1].movements, _sorted(change(*parts)) | _sorted(evidence_changes(*signed))


def _segments(lives: list[Life]) -> pa.Table:
    return tabular.table_of([each for life in lives for each in timeline(life)], SEGMENTS)


def _part(moved: pa.Table, audience: int) -> Part:
    """Movements of customers of which the second is always of audience 3."""
    customers = sorted(set(moved["customer_id"].to_pylist()))
    audiences = [3 if name == "cus_2" else audience for name in customers]
    return Part(moved, pa.table([customers, audiences], schema=BELONGING))


BELONGING = pa.schema([("customer_id", pa.string()), ("audience_id", pa.int64())])


def _sorted(rollups: Rollups) -> dict[str, list[object]]:
    return {
        table.name: sorted((tuple(row.values()) for row in rows.to_pylist()), key=repr)
        for table, rows in rollups.items()
    }


@settings(max_examples=8, deadline=None)
@given(before=small_lives(), after=small_lives())
def test_both_engines_give_the_same(before: list[Life], after: list[Life]) -> None:
    small, large = (computed(before, after, much) for much in (1_000_000, 0))
    assert small[0].equals(large[0])
    assert {name: _plain(rows) for name, rows in small[1].items()} == {
        name: _plain(rows) for name, rows in large[1].items()
    }


def _plain(rows: list[object]) -> list[list[object]]:
    """Rows in order, truth as 0 and 1 as SQLite has it."""
    return sorted(
        [int(value) if isinstance(value, bool) else value for value in row]  # type: ignore[attr-defined]
        for row in rows
    )


def test_money_is_shared_exactly_beyond_64_bits() -> None:
    amounts = pa.table({"amount": [3 * 10**15], "weight": [10**15 + 1], "whole": [2 * 10**15 + 1]})
    query = "select share_of(amount, weight, whole), rest_of(amount, weight, whole) from given"
    exact = divmod(3 * 10**15 * (10**15 + 1), 2 * 10**15 + 1)
    for much in (0, 10):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tabular, "MUCH", much)
            with tabular.stepped({"given": amounts}) as database:
                assert database.rows(query) == [exact]
