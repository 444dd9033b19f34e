"""Sign-in in the browser with a real provider: deep link, role, no role, end of its time, sign-out."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from data.database import open_engine
from data.tables.actions import audit_entry
from tests.browser.conftest import ROOT, SERVE, free_port, wait_for
from tests.pages.business import fill

pytestmark = pytest.mark.browser
TIMEOUT = 30_000
ANN, BOB = "ann@example.com", "bob@example.com"
LASTS = timedelta(seconds=15)  # a sign-in


@contextmanager
def providing(*people: str, lasts: timedelta = LASTS) -> Iterator[int]:
    """The port of a provider that knows these people, while it lasts."""
    port = free_port()
    known = [part for name in people for part in ("--user-claims", json.dumps({"sub": name, "email": name}))]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--token-max-age",
        str(int(lasts.total_seconds())),
        *known,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://localhost:{port}/.well-known/openid-configuration", process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def serving(url: str, issuer: int, roles: str = "ann@example.com=viewer") -> Iterator[str]:
    """The app with sign-in at a provider on this port, while it lasts."""
    port = free_port()
    settings = {
        "DATABASE_URL": url,
        "OIDC_ISSUER": f"http://localhost:{issuer}",
        "OIDC_CLIENT_ID": "ops",
        "OIDC_CLIENT_SECRET": "hush",
        "OIDC_COOKIE_SECRET": "0123456789abcdef" * 2,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ROLE_EMAILS": roles,
    }
    command = [sys.executable, "-c", SERVE.format(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings})
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def sign_in(page: Page, email: str) -> None:
    page.get_by_role("button", name="Sign in").click(timeout=TIMEOUT)
    page.get_by_role("button", name=email).click(timeout=TIMEOUT)


def test_people_sign_in_and_out(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('sign_in') / 'dashboard.db'}"
    fill(url)
    with providing(ANN, BOB) as issuer, serving(url, issuer) as address:
        page = browser.new_page()
        _a_deep_link_survives(page, address)
        _its_time_passes(page, address)
        _nobody_gave_a_role(browser.new_page(), address)
    with open_engine(url).connect() as connection:
        said = connection.execute(select(audit_entry.c.person, audit_entry.c.what)).all()
    assert [tuple(row) for row in said] == [(ANN, "Sign in"), (ANN, "Sign out"), (ANN, "Sign in")]


def _a_deep_link_survives(page: Page, address: str) -> None:
    page.goto(f"{address}/exchange_rates?currency=eur")
    expect(page.get_by_role("heading", name="Exchange rates")).not_to_be_visible()
    sign_in(page, ANN)
    expect(page.get_by_role("heading", name="Exchange rates")).to_be_visible(timeout=TIMEOUT)
    assert page.url == f"{address}/exchange_rates?currency=eur"
    expect(page.get_by_text(f"{ANN}, viewer")).to_be_visible()
    expect(page.get_by_role("button", name="Keep rate")).not_to_be_visible()  # viewers only look
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click(timeout=TIMEOUT)  # the provider's own page
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=TIMEOUT)


def _its_time_passes(page: Page, address: str) -> None:
    page.goto(f"{address}/overview")
    sign_in(page, ANN)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=TIMEOUT)
    page.wait_for_timeout(LASTS.total_seconds() * 1000)
    page.get_by_role("link", name="Churn").click()
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible(timeout=TIMEOUT)


def _nobody_gave_a_role(page: Page, address: str) -> None:
    page.goto(f"{address}/churn")
    sign_in(page, BOB)
    expect(page.get_by_text("You have no access yet")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text(BOB)).to_be_visible()
    expect(page.get_by_role("link", name="Churn")).not_to_be_visible()
