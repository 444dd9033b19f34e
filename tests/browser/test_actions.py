"""Support does what customers ask for, in a real browser, against a sandbox that acts as Stripe does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data import frames
from data.config import Settings
from data.database import open_engine
from data.refresh import refresh
from data.sandbox.billing import people
from data.sandbox.store import Store
from tests.browser.conftest import serving
from tests.browser.test_pages import TIMEOUT, opened
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import API_KEY, running

pytestmark = pytest.mark.browser
CUSTOMERS = ("Birch", "Cedar", "Delta", "Elder")


@dataclass
class Support:
    """The app on a sandbox, one server for all journeys; each has a customer of its own."""

    scenario: Scenario
    address: str
    database: str

    def page(self, browser: Browser, customer: str) -> Page:
        """A customer's page."""
        return opened(browser, f"{self.address}/customer?id={customer}")

    def invoices(self, customer: str) -> list[dict[str, Any]]:
        """A customer's invoices as the sandbox has them, the oldest first."""
        return [each for each in self.scenario.store.all("invoices") if each["customer"] == customer]

    def entries(self, customer: str) -> list[str]:
        """What the audit says was done for a customer, the newest first."""
        engine = open_engine(self.database)
        entries = frames.audit_entries(engine, customer_id=customer)
        engine.dispose()
        return [str(what) for what in entries["what"]]


@pytest.fixture(scope="module")
def support(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Support]:
    """Customers with two seats each since three months ago; the last one is sent invoices and paid none."""
    store = Store()
    scenario = Scenario(store, "2026-01-03")
    monthly, _ = scenario.price(1_000), scenario.price(10_000, "year")
    for name in CUSTOMERS:
        scenario.customer = scenario.do(people.create_customer, name, f"{name}@example.com")["id"]
        scenario.card("4242")
        sent = {"collection_method": "send_invoice", "days_until_due": 30} if name == "Elder" else {}
        scenario.subscribe(items=[(monthly, 2)], **sent)
    scenario.until("2026-03-04")
    url = f"sqlite:///{tmp_path_factory.mktemp('support') / 'dashboard.db'}"
    with running(store) as stripe:
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": stripe}
        refresh(Settings(DATABASE_URL=url, **named))  # type: ignore[arg-type,call-arg]
        with serving(url, **named) as address:
            yield Support(scenario, address, url)
    store.close()


def of(support: Support, name: str, resource: str) -> dict[str, Any]:
    """The object of a kind that a customer has last."""
    owner = next(each["id"] for each in support.scenario.store.all("customers") if each["name"] == name)
    mine = [each for each in support.scenario.store.all(resource) if each["customer"] == owner]
    return {**mine[-1], "customer": owner}


def form(page: Page, menu: str, action: str) -> Locator:
    """Open an action's dialog."""
    page.get_by_role("button", name=menu, exact=True).click()
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


def test_a_plan_and_its_capacity_are_changed_now(browser: Browser, support: Support) -> None:
    subscription = of(support, "Birch", "subscriptions")
    page = support.page(browser, subscription["customer"])
    dialog = form(page, "Subscription", "Change plan or capacity")
    typed(dialog.get_by_label("Quantity"), "5")
    do(dialog, "Change plan and capacity", "5 × Seats at $10.00 monthly", "MRR: $20.00 → $50.00. Expansion.")
    arr = page.get_by_test_id("stMetric").filter(has_text="ARR").get_by_test_id("stMetricValue")
    expect(arr).to_have_text("$600", timeout=TIMEOUT)
    assert support.scenario.item(subscription["id"])["quantity"] == 5
    dialog = form(page, "Subscription", "Change plan or capacity")
    choose(dialog, "Seats", "Seats, yearly, $100.00")
    do(dialog, "Change plan and capacity", "5 × Seats at $100.00 yearly")
    expect(arr).to_have_text("$500", timeout=TIMEOUT)
    page.close()


def test_a_change_at_the_end_of_the_period_is_planned_and_dropped(browser: Browser, support: Support) -> None:
    subscription = of(support, "Cedar", "subscriptions")
    page = support.page(browser, subscription["customer"])
    dialog = form(page, "Subscription", "Change plan or capacity")
    typed(dialog.get_by_label("Quantity"), "1")
    choose(dialog, "When", "When the paid period ends")
    do(dialog, "Change plan and capacity", "MRR: $20.00 → $10.00. Contraction")
    assert support.scenario.item(subscription["id"])["quantity"] == 2
    assert support.scenario.subscription(subscription["id"])["schedule"]
    dialog = form(page, "Subscription", "Drop the planned change")
    do(dialog, "Drop planned change")
    assert support.scenario.subscription(subscription["id"])["schedule"] is None
    page.close()


