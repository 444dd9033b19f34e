"""A controller finds who owes for more than 60 days, notes a promise, and opens the invoice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import place_of, serving
from tests.browser.test_pages import TIMEOUT, opened
from tests.pages.business import fill
from tests.pages.owing import NUMBER, make_late

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tab: Page, tmp_path: Path) -> Iterator[Page]:
    """Receivables of a business where one customer owes for long."""
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    fill(url)
    make_late(url)
    with serving(url) as address:
        yield opened(tab, f"{address}/receivables")


def pick_first(page: Page, heading: str) -> None:
    """Select the first row of the table under a heading."""
    card = page.get_by_test_id("stVerticalBlock").filter(has=page.get_by_role("heading", name=heading))
    table = card.last.get_by_test_id("stDataFrame").first
    box = place_of(table)
    page.mouse.click(box["x"] + 18, box["y"] + 35 * 1.5)


def test_who_owes_more_than_sixty_days(page: Page) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text("Over 60 days").click()
    expect(page.get_by_text("1 customer, $1,234.56 in all.")).to_be_visible(timeout=TIMEOUT)
    page.wait_for_url("**/receivables?*overdue=Over*60*days*", timeout=TIMEOUT)
    pick_first(page, "Who owes")
    expect(page.get_by_role("button", name="Open the customer")).to_be_visible(timeout=TIMEOUT)
    pick_first(page, "Open invoices of")
    note = page.get_by_label("Note", exact=True)
    expect(note).to_be_visible(timeout=TIMEOUT)
    note.fill("Ines will pay on Friday")
    note.press("Control+Enter")
    page.get_by_role("button", name="Keep note").click(timeout=TIMEOUT)
    expect(page.get_by_text("The note is kept.")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("Ines will pay on Friday").last).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("button", name="Open the invoice").click()
    page.wait_for_url("**/invoices?*id=in_*", timeout=TIMEOUT)
    expect(page.get_by_role("heading", name=NUMBER)).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("Ines will pay on Friday").last).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("button", name="All invoices").click()
    search = page.get_by_placeholder("Number, customer, e-mail, amount, purchase order or id")
    expect(search).to_be_visible(timeout=TIMEOUT)
    search.fill("1,234.56")
    search.press("Enter")
    expect(page.get_by_text("1 to 1, the newest first")).to_be_visible(timeout=TIMEOUT)
    pick_first(page, "All invoices")
    expect(page.get_by_role("heading", name=NUMBER)).to_be_visible(timeout=TIMEOUT)
