"""Data health: what figures rest on, what nothing dates, what was not read, on a real database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text
from streamlit.testing.v1 import AppTest

from data.database import open_engine
from data.tables import history, ledger, operations
from tests.data.lives import day
from tests.pages.business import NOW, fill
from tests.pages.conftest import App, said

PAGE = "data_health"
OPEN = {"subscription_id": "sub_x", "customer_id": "cus_x", "currency": "usd", "reason": "first seen then"}
DATES = {"earliest_at": day("2026-07-10"), "latest_at": day("2026-09-10"), "placed_at": day("2026-09-10")}


@pytest.fixture
def copy(business: str, tmp_path: Path) -> str:
    """A copy of the small business that a test may change."""
    file = tmp_path / "copy.db"
    file.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    return f"sqlite:///{file}"


@contextmanager
def changing(url: str) -> Iterator[Connection]:
    """A transaction on a database."""
    engine = open_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\\", "") for metric in app.metric}


def only(url: str, *changes: dict[str, object]) -> None:
    """These changes are all that the history leaves open."""
    with changing(url) as connection:
        connection.execute(text("delete from unknown_history"))
        for each in changes:
            connection.execute(insert(history.unknown_history).values(OPEN | DATES | each))


def test_the_page_has_its_head_and_its_figures(open_app: App) -> None:
    app = open_app(PAGE)
    assert not app.exception
    assert [head.value for head in app.title] == ["Data health"]
    assert [metric.label for metric in app.metric] == [
        "Age of the data",
        "Resources not read",
        "History unknown",
        "MRR not dated",
        "Complete histories",
    ]
    assert all(metric.help for metric in app.metric)
    assert "Version 1 of the data, made 21 Nov 2026, 23:00 UTC" in said(app)
    assert "What MRR rests on" in said(app)


def test_what_was_not_read_says_why(open_app: App, copy: str) -> None:
    states = [
        {"resource": "invoiceitems", "state": "failed", "error": "Stripe did not answer."},
        {"resource": "prices", "state": "ok", "error": None, "read_at": NOW},
        {"resource": "application database", "state": "failed", "error": "It is locked."},
    ]
    with changing(copy) as connection:
        for state in states:
            connection.execute(insert(operations.resource_state).values(state))
        run = {
            "kind": "events",
            "state": "failed",
            "started_at": NOW,
            "finished_at": NOW,
            "error": "Cut off.",
        }
        connection.execute(insert(operations.sync_run).values(run | {"objects": 0, "requests": 0}))
    app = open_app(PAGE, copy)
    shown = next(table.value for table in app.dataframe if "State" in table.value.columns)
    assert shown.fillna("").to_numpy().tolist() == [
        ["Invoice items", "Failed", "–", "Stripe did not answer."],
        ["Quotes", "Not permitted", "–", "The key may not read quotes."],
        ["Coupons", "Read", "–", "the server does not expand applies_to"],
        ["Prices", "Read", "21 Nov 2026, 23:00 UTC", ""],
    ]
    assert figures(app)["Resources not read"] == "3"
    assert "The last sync failed: Cut off." in said(app)
    assert "It is locked." in said(app)


def test_a_change_that_nothing_dates_is_listed(open_app: App, copy: str) -> None:
    only(
        copy,
        {"delta_arr": -120_00},
        {"delta_arr": 24_00, "latest_at": None},
        {"delta_arr": 1, "currency": "eur"},
    )
    app = open_app(PAGE, copy)
    shown = next(table.value for table in app.dataframe if "Not before" in table.value.columns)
    assert shown["Customer"].tolist() == ["cus_x", "cus_x"]
    assert shown["MRR"].tolist() == [-10.0, 2.0]
    assert shown["Stripe"].tolist() == ["https://dashboard.stripe.com/test/subscriptions/sub_x"] * 2
    assert figures(app)["History unknown"] == "1"
    assert figures(app)["MRR not dated"] == "$12"
    assert "2 changes at 1 customer, $12.00 of MRR in all" in said(app)
    told = next(each.value for each in app.dataframe if "Complete" in each.value.columns)
    assert {"USD", "EUR"} <= set(told["Currency"])


def test_each_currency_speaks_for_itself(open_app: App, copy: str) -> None:
    only(copy, {"delta_arr": 120_00})
    app = open_app(PAGE, copy)
    app.selectbox(key="currency").select("eur").run()
    assert figures(app)["MRR not dated"] == "€0"
    assert figures(app)["Complete histories"] == "100.0%"


def test_everything_known_is_a_good_answer(open_app: App, copy: str) -> None:
    only(copy)
    app = open_app(PAGE, copy)
    assert "Everything is known" in said(app)
    assert "What the history cannot tell" not in said(app)
    assert "How far a month may be off" not in said(app)


def test_what_stripe_did_not_show_is_listed(open_app: App, copy: str) -> None:
    only(copy)
    line = {"subscription_id": "sub_x", "customer_id": "cus_x", "currency": "usd", "arr": 0, "counted": False}
    with changing(copy) as connection:
        connection.execute(
            insert(ledger.timeline).values(line | {"from_at": NOW, "evidence": "price not known"})
        )
    app = open_app(PAGE, copy)
    shown = next(table.value for table in app.dataframe if "What is missing" in table.value.columns)
    assert shown["What is missing"].tolist() == [
        "Stripe did not show the price or its tiers: not counted, because nothing is guessed."
    ]
    assert "Everything is known" not in said(app)
    assert "Every change of these months is dated." in said(app)


def test_a_frame_that_fails_is_named(open_app: App, copy: str) -> None:
    with changing(copy) as connection:
        connection.execute(text("drop table unknown_history"))
    app = open_app(PAGE, copy)
    assert not app.exception
    assert "The figures of “unknown history” could not be read" in said(app)
    assert "no such table" not in said(app)


def test_without_the_permission_nothing_is_shown(open_app: App) -> None:
    app = open_app(PAGE, role="nobody")
    assert "This page is not open to you" in said(app)
    assert not app.metric


def test_the_page_is_the_same_on_postgresql(open_app: App, postgres_url: str) -> None:
    fill(postgres_url)
    here, there = (figures(open_app(PAGE, **url)) for url in ({}, {"url": postgres_url}))
    assert {name: here[name] for name in [*here][1:]} == {name: there[name] for name in [*there][1:]}


def test_stretches_without_events_and_paused_collections_are_named(open_app: App, copy: str) -> None:
    with changing(copy) as connection:
        connection.execute(text("update data_version set data_at = '2026-09-01 00:00:00'"))
        version = {"committed_at": NOW, "data_at": NOW, "reason": "sync"}
        connection.execute(insert(operations.data_version).values(version))
        heard = "insert into event (id, type, created_at, observed_at) values ('evt', 'x', :at, :at)"
        connection.execute(text(heard), {"at": "2026-08-01 00:00:00"})
        one = "select subscription_id from timeline where currency = 'usd' and counted and to_at is null"
        connection.execute(text("update subscription set pause_behavior = null"))
        connection.execute(
            text(f"update subscription set pause_behavior = 'void' where id in ({one} limit 1)")
        )
    app = open_app(PAGE, url=copy, currency="USD")
    assert not app.exception
    assert "No event of 1 Sep 2026 to 22 Oct 2026 was heard" in said(app)
    assert "1 subscription, in MRR all the same." in said(app)
