"""From a conversation to a bill, as three people: sales configures and sends, a manager agrees."""

from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from tests.browser.conftest import Support
from tests.browser.forms import typed
from tests.browser.test_pages import TIMEOUT, WIDE, at_rest

pytestmark = pytest.mark.browser


def become(page: Page, role: str) -> None:
    """Go on as another person."""
    choose_in(page.get_by_test_id("stSidebar"), "Role", role)
    expect(page.get_by_role("combobox", name="Role")).to_have_value(role, timeout=TIMEOUT)
    at_rest(page)


def choose_in(place: Locator, label: str, option: str) -> None:
    """Choose an option of a list, and wait for the page, which may close the list while it draws."""
    wanted = place.page.get_by_role("option", name=option)
    for _ in range(5):
        place.get_by_role("combobox", name=label).click()
        with suppress(Error):
            wanted.click(timeout=5_000)
            break
        place.page.keyboard.press("Escape")
    at_rest(place.page)


def field(page: Page, label: str, value: str) -> None:
    """Type into a field and wait for the page."""
    typed(page.get_by_label(label, exact=True).first, value)
    at_rest(page)


def configure(page: Page) -> None:
    """Single sign-on, a domain and 99.95% for 250 seats over 36 months, with a ramp and 22% off."""
    for label, value in (("Prospect", "Sequoia"), ("Their e-mail", "sequoia@example.com")):
        field(page, label, value)
    field(page, "Capacity in seats", "250")
    for addon in ("Single sign-on", "Custom domain", "Uptime SLA"):
        choose_in(page.get_by_test_id("stMain"), "Add-ons", addon)
    page.keyboard.press("Escape")
    choose_in(page.get_by_test_id("stMain"), "Uptime SLA: uptime promised", "99.95%")
    field(page, "E-mail domains", "sequoia.example")
    field(page, "Custom domain: hostname", "portal.sequoia.example")
    field(page, "Term in months", "36")
    for label, value in (("Percent", "22"), ("Reason", "Three years"), ("Year 2: capacity", "300")):
        field(page, label, value)


def test_a_quote_is_configured_approved_sent_accepted_and_billed(
    browser: Browser, support: Support, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]}, accept_downloads=True)
    page.goto(f"{support.address}/quotes")
    become(page, "Sales")
    page.get_by_role("button", name="New quote").click()
    expect(page.get_by_label("Prospect", exact=True)).to_be_visible(timeout=TIMEOUT)
    configure(page)
    expect(page.get_by_text("Needs the approval of manager")).to_be_visible(timeout=TIMEOUT)
    field(page, "Why", "They take three years")
    page.get_by_role("button", name="Ask manager").click()
    expect(page.get_by_role("button", name="Take it back to change it")).to_be_visible(timeout=TIMEOUT)
    become(page, "Manager")
    page.get_by_role("button", name="Approve as manager").click()
    expect(page.get_by_text("It can be sent as it is")).to_be_visible(timeout=TIMEOUT)
    become(page, "Sales")
    form = sent(page, tmp_path / "order_form.pdf")
    accepted(page, form)
    customer = support.customer("Sequoia")
    invoices = support.invoices(customer)
    assert [invoice["total"] for invoice in invoices] == [3_967_891]
    phases = support.asked(f"/v1/subscription_schedules?customer={customer}")["data"][0]["phases"]
    assert [phase["items"][0]["quantity"] for phase in phases] == [250, 300]
    assert support.entries(customer)[:2] == ["Plan ramp", "Accept quote"]
    page.get_by_role("button", name="Open customer").click()
    page.get_by_role("tab", name="Quotes and add-ons").click()
    expect(page.get_by_text("Add-ons being set up")).to_be_visible(timeout=TIMEOUT)
    page.close()


def sent(page: Page, to: Path) -> Path:
    """Compare with Stripe, send, and take the order form along, as the customer signed it."""
    page.get_by_role("button", name="Send quote").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_role("button", name="Compare with Stripe").click()
    expect(dialog.get_by_text("Stripe comes to the same: $39,678.91")).to_be_visible(timeout=TIMEOUT)
    dialog.get_by_role("button", name="Send quote").click()
    expect(page.get_by_role("button", name="The customer accepts")).to_be_visible(timeout=TIMEOUT)
    with page.expect_download() as download:
        page.get_by_role("button", name="Order form").click()
    to.write_bytes(Path(download.value.path()).read_bytes() + b"\n% signed\n%%EOF\n")
    return to


def accepted(page: Page, form: Path) -> None:
    """Note who signed, with the document."""
    page.get_by_role("button", name="The customer accepts").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.locator("input[type=file]").set_input_files(form)
    dialog.get_by_label("Signed by").fill("Ada Byron, CFO")
    dialog.get_by_label("Signed by").press("Enter")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("Billed now: $39,678.91.")).to_be_visible(timeout=TIMEOUT)
    dialog.get_by_role("button", name="Accept quote").click()
    expect(dialog).to_be_hidden(timeout=TIMEOUT)
    expect(page.get_by_text(", signed by Ada Byron, CFO")).to_be_visible(timeout=TIMEOUT)
