"""The forms of a customer's page as a person fills them in."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_pages import TIMEOUT, at_rest


def form(page: Page, menu: str, action: str) -> Locator:
    """Open an action's dialog."""
    button = page.get_by_role("button", name=menu, exact=True)
    expect(button).to_have_count(1, timeout=TIMEOUT)  # while a run replaces elements there may be two
    at_rest(page)  # a run that redraws the menu closes it
    button.click()
    page.get_by_role("menuitem", name=action).click()
    dialog = page.get_by_test_id("stDialog")
    expect(dialog.get_by_text("What it leads to")).to_be_visible(timeout=TIMEOUT)
    return dialog


def choose(dialog: Locator, label: str, option: str) -> None:
    """Choose an option of a list."""
    dialog.get_by_role("combobox", name=label).click()
    dialog.page.get_by_role("option", name=option).click()


def typed(field: Locator, text: str) -> None:
    """Type and leave the field, so that the page knows."""
    field.fill(text)
    field.press("Tab")


def do(dialog: Locator, verb: str, *says: str) -> None:
    """Preview, see what it says, say why, and press the button."""
    dialog.get_by_role("button", name="Preview").click()
    for each in says:
        expect(dialog.get_by_text(each).first).to_be_visible(timeout=TIMEOUT)
    why = dialog.get_by_label("Why", exact=True)
    expect(why).to_be_visible(timeout=TIMEOUT)
    typed(why, "Asked by phone")
    button = dialog.get_by_role("button", name=verb)
    expect(button).to_be_enabled(timeout=TIMEOUT)
    button.click()
    expect(dialog).to_be_hidden(timeout=TIMEOUT)
