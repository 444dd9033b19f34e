"""The bridge to other tools' MRR adds up exactly, whatever is in it and whatever is left out."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.metrics.bridge import NAMES, bridge, chartmoguls, sentence, stripes
from dashboard.metrics.differences import DIFFERENCES
from dashboard.metrics.selection import Selection
from data.frames.bridge import DTYPES
from data.frames.reading import made

USD = Selection("usd", ("2026-06",))
PARTS = [
    *("counted", "leaving", "never_paid", "with_tax", "limited", "limited_leaving"),
    *("unpaid", "paused", "price not known", "discount not known"),
]
KEYS = [each.key for every in DIFFERENCES.values() for each in every]


def part(name: str, arr: int, items: int = 1, **more: Any) -> tuple[Any, ...]:
    """A row of the frame."""
    given_ = {"currency": "usd", "product_id": "prod_a", "interval": "1month"} | more
    return (name, given_["currency"], given_["product_id"], given_["interval"], arr, items)


def parts(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return made(rows, DTYPES)


def told(rows: pd.DataFrame, definition: str) -> dict[str, int | None]:
    mine = rows[rows["definition"] == definition]
    return {
        key: None if pd.isna(arr) else int(arr) for key, arr in zip(mine["key"], mine["arr"], strict=True)
    }


COMPANY = parts(
    part("counted", 1160_00, 10),
    part("leaving", 100_00),
    part("never_paid", 60_00),
    part("limited", 80_00, 2),
    part("limited_leaving", 20_00),
    part("unpaid", 40_00),
    part("counted", 7_00, interval="1day"),
    part("price not known", 0),
    part("counted", 500_00, currency="eur"),
)


def test_stripe_leaves_out_what_is_leaving_and_adds_limited_coupons() -> None:
    found = told(bridge(COMPANY, USD), "stripe")
    assert found == {
        "ours": 1167_00,
        "set_to_end": -100_00,
        "limited_coupons": 80_00,
        "once_coupons": None,
        "not_shown": None,
        "days": None,
        "time_zone": None,
        "theirs": 1147_00,
    }
    assert stripes(COMPANY, USD) == 1147_00


def test_chartmogul_keeps_unpaid_and_waits_for_the_first_payment() -> None:
    found = told(bridge(COMPANY, USD), "chartmogul")
    assert (found["unpaid"], found["paused"], found["never_paid"]) == (40_00, 0, -60_00)
    assert found["weeks_and_days"] is None
    assert chartmoguls(COMPANY, USD) == found["theirs"] == 1147_00


def test_a_setting_of_theirs_takes_a_difference_away() -> None:
    without = frozenset({"set_to_end"})
    found = told(bridge(COMPANY, USD, without), "stripe")
    assert "set_to_end" not in found
    assert (found["limited_coupons"], found["theirs"]) == (100_00, 1267_00)
    assert stripes(COMPANY, USD, without) == 1267_00


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [part("counted", 1000_00), part("limited", 80_00)],
            "8.0% above ours; the most of it: coupons that end",
        ),
        (
            [part("counted", 100_00), part("leaving", 100_00)],
            "100.0% below ours; the most of it: set to cancel.",
        ),
        ([part("counted", 100_00)], "the same as ours"),
        ([], "the same as ours"),
    ],
)
def test_why_they_say_more_in_a_sentence(rows: list[Any], says: str) -> None:
    assert says in sentence(bridge(parts(*rows), USD), "stripe")


def test_nothing_of_ours_has_no_share() -> None:
    rows = bridge(parts(part("unpaid", 40_00)), USD)
    assert sentence(rows, "chartmogul") == f"{NAMES['chartmogul']} is above ours; the most of it: unpaid."


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.builds(
            part,
            st.sampled_from(PARTS),
            st.integers(0, 10**9),
            st.integers(1, 50),
            currency=st.sampled_from(["usd", "eur"]),
            product_id=st.sampled_from(["prod_a", "prod_b"]),
            interval=st.sampled_from(["1month", "1week", "1day", "1year"]),
        ),
        max_size=12,
    ),
    products=st.none() | st.just(frozenset({"prod_a"})),
    without=st.frozensets(st.sampled_from(KEYS)),
)
def test_it_always_adds_up(rows: list[Any], products: Any, without: frozenset[str]) -> None:
    chosen = Selection("usd", ("2026-06",), products)
    frame = parts(*rows)
    counted = chosen.cells(frame[frame["part"] == "counted"])
    table = bridge(frame, chosen, without)
    for definition in DIFFERENCES:
        found = told(table, definition)
        ours, theirs = found.pop("ours"), found.pop("theirs")
        assert ours == counted["arr"].sum()
        assert theirs == ours + sum(arr or 0 for arr in found.values())
        assert without.isdisjoint(found)
        assert sentence(table, definition)
