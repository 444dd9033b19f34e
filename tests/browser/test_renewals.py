"""In a real browser: who must renew next month and is at risk, and what is written beside a renewal."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data import frames
from data.database import open_engine
from tests.browser.conftest import serving
from tests.browser.test_pages import at_rest, opened
from tests.pages.business import fill

pytestmark = pytest.mark.browser
SOON = 30_000  # milliseconds


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of a small business of the test's own."""
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    fill(url)
    return url


@pytest.fixture
def page(tab: Page, database: str) -> Iterator[Page]:
    """The page of renewals, drawn."""
    with serving(database) as address:
        yield opened(tab, f"{address}/renewals")


def choose(page: Page, *names: str) -> None:
    """Press options that stand side by side."""
    for name in names:
        page.get_by_role("radio", name=name, exact=True).click()
        expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked(timeout=SOON)
        expect(page).to_have_url(re.compile(name.replace(" ", r"(\+|%20)")), timeout=SOON)


def test_who_must_renew_next_month_and_is_at_risk(page: Page, database: str, tmp_path: Path) -> None:
    choose(page, "All terms", "Next month", "At risk only")
    expect(page).to_have_url(re.compile("terms=.*window=.*risk="), timeout=SOON)

    at_rest(page)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download calendar").click()
    started.value.save_as(tmp_path / "renewals.ics")
    events = (tmp_path / "renewals.ics").read_text("utf-8").count("BEGIN:VEVENT")
    assert events > 0

    card = page.locator("[data-testid=stVerticalBlock]").filter(has_text="Renewals by customer").last
    table = card.get_by_test_id("stDataFrame").first
    at_rest(page)
    table.scroll_into_view_if_needed()
    table.click(position={"x": 16, "y": 52})
    expect(page.get_by_text("Why at risk").last).to_be_visible(timeout=SOON)
    page.get_by_label("Owner", exact=True).fill("Grace")
    page.get_by_label("Next step").fill("Call before the notice date")
    page.get_by_role("button", name="Save renewal").click()
    expect(page.get_by_text("Saved the renewal.")).to_be_visible(timeout=SOON)

    engine = open_engine(database)
    (note,) = frames.renewal_notes(engine).to_dict("records")
    engine.dispose()
    assert (note["owner"], note["next_step"]) == ("Grace", "Call before the notice date")
    assert f"{note['due_on']:%Y-%m}" == "2026-12"
