"""Every page answers its question from a real database, and every filter is a link."""

import pytest
from sqlalchemy import func
from sqlalchemy import select as choose
from streamlit.testing.v1 import AppTest

from dashboard import formatting
from data.database import open_engine
from data.tables import ledger
from tests.pages.business import NOW, fill
from tests.pages.conftest import App, said

PAGES = {"plan_mix": "Plan mix", "renewals": "Renewals", "churn": "Churn"}


@pytest.mark.parametrize(("page", "title"), PAGES.items())
def test_a_page_has_its_head_its_figures_and_no_failure(open_app: App, page: str, title: str) -> None:
    app = open_app(page)

    assert not app.exception
    assert [head.value for head in app.title] == [title]
    assert "Data as of 21 Nov 2026, 23:00 UTC" in said(app)
    assert "Not read: quotes. Read only in part: coupons." in said(app)
    assert 1 <= len(app.metric) <= 5
    assert all(metric.help for metric in app.metric)
    assert "could not" not in said(app)
    assert "Nothing to show" not in said(app)
    assert not app.error


def test_the_address_without_a_page_leads_to_the_first(open_app: App) -> None:
    assert [head.value for head in open_app().title] == ["Overview"]


def test_figures_are_those_of_the_ledger(open_app: App, business: str) -> None:
    engine = open_engine(business)
    line = ledger.timeline.c
    held = (line.counted, line.arr > 0, line.from_at <= NOW, (line.to_at.is_(None)) | (line.to_at > NOW))
    with engine.connect() as connection:
        arr, subscribers = connection.execute(
            choose(func.sum(line.arr), func.count(line.customer_id.distinct())).where(
                *held, line.currency == "usd"
            )
        ).one()
    engine.dispose()

    metrics = {metric.label: metric for metric in open_app("plan_mix").metric}

    assert metrics["MRR"].value.replace("\\", "") == formatting.mrr_short(arr, "usd")
    assert formatting.amount(arr, "usd") in metrics["MRR"].help.replace("\\", "")
    assert metrics["Subscribers"].value == formatting.count(subscribers)
    assert metrics["Free accounts"].value == "7"


def test_filters_come_from_the_address(open_app: App) -> None:
    everything = {metric.label: metric.value for metric in open_app("plan_mix").metric}
    app = open_app(
        "plan_mix", plan="Professional", interval="Monthly", period="Last 6 months", measure="Customers"
    )
    some = {metric.label: metric.value for metric in app.metric}

    assert 0 < int(some["Subscribers"]) < int(everything["Subscribers"])
    assert some["Yearly share"] == "0.0%"
    assert app.selectbox(key="period").value == "Last 6 months"


def test_nonsense_in_the_address_is_ignored(open_app: App) -> None:
    nonsense = {
        "plan": "<script>",
        "interval": ["?", "Yearly!"],
        "period": "-1",
        "currency": "XXX",
        "against": "x",
    }
    plain = [metric.value for metric in open_app("plan_mix").metric]

    app = open_app("plan_mix", **nonsense, measure="'; drop table", unknown="1")

    assert not app.exception
    assert [metric.value for metric in app.metric] == plain


@pytest.mark.parametrize("page", PAGES)
def test_one_currency_at_a_time(open_app: App, page: str) -> None:
    app = open_app(page)
    app.selectbox(key="currency").select("eur").run()
    shown = " ".join(metric.value for metric in app.metric)
    assert "€" in shown
    assert "$" not in shown


def test_other_currencies_have_a_table_of_their_own(open_app: App) -> None:
    app = open_app("plan_mix")
    others = next(
        each.value for each in app.dataframe if list(each.value) == ["Currency", "Subscribers", "MRR", "ARR"]
    )
    assert "USD" not in set(others["Currency"])
    assert {"EUR"} <= set(others["Currency"])


def select(app: AppTest, table: str, row: int) -> None:
    """Click a row of the table whose key begins so."""
    key = next(key for key in list(app.session_state.keys()) if str(key).startswith(table))
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()


def test_a_row_opens_its_customers_with_a_link_to_stripe(open_app: App) -> None:
    app = open_app("plan_mix")
    select(app, "plan_mix_table", 0)

    opened = [table.value for table in app.dataframe if "Stripe" in table.value.columns]

    assert len(opened) == 1
    assert len(opened[0])
    assert opened[0]["Stripe"].str.match(r"https://dashboard.stripe.com/test/customers/cus_\w+").all()


def test_a_filter_without_customers_says_so(open_app: App) -> None:
    app = open_app("churn", plan="Enterprise", interval="Weekly")
    assert "Nothing to show" in said(app)
    assert app.metric[0].value == "–"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_the_same_on_postgresql(open_app: App, postgres_url: str, page: str) -> None:
    fill(postgres_url)
    assert [metric.value for metric in open_app(page, postgres_url).metric] == [
        metric.value for metric in open_app(page).metric
    ]
