"""Churn from a real database: every part, a month picked in a table or by link, search, sums that agree."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import filters
from dashboard.cache import Snapshot
from dashboard.leaving.asked import Asked
from dashboard.metrics.selection import Selection
from data import frames
from data.database import open_engine
from tests.pages.conftest import App, said
from tests.pages.test_pages import select

PARTS = {
    "one month": "Why did churn rise or fall?",
    "who leaves": "Who leaves",
    "scheduled and saved": "Scheduled churn",
    "failed payments": "Failed payments and what came of them",
    "everyone who left": "Customers who left",
}


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    """The first table on the page that has these columns."""
    return next(each.value for each in app.dataframe if set(columns) <= set(each.value.columns))


@pytest.mark.parametrize(("part", "title"), PARTS.items())
def test_each_part_is_drawn(open_app: App, part: str, title: str) -> None:
    app = open_app("churn", part=part, period="all time")
    assert not app.exception
    assert "could not" not in said(app)
    assert title in [head.value for head in app.subheader]


@pytest.mark.parametrize("by", ["reason", "time as a customer", "size"])
def test_a_month_is_compared_by_each_dimension(open_app: App, by: str) -> None:
    app = open_app("churn", by=by, month="Aug 2026", period="all time")
    lost = table(app, "Month", "Lost", "At start").set_index("Month").loc["Aug 2026", "Lost"]
    compared = table(app, "Group", "Difference")
    assert f"{lost} customer" in said(app)
    assert "In the 6 months before" in said(app)
    assert compared["Lost"].sum() == lost


def test_churn_speaks_of_the_last_whole_month(open_app: App) -> None:
    assert "Oct 2026, the last whole month against" in said(open_app("churn"))


def test_a_month_picked_in_a_table_is_looked_at(open_app: App) -> None:
    app = open_app("churn")
    select(app, "churn_rates_customers_table", 3)
    month = table(app, "Month", "Customer churn")["Month"].iloc[3]
    assert any(head.value == f"Lost in {month}" for head in app.subheader)
    assert "month" in app.query_params


def test_everyone_who_left_adds_up_to_lost(open_app: App) -> None:
    app = open_app("churn", part="everyone who left", period="all time")
    flow, adding = table(app, "Month", "Lost", "At start"), table(app, "What", "Of it churn")
    rows = adding.set_index("What")["Customers"]
    assert rows["Lost, the months added up"] == flow["Lost"].sum()
    assert rows["Rows of the list"] == len(table(app, "Customer", "Left on"))


def test_the_list_is_searched_by_link(open_app: App) -> None:
    whole = len(table(open_app("churn", part="everyone who left", period="all time"), "Left on"))
    found = table(open_app("churn", part="everyone who left", period="all time", find="unused"), "Left on")
    assert 0 < len(found) < whole
    assert set(found["Reason"]) == {"Unused"}
    nobody = open_app("churn", part="everyone who left", find="$x$ nobody wrote")
    assert "Nobody who left matches “$x$ nobody wrote”." in said(nobody)


def test_a_part_of_the_months_says_what_it_says_alone(business: str) -> None:
    engine = open_engine(business, read_only=True)
    status = frames.data_status(engine)
    engine.dispose()
    snapshot = Snapshot(business, status)
    known = filters.facts(snapshot)
    months = known.months[3:-2]
    page = Asked(snapshot, known, Selection("usd", tuple(months)))
    for some in (months[:1], months[2:], known.months, known.months[:2]):
        alone = Asked(snapshot, known, Selection("usd", tuple(some))).departures()
        pd.testing.assert_frame_equal(page.over(some).departures(), alone)
    assert len(page.departures()) > 0
