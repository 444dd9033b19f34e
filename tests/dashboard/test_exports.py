"""Exports: their columns, formats, order and safety."""

import io
import json
from datetime import datetime

import pandas as pd
import pyarrow.parquet as pq
import pytest

from dashboard.export_formats import FORMATS
from dashboard.exports import EXPORTS, OptionError, documentation, export
from data.clock import parse_instant
from data.database import upsert
from data.frames import Engine
from data.ledger import refresh
from data.tables import mirror
from tests.data.lives import item, life, price, row, store

AT = parse_instant("2026-06-15")


@pytest.fixture
def company(sqlite_engine: Engine) -> Engine:
    """Two subscribers, one of whom has a name that a spreadsheet would run, and an invoice."""
    lives = (
        life(item(price())),
        life(
            item(price(99_00, "year")), id="sub_2", customer_id="cus_2", status="canceled", start="2026-02-03"
        ),
        life(item(price(20_00)), id="sub_3", customer_id="cus_2", start="2026-03-03"),
    )
    names = {"cus_1": "=HYPERLINK(1)", "cus_2": 'Comma, "quote" & Ørsted'}
    with sqlite_engine.begin() as connection:
        store(connection, *lives)
        people = [row(mirror.customer, id=key, name=name, created_at=AT) for key, name in names.items()]
        upsert(connection, mirror.customer, people)
        upsert(
            connection, mirror.invoice, [row(mirror.invoice, id="in_1", customer_id="cus_1", created_at=AT)]
        )
        refresh(connection, None, AT)
    return sqlite_engine


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_export_has_the_columns_that_it_declares(company: Engine, name: str, fmt: str) -> None:
    content = export(company, name, fmt, AT)
    columns = list(EXPORTS[name].columns)
    if fmt == "csv":
        assert content.decode().splitlines()[0] == ",".join(columns)
    elif fmt == "json":
        assert all(list(each) == columns for each in json.loads(content))
    else:
        assert pq.read_schema(io.BytesIO(content)).names == columns


@pytest.mark.parametrize("name", EXPORTS)
def test_formats_say_the_same(company: Engine, name: str) -> None:
    rows = json.loads(export(company, name, "json", AT))
    assert len(rows) == len(pd.read_csv(io.BytesIO(export(company, name, "csv", AT))))
    assert len(rows) == len(pd.read_parquet(io.BytesIO(export(company, name, "parquet", AT))))


@pytest.mark.parametrize("name", EXPORTS)
def test_an_empty_database_exports_headings(sqlite_engine: Engine, name: str) -> None:
    assert export(sqlite_engine, name, "csv", AT).decode() == ",".join(EXPORTS[name].columns) + "\n"
    assert json.loads(export(sqlite_engine, name, "json", AT)) == []


def test_names_cannot_run_in_a_spreadsheet(company: Engine) -> None:
    table = export(company, "customers", "csv", AT).decode()
    assert "cus_1,'=HYPERLINK(1)," in table
    assert '"Comma, ""quote"" & Ørsted"' in table
    assert json.loads(export(company, "customers", "json", AT))[0]["name"] == "=HYPERLINK(1)"


def test_no_line_of_a_name_can_run_either() -> None:
    names = pd.DataFrame({"name": pd.Series(["\n=1", "\t=1", "plain"], dtype="string")})
    assert FORMATS["csv"](names).decode() == "name\n\"'\n=1\"\n'\t=1\nplain\n"


def test_month_ends_are_those_that_have_ended(company: Engine) -> None:
    months = json.loads(export(company, "month_end", "json", AT))
    assert [each["month"] for each in months] == [f"2026-0{number}" for number in range(1, 6)]
    assert months[-1] == {"month": "2026-05", "currency": "usd", "arr": 360_00, "subscribers": 2}


@pytest.mark.parametrize(("as_of", "days"), [("2026-03-02", 1), ("2026-03-03", 2), ("2026-06-15", 2)])
def test_movements_until_a_day(company: Engine, as_of: str, days: int) -> None:
    at: datetime = parse_instant(as_of)
    rows = json.loads(export(company, "movements", "json", at))
    assert [each["month"] for each in rows] == ["2026-01", "2026-03"][:days]
    assert rows[0] == {"month": "2026-01", "currency": "usd", "kind": "new", "arr": 120_00, "customers": 1}


