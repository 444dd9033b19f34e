"""Receivables: figures that agree with the invoices, ages, customers, notes, on a real database."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data import frames
from data.database import open_engine
from data.fx import editing
from data.fx.csv_file import parse
from data.receivable_notes import Note, NotWrittenError, write
from tests.pages.business import NOW
from tests.pages.conftest import App, said
from tests.pages.owing import make_late

PAGE = "receivables"


@pytest.fixture
def copy(business: str, tmp_path: Path) -> str:
    """A copy of the small business in which one customer owes for long, and which a test may change."""
    file = tmp_path / "copy.db"
    file.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    url = f"sqlite:///{file}"
    make_late(url)
    return url


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\\", "") for metric in app.metric}


def table(app: AppTest, column: str) -> list[dict[str, object]]:
    """The rows of the first table that has a column."""
    found = next(each.value for each in app.dataframe if column in each.value.columns)
    return found.to_dict("records")


def test_figures_agree_with_the_open_invoices(open_app: App, business: str) -> None:
    app = open_app(PAGE)
    assert not app.exception
    engine = open_engine(business)
    owed = frames.owed(engine, NOW)
    engine.dispose()
    usd = owed.loc[owed["currency"] == "usd"]
    assert set(figures(app)) == {"Open receivables", "Overdue", "Over 60 days", "Customers overdue", "DSO"}
    late = usd.loc[usd["age"] != "not_due"]
    assert figures(app)["Customers overdue"] == str(late["customer_id"].nunique())
    assert sum(float(row["Open"]) for row in table(app, "Of all")) * 100 == pytest.approx(usd["open"].sum())
    assert all(metric.help for metric in app.metric)
    assert "DSO is open receivables / invoiced amount of the last 90 days × 90" in said(app)


@pytest.mark.parametrize(("page", "heading"), [(PAGE, "E-mail"), ("invoices", "E-mail")])
def test_a_viewer_sees_no_address(open_app: App, page: str, heading: str) -> None:
    shown, hidden = (
        {name for each in open_app(page, role=role).dataframe for name in each.value.columns}
        for role in (None, "viewer")
    )
    assert shown - hidden == {heading}


def test_who_owes_more_than_sixty_days(open_app: App, copy: str) -> None:
    app = open_app(PAGE, copy, overdue="over 60 days")
    assert not app.exception
    rows = table(app, "Owed")
    assert [(row["Owed"], row["Days overdue"], row["91–120 days"]) for row in rows] == [
        (1234.56, 100, 1234.56)
    ]
    assert [row["Invoice"] for row in table(app, "Noted")] == ["LATE-1"]
    assert figures(app)["Over 60 days"] == "$1.2k"
    assert "1 customer, $1,234.56 in all." in said(app)


def test_a_past_day_is_chosen_by_the_address(open_app: App, copy: str) -> None:
    day = (NOW - timedelta(days=80)).date()
    app = open_app(PAGE, copy, as_of=str(day), overdue="Overdue")
    assert not app.exception
    assert 21 in [row["Days overdue"] for row in table(app, "Owed")]
    assert f"At the end of {day.day} {day:%b %Y}, in USD" in said(app)
    for nonsense in ("soon", "1066-01-01", "2999-01-01"):
        app = open_app(PAGE, copy, as_of=nonsense)
        assert "Now, in USD" in said(app)
        assert "as_of" not in app.query_params
        assert nonsense in said(app.run())


def test_a_month_end_is_compared_with_the_one_before(open_app: App, copy: str) -> None:
    app = open_app(PAGE, copy, as_of="2026-09-30")
    assert "At the end of 30 Sep 2026, in USD, with the change since the end of 31 Aug 2026" in said(app)
    month = table(app, "Month")[-1]
    assert (month["Month"], month["Open"]) == ("Sep 2026", sum(row["Open"] for row in table(app, "Of all")))


def test_explain_adds_up_to_the_figure(open_app: App, copy: str) -> None:
    app = open_app(PAGE, copy)
    app.button(key="explain_Over 60 days").click().run()
    assert not app.exception
    told = said(app)
    assert "Nov 2026: $1,234.56" in told
    assert "1 row included, which add up to Open $1,234.56." in told


def test_a_promise_is_kept_and_shown_beside_its_invoice(open_app: App, copy: str) -> None:
    engine = open_engine(copy)
    invoice = frames.invoice_page(engine, NOW, search="LATE-1")["invoice_id"].iloc[0]
    engine.dispose()
    day = (NOW + timedelta(days=5)).date()
    write(copy, Note(invoice, "promise", "Will pay on Friday", day, 100_00), "mia")
    app = open_app(PAGE, copy, overdue="Over 60 days")
    assert [row["Noted"] for row in table(app, "Noted")] == [f"Promised for {day.day} {day:%b %Y}"]
    app = open_app("invoices", copy, id=invoice)
    assert "Will pay on Friday" in said(app)
    assert "mia" in said(app)
    app.text_area(key=f"note_text_{invoice}").set_value("They dispute the seats").run()
    app.selectbox(key=f"note_kind_{invoice}").set_value("dispute").run()
    app.button(key="keep_note").click().run()
    assert not app.exception
    assert "They dispute the seats" in said(app)
    assert "The note is kept." in [each.value for each in app.toast]


def test_a_note_needs_words_or_a_day(open_app: App, copy: str) -> None:
    engine = open_engine(copy)
    invoice = frames.invoice_page(engine, NOW, search="LATE-1")["invoice_id"].iloc[0]
    engine.dispose()
    app = open_app("invoices", copy, id=invoice)
    app.selectbox(key=f"note_kind_{invoice}").set_value("remark").run()
    assert app.button(key="keep_note").disabled
    assert "Say in a few words what it is about." in said(app)


def test_what_is_no_note_is_refused(copy: str) -> None:
    with pytest.raises(ValueError, match="no note of the kind"):
        Note("in_1", "shout", "x")
    with pytest.raises(ValueError, match="a promise has a day"):
        Note("in_1", "promise", "x")
    engine = open_engine(copy)
    with engine.begin() as connection:
        connection.execute(text("drop table receivable_note"))
    engine.dispose()
    with pytest.raises(NotWrittenError, match="nothing was changed"):
        write(copy, Note("in_1", "remark", "x"), "mia")


def test_who_may_not_write_notes_reads_them(open_app: App, copy: str) -> None:
    engine = open_engine(copy)
    invoice = frames.invoice_page(engine, NOW, search="LATE-1")["invoice_id"].iloc[0]
    engine.dispose()
    app = open_app("invoices", copy, role="sales", id=invoice)
    assert "Nothing is noted yet." in said(app)
    assert not app.text_area


def test_all_currencies_in_one_are_more_than_one_of_them(open_app: App, copy: str) -> None:
    editing.keep(copy, parse("date,from,to,rate\n2025-01-31,eur,usd,1.1\n2025-01-31,gbp,usd,1.3\n"))
    engine = open_engine(copy)
    owed = frames.owed(engine, NOW).groupby("currency")["open"].sum()
    engine.dispose()
    app = open_app(PAGE, copy, currency="all")
    assert not app.exception
    expected = owed["usd"] + round(owed.get("eur", 0) * 1.1) + round(owed.get("gbp", 0) * 1.3)
    ages = sum(row["Open"] for row in table(app, "Of all")) * 100
    assert ages == pytest.approx(expected, abs=10)
    assert table(app, "Month")[-1]["Open"] * 100 == pytest.approx(ages)
    assert sum(row["Open in all"] for row in table(app, "Open in all")) * 100 == pytest.approx(ages)
    for label in ("Open receivables", "Customers overdue", "DSO"):
        app.button(key=f"explain_{label}").click().run()
        assert not app.exception


@pytest.mark.parametrize("label", ["Customers overdue", "DSO"])
def test_customers_and_days_are_explained_as_they_are_shown(open_app: App, copy: str, label: str) -> None:
    app = open_app(PAGE, copy)
    shown = figures(app)[label]
    app.button(key=f"explain_{label}").click().run()
    assert not app.exception
    assert f"Nov 2026: {shown}" in said(app)


@pytest.mark.parametrize("asked", [{"currency": "jpy"}, {"currency": "gbp", "as_of": "2025-09-30"}])
def test_a_currency_in_which_little_or_nothing_is_owed(open_app: App, asked: dict[str, str]) -> None:
    app = open_app(PAGE, **asked)
    assert not app.exception
    assert "Open receivables" in figures(app)


def test_deferred_revenue_adds_up_to_its_total(open_app: App) -> None:
    app = open_app("receivables", below="Deferred revenue", as_of="2026-10-31")
    assert "for service from 1 Nov 2026 on" in said(app)
    rows = next(each.value for each in app.dataframe if "Recognised" in each.value)
    total = rows["Recognised"].sum()
    assert total > 0
    assert f"${total:,.2f} was invoiced for service from" in said(app)
    assert rows["Left at its end"].iloc[-1] == 0
    app.button(key="explain_Deferred revenue").click().run()
    assert not app.exception
    assert "which add up to" in said(app)
    assert f"Amount ${total:,.2f}" in said(app)
