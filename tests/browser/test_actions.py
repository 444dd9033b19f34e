"""Support cancels a subscription, takes that back, and edits the billing address, in a real browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data import frames
from data.config import Settings
from data.database import open_engine
from data.refresh import refresh
from data.sandbox.store import Store
from tests.browser.conftest import serving
from tests.browser.test_pages import opened
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import API_KEY, running

pytestmark = pytest.mark.browser


@dataclass
class Support:
    """The app on a sandbox with one customer, and that customer's page."""

    scenario: Scenario
    subscription: str
    page: Page
    database: str


@pytest.fixture
def support(browser: Browser, tmp_path: Path) -> Iterator[Support]:
    """One customer with one subscription, synced."""
    store = Store()
    scenario = Scenario(store, "2026-01-03")
    name = scenario.subscribe(1_000, 2)
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    with running(store) as stripe:
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": stripe}
        refresh(Settings(DATABASE_URL=url, **named))  # type: ignore[arg-type,call-arg]
        with serving(url, **named) as address:
            page = opened(browser, f"{address}/customer?id={scenario.customer}")
            yield Support(scenario, name, page, url)
            page.close()
    store.close()


def form(page: Page, menu: str, action: str) -> Locator:
    """Open an action's dialog."""
    page.get_by_role("button", name=menu, exact=True).click()
    page.get_by_role("button", name=action).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=30_000)
    return dialog


def do(dialog: Locator, verb: str) -> None:
    """Preview, say why, and press the button."""
    dialog.get_by_role("button", name="Preview").click()
    why = dialog.get_by_label("Why", exact=True)
    expect(why).to_be_visible(timeout=30_000)
    why.fill("Asked by phone")
    why.press("Tab")
    button = dialog.get_by_role("button", name=verb)
    expect(button).to_be_enabled(timeout=30_000)
    button.click()
    expect(dialog).to_be_hidden(timeout=60_000)


def test_cancel_and_take_back(support: Support) -> None:
    page, scenario = support.page, support.scenario
    dialog = form(page, "Subscription", "Cancel subscription")
    do(dialog, "Cancel subscription")
    expect(page.get_by_text("Set to cancel on 3 Feb 2026")).to_be_visible(timeout=30_000)
    assert scenario.subscription(support.subscription)["cancel_at_period_end"] is True
    dialog = form(page, "Subscription", "Take cancellation back")
    do(dialog, "Keep subscription")
    expect(page.get_by_text("Set to cancel on 3 Feb 2026")).to_be_hidden(timeout=30_000)
    assert scenario.subscription(support.subscription)["cancel_at"] is None
    page.goto(page.url.split("/customer")[0] + "/actions")
    expect(page.get_by_role("heading", name="Actions")).to_be_visible(timeout=30_000)


def test_more_seats_are_previewed_and_bought(support: Support) -> None:
    page, scenario = support.page, support.scenario
    dialog = form(page, "Subscription", "Change plan or capacity")
    quantity = dialog.get_by_label("Quantity")
    quantity.fill("5")
    quantity.press("Tab")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("5 × Seats at $10.00 monthly")).to_be_visible(timeout=30_000)
    expect(dialog.get_by_text("MRR: $20.00 → $50.00. Expansion.")).to_be_visible()
    why = dialog.get_by_label("Why", exact=True)
    why.fill("Asked by phone")
    why.press("Tab")
    dialog.get_by_role("button", name="Change plan and capacity").click()
    expect(dialog).to_be_hidden(timeout=60_000)
    metric = page.get_by_test_id("stMetric").filter(has_text="ARR")
    expect(metric.get_by_test_id("stMetricValue")).to_have_text("$600", timeout=30_000)
    assert scenario.item(support.subscription)["quantity"] == 5


def test_billing_details_and_a_card_link(support: Support) -> None:
    page, scenario = support.page, support.scenario
    dialog = form(page, "Billing details", "Edit billing details")
    email = dialog.get_by_label("Billing e-mail")
    email.fill("payer@third.example")
    email.press("Tab")
    do(dialog, "Edit billing details")
    expect(page.get_by_text("payer@third.example")).to_be_visible(timeout=30_000)
    assert scenario.customer_now()["email"] == "payer@third.example"
    page.get_by_role("button", name="Card link").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("/sandbox/portal/")).to_be_visible(timeout=30_000)
    page.goto(page.url.split("/customer")[0] + "/actions")
    expect(page.get_by_role("heading", name="Actions", exact=True)).to_be_visible(timeout=30_000)
    engine = open_engine(support.database)
    entries = frames.audit_entries(engine, customer_id=scenario.customer)
    engine.dispose()
    assert entries["what"].tolist() == ["Make card link", "Edit billing details"]
