"""The page of what waits for a second person."""

from datetime import timedelta
from pathlib import Path

import pytest

from data import approvals, clock, letters
from data.approvals import Approval
from data.letters import Letter
from data.quotes import approvals as quote_approvals
from data.quotes import drafts as quotes
from data.quotes.states import Move
from tests.pages.business import fill
from tests.pages.conftest import App, said

SHOWN = {
    "seen": {"status": "active"},
    "rows": [["Discounts", "None", "Half: 50% off, forever"]],
    "currency": "usd",
    "arr": [120_000, 60_000],
    "effect": "Contraction",
    "billed": ["usd", 5_000, False],
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A small business where sales asked for two discounts, one of which has waited too long."""
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    fill(url)
    now = clock.now()
    for number, until in enumerate((now + timedelta(days=7), now - timedelta(days=1))):
        asked = Approval(
            f"r{number}",
            "Apply coupon",
            "cus_none",
            f"sub_{number}",
            {"type": "ApplyCoupon"},
            "local sales",
            "sales",
            "=a good customer",
            ["The discounts come to 50%, and sales may give up to 10% alone."],
            SHOWN,
            now - timedelta(days=9),
            until,
        )
        approvals.ask(url, asked)
    return url


def test_what_waits_and_who_may_decide(open_app: App, url: str) -> None:
    app = open_app("approvals", url, role="manager")
    assert not app.exception
    assert "MRR: $100.00 → $50.00. Contraction." in said(app)
    assert "Billed when the period ends, as of then: $50.00." in said(app)
    assert [each.label for each in app.button if each.label in ("Look at it now", "Decline", "Withdraw")] == [
        "Look at it now",
        "Decline",
    ]
    decided = next(each.value for each in app.dataframe if "Decided by" in each.value)
    assert (decided["Outcome"].tolist(), decided["Why"].tolist()) == (["Expired"], ["'=a good customer"])
    app.button(key="look_r0").click().run()
    assert "There is no key for Stripe" in app.error[0].value
    assert app.button(key="decline_r0").disabled
    app.text_input(key="comment_r0").set_value("too much").run()
    app.button(key="decline_r0").click().run()
    assert not app.exception
    decided = next(each.value for each in app.dataframe if "Decided by" in each.value)
    assert decided["Outcome"].tolist() == ["Declined", "Expired"]


def test_whoever_asked_may_only_take_it_back(open_app: App, url: str) -> None:
    app = open_app("approvals", url, role="sales")
    labels = [each.label for each in app.button]
    assert "Withdraw" in labels
    assert "Look at it now" not in labels


def test_a_viewer_does_not_see_them(open_app: App, url: str) -> None:
    assert "This page is not open to you" in said(open_app("approvals", url, role="viewer"))


def test_nothing_waits(open_app: App) -> None:
    assert "Nobody has asked for approval yet" in said(open_app("approvals"))


def test_who_was_told_of_a_quote_and_who_was_not(
    open_app: App, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("MAIL_FROM", "ops@example.com")
    at, by = clock.now(), ("ann@example.com", "sales", "Three years", "sealed", {"currency": "usd"})
    key = quotes.create(url, {"prospect": "Initech"}, "ann@example.com")
    told = [Letter(f"{name}@example.com", "To approve", "Look") for name in ("max", "mia", "may")]
    asked = Move(key, "draft", "waiting", 1, at, *by)
    quote_approvals.ask(url, asked, {"manager": ["20% off"]}, at + timedelta(days=3), told)
    first, second, _ = letters.claim(url)
    letters.settle(url, first, None)
    letters.settle(url, second, "The mail server does not take it.")
    app = open_app("approvals", url, role="manager")
    assert not app.exception
    assert "Told by e-mail: max@example.com." in said(app)
    assert "Being told by e-mail: may@example.com." in said(app)
    assert "mia@example.com is not told yet. The mail server does not take it." in said(app)
