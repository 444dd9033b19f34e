"""Growth: steps that add up, who is behind them, and what others count otherwise."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard import kpis
from dashboard.metrics import kinds
from data.fx import editing
from data.fx.rates import ExchangeRate
from tests.pages.business import fill
from tests.pages.conftest import App, said
from tests.pages.test_pages import select

RATES = [
    ExchangeRate(date(2026, month, 1), code, "usd", Decimal(f"{rate + month / 100}"))
    for month in range(1, 12)
    for code, rate in (("eur", 1), ("gbp", 1.2), ("jpy", 0.01))
]
STEPS = ["New", "Won back", "Expansion", "Contraction", "Churn", "Between plans"]


@pytest.mark.parametrize("filters", [{}, {"plan": "Business"}, {"currency": "EUR"}])
def test_months_add_up_to_what_is_left(open_app: App, filters: dict[str, str]) -> None:
    table = open_app("growth", **filters).dataframe[0].value
    moved = table[[name for name in STEPS if name in table.columns]].sum(axis=1)
    assert (table["MRR at start"] + moved - table["MRR at end"]).abs().max() < 0.01
    assert table["MRR at start"].tolist()[1:] == pytest.approx(table["MRR at end"].tolist()[:-1])


def test_key_figures_are_compared_with_the_chosen_month(open_app: App) -> None:
    months = open_app("growth").dataframe[0].value.set_index("Month")["Expansion"]
    app = open_app("growth", against="Against Feb 2026", period="Last 6 months")
    assert any("against Feb 2026" in each.value for each in app.caption)
    change = float(months["Oct 2026"] - months["Feb 2026"])
    told = next(each for each in app.metric if each.label == "Expansion MRR")
    expected = kpis.money(kinds.expansion, round(change * 1200), "usd", before=0)
    assert told.delta == str(expected.delta).replace("$", "\\$")


def test_the_whole_period_is_one_waterfall(open_app: App) -> None:
    months = open_app("growth").dataframe[0].value
    app = open_app("growth", shown="Whole period")
    steps = app.dataframe[0].value
    assert steps["Step"].tolist()[0] == "MRR at start"
    assert steps["Step"].tolist()[-1] == "MRR at end"
    assert steps["MRR"].iloc[:-1].sum() == pytest.approx(steps["MRR"].iloc[-1])
    assert steps["MRR"].iloc[-1] == months["MRR at end"].iloc[-1]


def test_a_month_opens_who_moved_in_it(open_app: App) -> None:
    app = open_app("growth")
    months = app.dataframe[0].value
    select(app, "growth_months_table", 10)
    assert "Customers who moved, Oct 2026" in said(app)
    listed = next(each.value for each in app.dataframe if "Customer" in each.value.columns)
    assert listed["MRR"].sum() == pytest.approx(months["Net new"].iloc[10])


def test_a_step_opens_who_made_it(open_app: App) -> None:
    app = open_app("growth", shown="Whole period")
    steps = app.dataframe[0].value
    place = steps["Step"].tolist().index("New")
    select(app, "growth_period_table", place)
    assert "New, Dec 2025 to Nov 2026" in said(app)
    listed = next(each.value for each in app.dataframe if "Customer" in each.value.columns)
    assert set(listed["Movement"]) == {"New"}
    assert listed["MRR"].sum() == pytest.approx(steps["MRR"].iloc[place])


@pytest.mark.parametrize("definition", ["Stripe", "ChartMogul"])
def test_the_same_month_by_another_definition(open_app: App, definition: str) -> None:
    app = open_app("growth", definition=definition)
    months = app.dataframe[0].value
    table = next(each.value for each in app.dataframe if "Difference" in each.value.columns)
    assert table["MRR"].iloc[0] == pytest.approx(months["MRR at end"].iloc[-2])
    assert table["MRR"].iloc[:-1].sum() == pytest.approx(table["MRR"].iloc[-1])
    assert f"Oct 2026: {definition}'s MRR is" in said(app)


def test_nothing_was_restated_since_the_first_day(open_app: App) -> None:
    told = said(open_app("growth"))
    assert "What was known is kept since 21 Nov 2026" in told
    assert "No month of this period was restated since." in told


def test_who_moved_adds_up_in_one_currency_too(
    open_app: App, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('rates') / 'dashboard.db'}"
    fill(url)
    editing.keep(url, RATES)
    app = open_app("growth", url=url, currency="all")
    months = app.dataframe[0].value
    assert months["Exchange rates"].any()
    select(app, "growth_months_table", 10)
    listed = next(each.value for each in app.dataframe if "Customer" in each.value.columns)
    assert listed["MRR"].sum() == pytest.approx(months["Net new"].iloc[10], abs=0.1)


def test_a_month_as_it_was_known_adds_up(open_app: App) -> None:
    app = open_app("growth", known_on="2026-11-21", currency="usd")
    assert not app.exception
    table = next(each.value for each in app.dataframe if "As known then" in each.value)
    assert len(table)
    sides = table["As known then"] + table["Restated since"] + table["Happened since"]
    assert (sides - table["As known now"]).abs().max() < 0.01
    assert "as known then; the same is known now" in said(app)
    for wrong in ("1999-01-01", "tomorrow", ""):
        assert not open_app("growth", known_on=wrong).exception
