"""The app as it is served: headers on every answer, and no page that they keep from working."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.headers import HEADERS
from tests.browser.conftest import ROOT, _free_port, _wait
from tests.pages.business import fill

pytestmark = pytest.mark.browser
TIMEOUT = 60_000
SERVE = "import socket; from dashboard.server import serve; serve(socket.create_server(('127.0.0.1', {})))"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """The address of the whole process: pages, routes and headers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('served') / 'dashboard.db'}"
    fill(url)
    port = _free_port()
    command = [sys.executable, "-c", SERVE.format(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url})
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize("path", ["/", "/renewals", "/healthz", "/static/none.js", "/webhooks/stripe"])
def test_every_answer_has_them(served: str, path: str) -> None:
    answer = httpx.get(f"{served}{path}")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers


def drawn(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=TIMEOUT)
    expect(page.locator("[data-test-script-state=notRunning]").first).to_be_visible(timeout=TIMEOUT)


def test_the_pages_work_under_them(served: str, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in ("plan_mix", "renewals", "churn"):
        drawn(page, f"{served}/{path}")
    page.get_by_role("tab", name="Table").first.click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=TIMEOUT)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download CSV").first.click()
    started.value.save_as(tmp_path / "churn.csv")
    assert (tmp_path / "churn.csv").read_text("utf-8-sig").startswith("Month,")
    blocked = [each for each in told if "404 (Not Found)" not in each]  # Streamlit looks for what need not be
    assert not blocked, "\n".join(blocked)
    page.close()