def test_instants_days_and_gaps_as_text(company: Engine) -> None:
    first = json.loads(export(company, "customers", "json", AT))[0]
    assert (first["created_at"], first["subscriber_since"]) == ("2026-06-15T00:00:00Z", "2026-01-01")
    assert (first["balance"], first["delinquent"]) == (None, None)
    assert ",cus_1,'=HYPERLINK(1),,,,,,,,,,,," in export(company, "invoices", "csv", AT).decode()


def test_without_a_date_it_is_as_of_the_data(company: Engine) -> None:
    assert json.loads(export(company, "arr_now", "json"))[0]["subscribers"] == 2


def test_the_documentation_names_every_column() -> None:
    text = documentation()
    assert all(f"**{name}**" in text for name in EXPORTS)
    assert all(f"- `{column}`: " in text for each in EXPORTS.values() for column in each.columns)


def test_cohorts_at_the_ends_of_months(company: Engine) -> None:
    rows = json.loads(export(company, "retention", "json", AT))
    assert rows[0] == {
        "cohort": "2026-01",
        "month": "2026-01",
        "currency": "usd",
        "customers": 1,
        "arr": 120_00,
    }
    assert {each["cohort"]: each["arr"] for each in rows} == {"2026-01": 120_00, "2026-03": 240_00}
    assert max(each["month"] for each in rows) == "2026-05"


def test_rates_of_whole_months(company: Engine) -> None:
    rows = json.loads(export(company, "rates", "json", AT))
    found = {(each["month"], each["metric"]): each["value"] for each in rows if each["currency"] == "usd"}
    assert (min(found)[0], max(found)[0]) == ("2026-01", "2026-05")
    assert (found["2026-04", "grr_1_month"], found["2026-03", "arpa"]) == (1, 15_00)
    assert found["2026-01", "gross_mrr_churn"] is None


def test_the_bridge_adds_up_month_by_month(company: Engine) -> None:
    rows = json.loads(export(company, "bridge", "json", AT))
    assert {each["month"] for each in rows} == {f"2026-0{number}" for number in range(1, 6)}
    ends = {each["month"]: each["arr"] for each in json.loads(export(company, "month_end", "json", AT))}
    for month, arr in ends.items():
        for definition in ("stripe", "chartmogul"):
            mine = [row for row in rows if (row["month"], row["definition"]) == (month, definition)]
            assert (mine[0]["difference"], mine[0]["arr"], mine[-1]["difference"]) == ("ours", arr, "theirs")
            assert sum(row["arr"] or 0 for row in mine[:-1]) == mine[-1]["arr"]
    may = json.loads(export(company, "bridge", "json", AT, month="2026-05"))
    assert may == [row for row in rows if row["month"] == "2026-05"]


def test_what_was_known_when(company: Engine) -> None:
    ended = life(item(price()), status="canceled", ended="2026-05-20")
    with company.begin() as connection:
        store(connection, ended)
        refresh(connection, {"cus_1"}, parse_instant("2026-06-20"))
    later = parse_instant("2026-06-20")
    assert len(json.loads(export(company, "movements", "json", later))) == 3
    before = json.loads(export(company, "movements", "json", later, known_at=AT))
    assert [each["month"] for each in before] == ["2026-01", "2026-03"]
    (row,) = json.loads(export(company, "restated", "json", later))
    assert (row["month"], row["day"], row["delta_arr"]) == ("2026-05", "2026-05-20", -120_00)
    assert json.loads(export(company, "restated", "json", later, known_at=later)) == []


def test_an_option_that_cannot_be_had_is_a_sentence(company: Engine) -> None:
    with pytest.raises(OptionError, match="arr_now takes no --month"):
        export(company, "arr_now", "csv", AT, month="2026-05")
    with pytest.raises(OptionError, match="not kept: it is kept since 2026-06-15T00:00:00Z"):
        export(company, "movements", "csv", AT, known_at=parse_instant("2026-06-14"))
