"""The app as it is served: headers on every answer, and no page that they keep from working."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.headers import HEADERS

pytestmark = pytest.mark.browser
TIMEOUT = 60_000


@pytest.mark.parametrize("path", ["/", "/renewals", "/healthz", "/static/none.js", "/webhooks/stripe"])
def test_every_answer_has_them(address: str, path: str) -> None:
    answer = httpx.get(f"{address}{path}")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers


def drawn(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=TIMEOUT)
    expect(page.locator("[data-test-script-state=notRunning]").first).to_be_visible(timeout=TIMEOUT)


def test_the_pages_work_under_them(address: str, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in ("plan_mix", "renewals", "churn"):
        drawn(page, f"{address}/{path}")
    page.get_by_role("tab", name="Table").first.click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=TIMEOUT)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download CSV").first.click()
    started.value.save_as(tmp_path / "churn.csv")
    assert (tmp_path / "churn.csv").read_text("utf-8-sig").startswith("Month,")
    blocked = [each for each in told if "404 (Not Found)" not in each]  # Streamlit looks for what need not be
    assert not blocked, "\n".join(blocked)
    page.close()
