"""Filters in a real browser: by link, by the menu, by Back, and folded on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.test_pages import TIMEOUT, at_rest, opened

pytestmark = pytest.mark.browser
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=TIMEOUT)


def test_the_address_keeps_a_links_filters_after_the_menu(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/plan_mix?currency=eur&plan=business&plan=nonsense")
    expect(page.get_by_text("nothing here is called so: “nonsense”")).to_be_visible(timeout=TIMEOUT)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Churn").click()
    heading(page, "Churn")
    page.wait_for_url(re.compile(r"/churn\?currency=eur&plan=business$"), timeout=TIMEOUT)
    expect(page.get_by_test_id("stMetricValue").filter(has_text="€").first).to_be_visible(timeout=TIMEOUT)


def test_back_steps_through_filters_and_pages(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/plan_mix")
    page.get_by_role("button", name="All plans").click()
    page.get_by_test_id("stPopoverBody").get_by_text("Business", exact=True).click()
    page.wait_for_url("**plan=Business", timeout=TIMEOUT)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Churn").click()
    heading(page, "Churn")
    page.go_back()
    heading(page, "Plan mix")
    expect(page.get_by_role("button", name="Business").first).to_be_visible(timeout=TIMEOUT)
    page.go_back()
    expect(page.get_by_role("button", name="All plans")).to_be_visible(timeout=TIMEOUT)
    assert page.url.endswith("/plan_mix")


def test_filters_fold_on_a_phone_whose_menu_carries_them(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, user_agent=PHONE)
    page = context.new_page()
    page.goto(f"{address}/plan_mix?plan=Business")
    expect(page.get_by_text("Filters, Business")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_role("button", name="All customers")).not_to_be_visible()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Churn").click()
    heading(page, "Churn")
    page.wait_for_url("**/churn?plan=Business", timeout=TIMEOUT)
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true", timeout=TIMEOUT)
    context.close()


class SlowServer:
    """What the server says to a page is kept back, until it is let through."""

    def __init__(self, page: Page) -> None:
        self.page, self.kept, self.holds = page, [], False  # type: ignore[var-annotated]
        page.route_web_socket(re.compile("stream"), self._between)

    def _between(self, client: WebSocketRoute) -> None:
        self.client = client
        client.connect_to_server().on_message(self._tell)

    def _tell(self, told: str | bytes) -> None:
        if self.holds:
            self.kept.append(told)
        else:
            self.client.send(told)

    def said(self, word: bytes) -> None:
        """Wait until the server has said a word, which the page does not know yet."""
        for _ in range(TIMEOUT // 50):
            if any(word in told for told in self.kept):
                return
            self.page.wait_for_timeout(50)
        raise TimeoutError(word)

    def answer(self) -> None:
        self.holds = False
        for told in self.kept:
            self.client.send(told)


def test_two_filters_before_the_first_answer_are_both_kept(browser: Browser, address: str) -> None:
    page = browser.new_page()
    server = SlowServer(page)
    page.goto(f"{address}/plan_mix")
    page.get_by_role("button", name="All plans").click()
    choices = page.get_by_test_id("stPopoverBody")
    expect(choices).to_be_visible(timeout=TIMEOUT)
    server.holds = True
    choices.get_by_text("Business", exact=True).click()
    server.said(b"plan=Business")
    choices.get_by_text("Yearly", exact=True).click()
    server.said(b"interval=Yearly")
    server.answer()
    expect(page.get_by_role("button", name="Business +1")).to_be_visible(timeout=TIMEOUT)
    at_rest(page)
    assert page.url.endswith("/plan_mix?plan=Business&interval=Yearly")
    page.close()


def test_explain_shows_what_makes_up_a_figure(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}/plan_mix?plan=Professional")
    page.get_by_role("button", name="Explain").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("which add up to MRR")).to_be_visible(timeout=TIMEOUT)
    dialog.get_by_role("tab", name="Left out, by reason").click()
    with page.expect_download() as started:
        dialog.get_by_role("button", name="Excel").last.click()
    assert started.value.suggested_filename.endswith(".xlsx")
