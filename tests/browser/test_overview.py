"""Overview in a real browser: from a month in the chart to the movement, its reason and the customer."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import place_of
from tests.browser.test_pages import TIMEOUT, opened

pytestmark = pytest.mark.browser
NARROW = (390, 844)


@pytest.mark.parametrize("path", ["overview", "growth"])
def test_a_page_fits_a_narrow_window_in_the_dark(tab: Page, address: str, path: str) -> None:
    page = opened(tab, f"{address}/{path}", NARROW, "dark")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.get_by_test_id("stException").count() == 0


def test_from_a_bar_to_the_customers_page(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/overview")
    expect(page.get_by_role("heading", name="Largest movements, Nov 2026 so far")).to_be_visible()
    _click_a_bar(page, month=10)
    expect(page.get_by_role("heading", name="Largest movements, Oct 2026")).to_be_visible(timeout=TIMEOUT)
    table = page.get_by_test_id("stDataFrame").last
    box = place_of(table)
    page.mouse.click(box["x"] + 18, box["y"] + 35 * 1.5)  # the first row's mark
    page.wait_for_url("**/customer?**", timeout=TIMEOUT)
    assert "id=cus_" in page.url


def _click_a_bar(page: Page, month: int) -> None:
    """Click the column of new MRR of a month, by its place in the chart."""
    bar = page.locator(".js-plotly-plot").first.locator(".barlayer .trace").first.locator("path").nth(month)
    box = place_of(bar)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
