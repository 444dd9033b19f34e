"""Exchange rates: what is converted, what is left out, and the forms, on a real database."""

from pathlib import Path

import pytest
from sqlalchemy import insert, text
from streamlit.testing.v1 import AppTest

from data.database import open_engine
from data.fx import editing
from data.fx.csv_file import parse
from data.tables import metadata, operations
from tests.pages.business import NOW, fill
from tests.pages.conftest import App, said

PAGE = "exchange_rates"
FILE = "date,from,to,rate\n2025-01-31,eur,usd,1.1\n2025-01-31,gbp,usd,1.3\n2025-01-31,jpy,usd,0.0066\n"


@pytest.fixture
def copy(business: str, tmp_path: Path) -> str:
    """A copy of the small business that a test may change."""
    file = tmp_path / "copy.db"
    file.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    return f"sqlite:///{file}"


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\\", "") for metric in app.metric}


def shown(app: AppTest, column: str) -> list[object]:
    """A column of the first table that has it."""
    table = next(table.value for table in app.dataframe if column in table.value.columns)
    return list(table[column])


def test_without_rates_other_currencies_are_left_out(open_app: App) -> None:
    app = open_app(PAGE)
    assert not app.exception
    assert [head.value for head in app.title] == ["Exchange rates"]
    assert all(metric.help for metric in app.metric)
    assert figures(app)["Rates kept"] == "0"
    assert figures(app)["Newest rate"] == "–"
    assert int(figures(app)["Without a rate"]) >= 2
    left_out = next(each.value for each in app.dataframe if "Months without a rate" in each.value)
    assert {"EUR", "GBP"} <= set(left_out["Currency"])
    assert "No rate is kept yet." in said(app)
    assert "Type a rate to see what it does." in said(app)


def test_with_rates_nothing_is_left_out(open_app: App, copy: str) -> None:
    editing.keep(copy, parse(FILE))
    app = open_app(PAGE, copy)
    assert figures(app)["Without a rate"] == "0"
    assert figures(app)["Subscribers in"] == "100.0%"
    assert "every currency has a rate in every month shown" in said(app)
    assert app.dataframe[-1].value["From"].tolist() == ["JPY", "GBP", "EUR"]


def test_a_kept_rate_changes_every_figure_of_an_open_page(open_app: App, copy: str) -> None:
    app = open_app(PAGE, copy)
    before = figures(app)
    editing.keep(copy, parse(FILE))
    after = figures(app.run())
    assert after["Rates kept"] == "3"
    assert after["MRR converted"] != before["MRR converted"]


def test_the_preview_follows_what_is_typed(open_app: App, copy: str) -> None:
    editing.keep(copy, parse(FILE))
    app = open_app(PAGE, copy)
    app.text_input(key="rate_value").input("1,2").run()
    assert "is not a number above 0" in said(app)
    assert app.button(key="keep_rate").disabled
    app.text_input(key="rate_value").input("1.2").run()
    assert "1 EUR = 1.2 USD from 21 Nov 2026" in said(app)
    assert "No rate of that day is kept yet." in said(app)
    assert "At the end of Nov 2026, MRR of €" in said(app)
    assert not app.button(key="keep_rate").disabled
    app.date_input(key="rate_date").set_value(parse(FILE)[0].date).run()
    assert "It replaces 1.1, the rate of that day." in said(app)
    app.text_input(key="rate_value").input("1.10").run()
    assert "It is kept already." in said(app)
    assert app.button(key="keep_rate").disabled


def test_mistakes_of_a_file_are_told_row_by_row(open_app: App) -> None:
    app = open_app(PAGE)
    app.file_uploader(key="rate_file").upload(
        "rates.csv", f"{FILE}2026-02-31,eur,usd,x\n".encode(), "text/csv"
    )
    app.run()
    assert "2 problems; nothing was kept." in said(app)
    assert shown(app, "What is wrong") == [
        "'2026-02-31' is not a date such as 2026-01-31",
        "'x' is not a number above 0 such as 1.0842",
    ]
    assert shown(app, "Line") == [5, 5]
    assert shown(app, "Column") == ["date", "rate"]


def test_a_file_is_offered_with_what_it_would_do(open_app: App, copy: str) -> None:
    editing.keep(copy, parse(FILE.replace("1.3", "1.4")))
    app = open_app(PAGE, copy)
    app.file_uploader(key="rate_file").upload("rates.csv", FILE.encode(), "text/csv").run()
    assert "3 rates: 0 new, 1 replaced, 2 kept already." in said(app)
    assert shown(app, "What it does") == ["As it is", "Replaces", "As it is"]
    assert app.button(key="keep_file").label == "Keep 3 rates"


def test_who_may_only_look_gets_no_forms(open_app: App) -> None:
    app = open_app(PAGE, role="viewer")
    assert not app.exception
    assert len(app.metric) == 5
    assert not app.text_input
    assert "Select one to delete it" not in said(app)


def test_without_the_permission_nothing_is_shown(open_app: App) -> None:
    app = open_app(PAGE, role="nobody")
    assert "This page is not open to you" in said(app)
    assert not app.metric


def test_a_frame_that_fails_is_named(open_app: App, copy: str) -> None:
    engine = open_engine(copy)
    with engine.begin() as connection:
        connection.execute(text("drop table exchange_rate"))
    engine.dispose()
    app = open_app(PAGE, copy)
    assert not app.exception
    assert "The figures of “exchange rates” could not be read" in said(app)


def test_an_account_without_subscriptions_may_keep_rates(open_app: App, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    engine = open_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        version = {"committed_at": NOW, "data_at": NOW, "reason": "test"}
        connection.execute(insert(operations.data_version).values(version))
    engine.dispose()
    app = open_app(PAGE, url)
    assert not app.exception
    assert "Nothing to show" in said(app)
    app.text_input(key="rate_value").input("1.2").run()
    assert not app.exception


def test_the_page_is_the_same_on_postgresql(open_app: App, copy: str, postgres_url: str) -> None:
    fill(postgres_url)
    for url in (copy, postgres_url):
        editing.keep(url, parse(FILE))
    assert figures(open_app(PAGE, postgres_url)) == figures(open_app(PAGE, copy))