def test_cancel_and_take_back(browser: Browser, support: Support) -> None:
    subscription = of(support, "Cedar", "subscriptions")
    page = support.page(browser, subscription["customer"])
    do(form(page, "Subscription", "Cancel subscription"), "Cancel subscription", "Scheduled churn")
    expect(page.get_by_text("Set to cancel on 3 Apr 2026")).to_be_visible(timeout=TIMEOUT)
    assert support.scenario.subscription(subscription["id"])["cancel_at_period_end"] is True
    do(form(page, "Subscription", "Take cancellation back"), "Keep subscription")
    expect(page.get_by_text("Set to cancel on 3 Apr 2026")).to_be_hidden(timeout=TIMEOUT)
    assert support.scenario.subscription(subscription["id"])["cancel_at"] is None
    page.goto(f"{support.address}/actions")
    expect(page.get_by_role("heading", name="Actions", exact=True)).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=TIMEOUT)
    assert support.entries(subscription["customer"])[:2] == ["Keep subscription", "Cancel subscription"]
    page.close()


def test_somebody_else_pays_and_the_card_is_changed_by_a_link(browser: Browser, support: Support) -> None:
    customer = of(support, "Delta", "subscriptions")["customer"]
    page = support.page(browser, customer)
    dialog = form(page, "Billing details", "Edit billing details")
    typed(dialog.get_by_label("Billing e-mail"), "payer@third.example")
    do(dialog, "Edit billing details", "payer@third.example")
    expect(page.get_by_text("payer@third.example").first).to_be_visible(timeout=TIMEOUT)
    assert support.scenario.found("customers", customer)["email"] == "payer@third.example"
    page.get_by_role("button", name="Card link").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_test_id("stCode").filter(has_text="/sandbox/portal/")
    expect(link).to_be_visible(timeout=TIMEOUT)
    theirs = browser.new_page()
    theirs.goto(link.inner_text().strip())
    theirs.get_by_label("Card number").fill("5555 5555 5555 4444")
    theirs.get_by_label("Expires, month").fill("4")
    theirs.get_by_label("year").fill("2030")
    theirs.get_by_role("button", name="Save card").click()
    expect(theirs.get_by_role("heading", name="Update your card")).to_be_hidden(timeout=TIMEOUT)
    settings = support.scenario.found("customers", customer)["invoice_settings"]
    card = support.scenario.found("payment_methods", settings["default_payment_method"])
    assert card["card"]["last4"] == "4444"
    assert support.entries(customer) == ["Make card link", "Edit billing details"]
    theirs.close()
    page.close()


def test_invoices_are_paid_voided_and_credited(browser: Browser, support: Support) -> None:
    customer = of(support, "Elder", "subscriptions")["customer"]
    first, second, third = support.invoices(customer)
    assert [each["status"] for each in (first, second, third)] == ["open"] * 3
    page = support.page(browser, customer)
    dialog = form(page, "Invoices", "Charge the card now")
    choose(dialog, "Invoice", str(first["number"]))
    do(dialog, "Charge the card")
    dialog = form(page, "Invoices", "Void an invoice")
    choose(dialog, "Invoice", str(second["number"]))
    do(dialog, "Void invoice")
    dialog = form(page, "Invoices", "Credit an invoice")
    choose(dialog, "Invoice", str(first["number"]))
    typed(dialog.get_by_label("Amount, USD"), "5")
    typed(dialog.get_by_label("Refunded to the card, USD"), "5")
    do(dialog, "Credit invoice")
    owed = page.get_by_test_id("stMetric").filter(has_text="Open on invoices")
    expect(owed.get_by_test_id("stMetricValue")).to_have_text("$20.00", timeout=TIMEOUT)
    assert [each["status"] for each in support.invoices(customer)] == ["paid", "void", "open"]
    assert [each["amount"] for each in support.scenario.store.all("refunds")] == [500]
    assert support.entries(customer) == ["Credit invoice", "Void invoice", "Charge the card"]
    page.close()
