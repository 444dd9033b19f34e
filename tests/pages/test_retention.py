"""Retention from a real database: every group and measure, a cohort opened by a cell, figures that agree."""

import pytest

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


def test_groups_add_up_to_everybody(open_app: App) -> None:
    app = open_app("retention", period="all time", span="1 month")
    groups = table(app, "Group", "Customers at the start")
    whole = table(app, "Began with", "Customers")
    assert groups["Customers at the start"].sum() > 0
    assert whole["Began with"].iloc[0] == "All plans"
    assert (whole["At least" if "At least" in whole else "at least"].dropna() <= whole["After 90 days"]).all()
