"""Overview: figures that agree with other pages, what is new, and reasons that add up."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard.metrics import reasons
from dashboard.metrics.plans import names
from dashboard.metrics.selection import Selection
from data import frames
from data.database import open_engine
from tests.pages.business import NOW, fill
from tests.pages.conftest import App, said
from tests.pages.test_pages import select

FILTERS: list[dict[str, str]] = [{}, {"plan": "Professional", "currency": "EUR"}, {"interval": "Yearly"}]


@pytest.fixture
def engine(business: str) -> Iterator[Engine]:
    """The small business's database."""
    engine = open_engine(business, read_only=True)
    yield engine
    engine.dispose()


def test_the_figures_a_manager_opens_first(open_app: App) -> None:
    app = open_app("overview")
    assert [metric.label for metric in app.metric] == [
        *("MRR", "ARR", "Subscribers", "MRR per subscriber"),
        *("NRR, 12 months", "GRR, 12 months", "Customer churn", "Quick ratio"),
        *("Scheduled churn", "Renewals, 90 days", "Overdue"),
    ]
    assert all(metric.help for metric in app.metric)
    assert "Oct 2026, the last whole month against Oct 2025." in said(app)
    assert not app.exception


@pytest.mark.parametrize("filters", FILTERS)
def test_figures_agree_with_plan_mix_and_growth(open_app: App, filters: dict[str, str]) -> None:
    overview, mix, growth = (open_app(page, **filters) for page in ("overview", "plan_mix", "growth"))
    here, there = (
        {metric.label: (metric.value, metric.delta) for metric in app.metric} for app in (overview, mix)
    )
    for label in ("MRR", "Subscribers", "MRR per subscriber"):
        assert here[label] == there[label]
    ends = [app.dataframe[0].value["MRR at end"].tolist() for app in (overview, growth)]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("products", [None, 1, 3])
@pytest.mark.parametrize("intervals", [None, "1month", "1year"])
def test_reasons_add_up_to_every_movement(
    engine: Engine, products: int | None, intervals: str | None
) -> None:
    catalogue = frames.products(engine)
    chosen = None if products is None else frozenset(catalogue["product_id"][products : products + 2])
    selection = Selection("usd", (), chosen, frozenset([intervals]) if intervals else None)
    moves = frames.largest_movements(
        engine, "2025-08", last="2026-11", products=chosen, intervals=selection.intervals, limit=1000
    )
    days = tuple((str(row.customer_id), row.day.date()) for row in moves.itertuples())
    parts = reasons.reasons(moves, frames.item_changes(engine, NOW, days), names(catalogue), selection)
    key = ["customer_id", "day", "currency"]
    sums = parts.groupby(key)["delta_arr"].sum()
    assert sums.to_dict() == moves.set_index(key)["delta_arr"].to_dict()
    assert set(parts["reason"]) <= set(reasons.REASONS) - {"Not dated by an item"}


def test_the_largest_are_ten_of_the_month_with_their_reason(open_app: App) -> None:
    app = open_app("overview")
    table = next(each.value for each in app.dataframe if "Reason" in each.value.columns)
    assert 0 < len(table) <= 10
    sizes = table["MRR"].abs().tolist()
    assert sizes == sorted(sizes, reverse=True)
    assert set(table["Reason"]) <= set(reasons.REASONS)


def test_a_month_picked_in_the_chart_shows_its_largest(open_app: App) -> None:
    app = open_app("overview")
    assert "Largest movements, Nov 2026 so far" in said(app)
    select(app, "overview_mrr_table", 10)
    assert "Largest movements, Oct 2026" in said(app)


def test_what_is_new_opens_who_is_behind_it(open_app: App) -> None:
    app = open_app("overview", since="30 days")
    lines = next(each.value for each in app.dataframe if "What" in each.value.columns)
    assert "New" in lines["What"].tolist()
    select(app, "overview_new_table", lines["What"].tolist().index("New"))
    opened = next(head.value for head in app.subheader if ", since " in head.value)
    assert opened.startswith("New, since 22 Oct 2026")
    listed = next(each.value for each in app.dataframe if set(each.value.columns) >= {"Customer", "Day"})
    assert len(listed) == lines.set_index("What").loc["New", "Customers"]


def test_a_first_visit_says_so_and_all_can_be_taken_as_seen(
    open_app: App, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('looks') / 'dashboard.db'}"
    fill(url)
    app = open_app("overview", url=url)
    assert "This is your first visit" in said(app)
    app.button(key="seen").click().run()
    assert "Nothing has changed since." in said(app)
    assert "Since 21 Nov 2026, 23:00 UTC." in said(open_app("overview", url=url))


def test_months_before_the_first_customer_have_no_figures(open_app: App) -> None:
    app = open_app("overview", currency="JPY", plan="Enterprise")
    assert "Nothing to show" in said(app)
    assert {metric.value for metric in app.metric if metric.label.startswith(("NRR", "GRR"))} == {"–"}


def test_whole_months_are_compared_as_the_present_is(open_app: App) -> None:
    assert "Oct 2026, the last whole month against Sep 2026." in said(open_app("overview", against="month"))
    assert "Oct 2026, the last whole month against Jun 2026." in said(open_app("overview", against="2026-06"))


def test_what_lies_ahead_is_compared_with_an_earlier_month(open_app: App) -> None:
    app = open_app("overview", against="2026-06")
    due = next(metric for metric in app.metric if metric.label == "Renewals, 90 days")
    assert due.delta not in ("", None)
    assert "renewals against 21 Jun 2026" in said(app) or "renewals is against 21 Jun 2026" in said(app)
    shown = open_app("renewals", against="2026-06").metric
    there = next(metric for metric in shown if metric.label == "Due in 90 days")
    assert (due.value, due.delta) == (there.value, there.delta)
