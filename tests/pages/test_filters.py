"""Filters above a page: what they choose, what they say, and that the address alone holds them."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.business import fill_for_filters
from tests.pages.conftest import App, said


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A business where every filter has something to choose, and one currency no rate."""
    found = f"sqlite:///{tmp_path_factory.mktemp('filters') / 'dashboard.db'}"
    fill_for_filters(found)
    return found


def subscribers(app: AppTest) -> int:
    return next(int(metric.value) for metric in app.metric if metric.label == "Subscribers")


@pytest.mark.parametrize("page", ["churn", "renewals", "growth"])
def test_a_page_takes_its_filters_from_the_address(open_app: App, url: str, page: str) -> None:
    app = open_app(page, url, currency="eur", plan="business", country="DE")
    assert app.selectbox(key="currency").value == "eur"
    assert app.session_state["plan"] == ["Business"]
    assert app.session_state["country"] == ["DE"]
    assert "€" in " ".join(metric.value for metric in app.metric)


def test_customers_are_narrowed_and_cleared(open_app: App, url: str) -> None:
    everybody = open_app("plan_mix", url)
    some = open_app("plan_mix", url, country="DE", segment="SMB")
    assert 0 < subscribers(some) < subscribers(everybody)
    some.button(key="clear").click().run()
    assert subscribers(some) == subscribers(everybody)
    assert "country" not in some.query_params


def test_a_choice_is_written_to_the_address_and_the_usual_one_is_not(open_app: App, url: str) -> None:
    app = open_app("plan_mix", url)
    app.selectbox(key="currency").select("eur").run()
    assert app.query_params["currency"] in ("EUR", ["EUR"])
    app.selectbox(key="currency").select("usd").run()
    assert "currency" not in app.query_params


def test_a_choice_before_the_answer_to_the_last_keeps_both(open_app: App, url: str) -> None:
    app = open_app("plan_mix", url)
    app.selectbox(key="currency").select("eur").run()
    app.query_params.clear()  # the browser was not told yet what the first choice wrote
    app.selectbox(key="period").select("All time").run()
    assert app.query_params["currency"] in ("EUR", ["EUR"])
    assert app.query_params["period"] in ("All time", ["All time"])
    assert (app.selectbox(key="currency").value, app.selectbox(key="period").value) == ("eur", "All time")


def test_all_currencies_in_one_say_what_is_left_out(open_app: App, url: str) -> None:
    app = open_app("plan_mix", url, currency="all")
    assert "All currencies in USD." in said(app)
    assert subscribers(app) > subscribers(open_app("plan_mix", url))


def test_without_a_rate_there_is_no_all(open_app: App) -> None:
    app = open_app(currency="all")
    assert app.selectbox(key="currency").value == "usd"
    assert "All in USD" not in app.selectbox(key="currency").options
    assert "Left out of the address, since nothing here is called so: “all”." in said(app)


@pytest.mark.parametrize(
    ("against", "told"),
    [("month", "Oct 2026"), ("period", "May 2026"), ("2026-08", "Aug 2026")],
)
def test_months_to_compare_with(open_app: App, url: str, against: str, told: str) -> None:
    assert f"since {told}" in said(open_app("plan_mix", url, against=against, period="Last 6 months"))
