"""The page of the pipeline: figures, what waits for me, and the way to a quote."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.quotes.states import STATES
from data import clock
from data.quotes import approvals as quote_approvals
from data.quotes import drafts as quotes
from data.quotes import states as quote_states
from data.quotes.states import Figures, Move
from tests.pages.business import fill
from tests.pages.conftest import App, said
from tests.pages.test_quotes import FIELDS

BY = ("ann@example.com", "sales")
WORTH = vars(Figures("usd", 120_000_00, 40_000_00, 40_000_00, 150_000_00, 120_000_00, 36))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small business with quotes in several states."""
    url = f"sqlite:///{tmp_path_factory.mktemp('pipeline') / 'dashboard.db'}"
    fill(url)
    at = clock.now()
    names = [quotes.create(url, FIELDS | {"prospect": name}, "ann@example.com") for name in "ABCDE"]
    for place, name in enumerate(names[1:]):
        quote_states.go(url, Move(name, "draft", "approved", 1, at, *BY, figures=WORTH))
        if place:
            quote_states.go(url, Move(name, "approved", "sent", 1, at, *BY, figures=WORTH))
    for name, end in zip(names[3:], ("accepted", "declined"), strict=True):
        quote_states.go(url, Move(name, "sent", end, 1, at, *BY))
    asked = Move(quotes.create(url, FIELDS, "bob@example.com"), "draft", "waiting", 1, at, *BY, figures=WORTH)
    quote_approvals.ask(url, asked, {"manager": ["20% off"]}, at + timedelta(days=3))
    return url


@pytest.fixture
def url(filled: str, tmp_path: Path) -> str:
    """A copy for one test."""
    shutil.copy(filled.removeprefix("sqlite:///"), tmp_path / "dashboard.db")
    return f"sqlite:///{tmp_path / 'dashboard.db'}"


def test_what_is_open_won_and_waits(open_app: App, url: str) -> None:
    app = open_app("pipeline", url, role="manager", which="mine")
    assert not app.exception
    figures = {each.label: each.value.replace("\\", "") for each in app.metric}
    assert figures["Open quotes"] == "4"
    assert figures["Win rate"] == "50.0%"
    assert figures["Wait for me"] == "1"
    assert figures["Value of open quotes"] == "$489.6k"  # three of 120,000, a draft of 129,600
    (mine,) = [each.value for each in app.dataframe if "Days in it" in each.value]
    assert mine["State"].tolist() == [STATES["waiting"]]
    (course,) = [each.value for each in app.dataframe if "Oldest, days in it" in each.value]
    assert course["Quotes"].tolist() == [1, 1, 1, 1]
    (off,) = [
        each.value for each in app.dataframe if "Off list" in each.value and "Quotes sent" in each.value
    ]
    assert off["Quotes sent"].tolist() == [3]


def test_a_viewer_sees_decided_ones_and_nothing_waits(open_app: App, url: str) -> None:
    app = open_app("pipeline", url, role="viewer", which="decided", owner="ann@example.com")
    assert not app.exception
    figures = {each.label: each.value for each in app.metric}
    assert (figures["Open quotes"], figures["Wait for me"]) == ("3", "0")
    (rows,) = [each.value for each in app.dataframe if "Days in it" in each.value]
    assert sorted(rows["State"]) == ["Accepted", STATES["declined"]]


def test_without_quotes(open_app: App) -> None:
    assert "No quotes yet" in said(open_app("pipeline"))
