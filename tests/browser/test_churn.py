"""Journeys in Chromium: why churn rose in a month, and what a cohort came to."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import place_of
from tests.browser.test_pages import TIMEOUT, opened

pytestmark = pytest.mark.browser
MONTH = "Aug 2026"


def point(page: Page, chart: int, place: int) -> None:
    """Click a point of a chart's first line that has so many."""
    points = (
        page.locator(".js-plotly-plot").nth(chart).locator(".scatterlayer .trace").first.locator("path.point")
    )
    expect(points.nth(place)).to_be_visible(timeout=TIMEOUT)
    box = place_of(points.nth(place))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_why_did_churn_rise_in_a_month(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/churn")
    point(page, 0, 8)  # the ninth of twelve months up to November

    expect(page.get_by_role("heading", name=f"Lost in {MONTH}")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text(f"lost in {MONTH}").first).to_be_visible()
    expect(page.get_by_text("In the 6 months before").first).to_be_visible()
    page.wait_for_url("**month=**")

    page.get_by_role("radio", name="Time as a customer").or_(
        page.get_by_role("button", name="Time as a customer")
    ).first.click()
    page.wait_for_url("**by=**")
    expect(page.get_by_text("By time as a customer").first).to_be_visible(timeout=TIMEOUT)
    link = page.url
    assert parse_qs(urlsplit(link).query)["month"] == [MONTH]

    colleague = opened(tab, link)
    expect(colleague.get_by_role("heading", name=f"Lost in {MONTH}")).to_be_visible(timeout=TIMEOUT)
    expect(colleague.get_by_text("By time as a customer").first).to_be_visible(timeout=TIMEOUT)


def test_a_cell_of_the_triangle_opens_its_customers(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/retention")
    point(page, 0, 3)
    expect(page.get_by_role("heading", name="Won in ").first).to_be_visible(timeout=TIMEOUT)
