"""Excel files: typed, with a heading that stays in sight, and nothing that runs."""

import io
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import columns
from dashboard.columns import Column
from dashboard.workbook import to_excel

SHAPE = (
    Column("name", "Customer"),
    Column("interval", "Interval", "interval"),
    Column("month", "Month", "month"),
    Column("arr", "ARR", "amount"),
    Column("arr", "MRR", "monthly"),
    Column("number", "Change", "change"),
    Column("share", "Share", "share"),
    Column("day", "Day", "day"),
    Column("link", "Stripe", "link"),
)


def sheet(table: pd.DataFrame, shape: tuple[Column, ...] = SHAPE, currency: str = "usd") -> object:
    return openpyxl.load_workbook(io.BytesIO(to_excel(table, shape, currency, "renewals: due"))).active


@pytest.fixture
def table() -> pd.DataFrame:
    url = "https://dashboard.stripe.com/customers/cus_1"
    day = datetime(2026, 11, 21, 23, tzinfo=UTC)
    row = ("=1+1", "1month", "2026-11", 1829, -2, 0.125, day, url)
    none = ("Alpha, Ltd", "1year", "2026-10", None, None, None, None, "javascript:alert(1)")
    names = ["name", "interval", "month", "arr", "number", "share", "day", "link"]
    return pd.DataFrame([row, none], columns=names).convert_dtypes()


def test_numbers_and_days_are_typed(table: pd.DataFrame) -> None:
    first = [cell.value for cell in sheet(table)[2]]
    assert first[1:8] == [
        "Monthly",
        pd.Timestamp("2026-11-01"),
        18.29,
        1.52,
        -2,
        0.125,
        pd.Timestamp("2026-11-21"),
    ]
    assert sheet(table)["D2"].number_format == '"$"#,##0.00;-"$"#,##0.00'
    assert sheet(table, currency="jpy")["D2"].value == 1829


def test_the_heading_stays_and_what_is_missing_is_empty(table: pd.DataFrame) -> None:
    opened = sheet(table)
    assert opened.freeze_panes == "A2"
    assert opened.title == "renewals  due"
    assert [cell.value for cell in opened[1]] == [column.label for column in SHAPE]
    assert [cell.value for cell in opened[3]][3:8] == [None] * 5


def test_a_formula_is_a_text_and_only_a_web_address_is_a_link(table: pd.DataFrame) -> None:
    opened = sheet(table)
    assert (opened["A2"].value, opened["A2"].data_type, opened["A2"].quotePrefix) == ("=1+1", "s", True)
    assert opened["I2"].hyperlink.target.startswith("https://dashboard.stripe.com/")
    assert opened["I3"].hyperlink is None


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), min_size=1, max_size=4)
)
def test_any_text_stays_a_text(names: list[str]) -> None:
    opened = sheet(pd.DataFrame({"name": names}), (Column("name", "Customer"),))
    cells = [row[0] for row in opened.iter_rows(min_row=2, max_row=1 + len(names))]
    assert all(cell.data_type in ("s", "n") for cell in cells)
    assert [cell.value or "" for cell in cells if cell.value is None or "_x" not in cell.value] == [
        name for name in names if "_x" not in name
    ]
    assert all(cell.quotePrefix for cell in cells if (cell.value or "").startswith(columns.FORMULA_STARTS))


def test_an_empty_table_has_its_heading(table: pd.DataFrame) -> None:
    assert [cell.value for cell in sheet(table.head(0))[1]] == [column.label for column in SHAPE]
