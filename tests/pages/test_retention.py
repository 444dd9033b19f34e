"""Retention from a real database: every group and measure, a cohort opened by a cell, figures that agree."""

import pytest
from sqlalchemy import func
from sqlalchemy import select as choose

from data.database import open_engine
from data.tables import ledger
from tests.pages.conftest import App, said
from tests.pages.test_churn import table
from tests.pages.test_pages import select


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"measure": "MRR", "period": "All time", "span": "1 month"},
        {"plan": "Professional", "interval": "Monthly"},
        {"currency": "eur", "period": "Last 6 months"},
        {"plan": "Enterprise", "interval": "Weekly"},
    ],
)
def test_the_page_answers(open_app: App, chosen: dict[str, str]) -> None:
    app = open_app("retention", **chosen)
    assert not app.exception
    assert "could not" not in said(app)
    assert len(app.metric) == 5
    assert all(metric.help for metric in app.metric)


def test_a_cell_opens_its_customers(open_app: App) -> None:
    app = open_app("retention", period="all time")
    cells = table(app, "Won in", "Months since", "Customers")
    select(app, "retention_cohorts_customers_table", 1)
    cohort, month, customers = (cells[name].iloc[1] for name in ("Won in", "Month", "Customers"))
    assert f"Won in {cohort}, in {month}" in [head.value for head in app.subheader]
    assert int((table(app, "MRR then")["MRR then"] > 0).sum()) == customers


def test_lifetimes_are_of_everybody_who_ever_subscribed(open_app: App, business: str) -> None:
    lives = table(open_app("retention", period="all time"), "Began with", "Customers").set_index("Began with")
    engine = open_engine(business)
    moved = ledger.movement.c
    ever = choose(func.count(moved.customer_id.distinct())).where(
        moved.kind == "new", moved.currency == "usd"
    )
    with engine.connect() as connection:
        assert lives.loc["All plans", "Customers"] == connection.execute(ever).scalar_one()
    engine.dispose()
    known = lives.dropna(subset=["at least", "at most"])
    assert (known["at least"] <= known["After 90 days"]).all()
    assert (known["After 90 days"] <= known["at most"]).all()


def test_revenue_kept_by_plan_is_within_its_bounds(open_app: App) -> None:
    groups = table(open_app("retention", span="1 month"), "Group", "Customers at the start")
    assert len(groups) > 1
    assert (groups["Gross retention"] <= 100).all()
    assert (groups["Gross retention"] <= groups["Net retention"]).all()
