"""Pages as a person sees them: at two widths, light and dark, by link, by click, and as a file."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from dashboard.navigation import ENTRIES, Entry
from tests.browser.conftest import serving
from tests.pages.business import fill

pytestmark = pytest.mark.browser
PAGES = ("plan_mix", "renewals", "churn")
TIMEOUT = 60_000  # milliseconds; a busy machine draws slowly
FITS = "() => (main => main.scrollWidth <= main.clientWidth)(document.querySelector('[data-testid=stMain]'))"
WIDE, NARROW = (1280, 900), (390, 844)


def opened(page: Page, url: str, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
    """A page that has been drawn: figures and charts are there."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(url)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=TIMEOUT)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=TIMEOUT)
    return page


def at_rest(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    drawn = page.locator("[data-test-script-state=notRunning]")
    expect(drawn.first).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=TIMEOUT)


def test_every_page_fits_its_window(tab: Page, address: str) -> None:
    faults: list[Error] = []

    def note(fault: Error) -> None:
        faults.append(fault)

    tab.on("pageerror", note)
    tab.goto(address)
    wrong = [(entry.file, each) for entry in ENTRIES if entry.in_menu for each in _unfit(tab, entry)]
    tab.remove_listener("pageerror", note)
    assert not wrong
    assert not faults


def _unfit(tab: Page, entry: Entry) -> Iterator[str]:
    """Go to a page by the menu; where it is wider than its window, or failed."""
    tab.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    tab.get_by_test_id("stSidebar").get_by_role("link", name=entry.title).first.click(timeout=TIMEOUT)
    expect(tab.get_by_role("heading", name=entry.title, exact=True)).to_be_visible(timeout=TIMEOUT)
    expect(tab.get_by_text("Data as of")).to_be_visible(timeout=TIMEOUT)
    for (width, height), scheme in ((WIDE, "light"), (NARROW, "dark")):
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        at_rest(tab)
        try:  # what is drawn takes a moment to follow its window
            tab.wait_for_function(FITS, timeout=5_000)
        except Error:
            yield scheme
    if tab.get_by_text("could not be").count() or tab.get_by_test_id("stException").count():
        yield "it failed"


def test_nothing_is_asked_of_another_machine(browser: Browser, address: str) -> None:
    page = browser.new_page()
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.goto(f"{address}/")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=TIMEOUT)
    assert hosts <= {"127.0.0.1", "", None}
    page.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_link_carries_its_filters_and_nonsense_is_dropped(tab: Page, address: str, path: str) -> None:
    asked = "currency=EUR&terms=All+terms&plan=Professional&plan=nonsense&interval=%3Cb%3E"
    page = opened(tab, f"{address}/{path}?{asked}")
    expect(page.get_by_test_id("stMetricValue").filter(has_text="€").first).to_be_visible()
    expect(page.get_by_role("button", name="Professional").first).to_be_visible()
    page.wait_for_url(lambda url: "nonsense" not in url and "interval" not in url)
    assert "currency=EUR" in page.url


def test_a_click_on_a_filter_is_in_the_address_and_survives_another_page(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/plan_mix")
    page.get_by_role("button", name="All plans").click()
    page.get_by_test_id("stPopoverBody").get_by_text("Business", exact=True).click()
    page.wait_for_url("**plan=Business**")
    page.get_by_role("link", name="Churn").click()
    page.wait_for_url("**/churn**")
    expect(page.get_by_role("heading", name="Churn", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Business").first).to_be_visible()


def test_filters_of_a_link_survive_the_menu(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/plan_mix?currency=EUR&plan=Business")
    expect(page.get_by_test_id("stMetricValue").filter(has_text="€").first).to_be_visible()
    for title in ("Churn", "Renewals", "Plan mix"):
        page.get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=TIMEOUT)
        expect(page.get_by_role("button", name="Business").first).to_be_visible(timeout=TIMEOUT)
        expect(page.get_by_test_id("stMetricValue").filter(has_text="€").first).to_be_visible()


def test_the_table_behind_a_chart_comes_as_a_file(tab: Page, address: str, tmp_path: Path) -> None:
    page = opened(tab, f"{address}/churn")
    page.get_by_role("tab", name="Table").first.click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download CSV").first.click()
    file = tmp_path / "churn.csv"
    started.value.save_as(file)
    heading, *rows = file.read_text("utf-8-sig").splitlines()
    assert heading.startswith("Month,Customer churn,Stripe's rate")
    assert rows[-1].startswith("2026-11,")


def test_a_page_fills_itself_when_the_first_sync_is_done(tab: Page, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    with serving(url) as address:
        tab.goto(f"{address}/churn")
        expect(tab.get_by_role("heading", name="Nothing has been read yet")).to_be_visible(timeout=TIMEOUT)
        fill(url)
        expect(tab.locator(".js-plotly-plot").first).to_be_visible(timeout=TIMEOUT)
        assert tab.url.endswith("/churn")
