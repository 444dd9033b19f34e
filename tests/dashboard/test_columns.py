"""Tables for the eye and as files: exact, and harmless in a spreadsheet."""

import csv
import io
from datetime import UTC, datetime
from typing import get_args

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import columns, workbook
from dashboard.columns import Column

EVERYTHING = (
    Column("name", "Customer"),
    Column("why", "Reason", "word"),
    Column("interval", "Interval", "interval"),
    Column("month", "Month", "month"),
    Column("arr", "ARR", "amount"),
    Column("arr", "MRR", "monthly"),
    Column("number", "Change", "change"),
    Column("share", "Share", "share"),
    Column("day", "Day", "day"),
)


@pytest.fixture
def table() -> pd.DataFrame:
    row = ("=1+1", "too_expensive", "1month", "2026-11", 1829, -2, 0.125, datetime(2026, 11, 21, tzinfo=UTC))
    none = ("Alpha, Ltd", None, "1year", "2026-10", None, None, None, None)
    names = ["name", "why", "interval", "month", "arr", "number", "share", "day"]
    return pd.DataFrame([row, none], columns=names).convert_dtypes()


def test_a_file_is_exact(table: pd.DataFrame) -> None:
    heading, first, second = columns.to_csv(table, EVERYTHING, "usd").decode("utf-8-sig").splitlines()
    assert heading == "Customer,Reason,Interval,Month,ARR,MRR,Change,Share,Day"
    assert first == "'=1+1,Too expensive,Monthly,2026-11,18.29,1.52,-2,12.5,2026-11-21"
    assert second == '"Alpha, Ltd",,Yearly,2026-10,,,,,'


def test_a_table_for_the_eye_sorts_as_numbers(table: pd.DataFrame) -> None:
    told = columns.shown(table, EVERYTHING, "usd")
    assert told["ARR"].tolist()[0] == 18.29
    assert told["Share"].tolist()[0] == 12.5
    assert told["Month"].tolist() == ["Nov 2026", "Oct 2026"]
    assert told["Customer"].tolist()[0] == "'=1+1"


@pytest.mark.parametrize(("currency", "shown"), [("usd", 69807.08), ("jpy", 6980708.0)])
def test_a_month_of_half_a_cent_is_rounded_as_everywhere(currency: str, shown: float) -> None:
    """Half-up before it is shown: a browser rounds what is left of 69807.075 as a float down."""
    table = pd.DataFrame({"arr": [83768490]})
    for kind in ("monthly", "moved"):
        column = (Column("arr", "MRR", kind),)
        assert columns.shown(table, column, currency)["MRR"].tolist() == [shown]
        assert float(columns.to_csv(table, column, currency).decode("utf-8-sig").split()[1]) == shown


def test_the_month_that_is_not_over_says_so(table: pd.DataFrame) -> None:
    told = columns.shown(table, EVERYTHING, "usd", partial="2026-11")
    assert told["Month"].tolist() == ["Nov 2026, so far", "Oct 2026"]


@pytest.mark.parametrize(
    "text", ["=cmd()", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff20sum"]
)
def test_a_formula_is_harmless(text: str) -> None:
    assert columns.harmless(text) == f"'{text}"
    assert columns.harmless(f"a{text}") == f"a{text}"


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_comes_back_and_none_begins_a_formula(names: list[str]) -> None:
    data = columns.to_csv(pd.DataFrame({"name": names}), [Column("name", "Customer")], "usd")
    rows = [row[0] if row else "" for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))][
        1:
    ]
    assert [row.removeprefix("'") for row in rows] == [name.removeprefix("'") for name in names]
    assert not any(row.startswith(columns.FORMULA_STARTS) for row in rows)


def test_amounts_in_the_currency_of_their_row() -> None:
    table = pd.DataFrame({"currency": ["usd", "jpy"], "due": [1829, 1829], "arr": [12_000, None]})
    shape = (
        Column("currency", "Currency", "code"),
        Column("due", "Due", "own"),
        Column("arr", "MRR", "own_monthly"),
    )
    assert columns.shown(table, shape, "eur").fillna("").to_numpy().tolist() == [
        ["USD", "$18.29", "$10.00"],
        ["JPY", "¥1,829", ""],
    ]
    assert columns.to_csv(table, shape, "eur").decode("utf-8-sig").splitlines()[1:] == [
        "USD,18.29,10.00",
        "JPY,1829,",
    ]


def test_an_amount_without_a_currency_is_not_known() -> None:
    frame = pd.DataFrame({"arr": [0, 1200], "currency": pd.array([None, "eur"], dtype="string")})
    shape = [Column("arr", "MRR", "own_monthly")]
    assert columns.shown(frame, shape, "usd")["MRR"].fillna("").tolist() == ["", "€1.00"]
    assert columns.to_csv(frame, shape, "usd").decode("utf-8-sig").splitlines() == ["MRR", '""', "1.00"]


def test_every_kind_is_for_the_eye_and_for_both_files() -> None:
    kinds = {each for part in get_args(columns.Kind) for each in get_args(part) or [part]}
    assert set(columns._EYE) == set(columns._FILE) == set(workbook._CELLS) == kinds
