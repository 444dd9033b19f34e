"""Invoices: the list with its search, filters and pages, and one invoice, on a real database."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data import frames
from data.database import open_engine
from tests.pages.business import NOW
from tests.pages.conftest import App, said

PAGE = "invoices"


def listed(app: AppTest) -> list[str | None]:
    return [None if pd.isna(each) else each for each in app.dataframe[0].value["Invoice"]]


def test_the_newest_first_a_page_at_a_time(open_app: App, business: str) -> None:
    app = open_app(PAGE)
    assert not app.exception
    engine = open_engine(business)
    found = frames.invoice_page(engine, NOW, limit=120)["number"]
    numbers = [None if pd.isna(each) else each for each in found]
    engine.dispose()
    assert listed(app) == numbers[:50]
    app.button(key="_invoices_pages_next").click().run()
    assert listed(app) == numbers[50:100]
    assert "51 to 100, the newest first." in said(app)
    app.button(key="_invoices_pages_back").click().run()
    assert listed(app) == numbers[:50]


@pytest.mark.parametrize(
    "asked", [{"q": "no such thing"}, {"status": "draft", "age": "Over 120"}, {"q": "(((("}, {"q": "\0"}]
)
def test_what_finds_nothing_says_so(open_app: App, asked: dict[str, str]) -> None:
    app = open_app(PAGE, **asked)
    assert not app.exception
    assert "No invoice matches" in said(app) or listed(app)


def test_another_search_begins_at_its_first_page(open_app: App) -> None:
    app = open_app(PAGE)
    app.button(key="_invoices_pages_next").click().run()
    number = listed(app)[0]
    app.text_input(key="q").set_value(number).run()
    assert listed(app) == [number]
    assert "1 to 1, the newest first." in said(app)


def test_filters_by_state_and_payment(open_app: App) -> None:
    app = open_app(PAGE, status="Paid", method="Sent to be paid")
    table = app.dataframe[0].value
    assert set(table["State"]) == {"Paid"}
    assert set(table["How it is paid"]) == {"Sent to be paid"}


def test_one_invoice_with_its_lines(open_app: App, business: str) -> None:
    engine = open_engine(business)
    row = frames.invoice_page(engine, NOW, statuses=["paid"]).iloc[0]
    engine.dispose()
    app = open_app(PAGE, id=row["invoice_id"])
    assert not app.exception
    assert [each.value for each in app.header] == [row["number"].replace("-", "-")]
    assert "Paid" in said(app)
    assert {"What", "Amount"} <= set(app.table[0].value.columns)
    assert "Line" in app.dataframe[0].value.columns


def test_an_invoice_that_is_not_there(open_app: App) -> None:
    app = open_app(PAGE, id="in_nothing")
    assert not app.exception
    assert "No invoice of this id was read" in said(app)
