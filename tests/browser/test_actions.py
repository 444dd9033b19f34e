"""Support does what customers ask for, in a real browser, against a sandbox that acts as Stripe does."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Support
from tests.browser.forms import choose, do, form, typed
from tests.browser.test_pages import TIMEOUT, opened

pytestmark = pytest.mark.browser


def test_a_plan_and_its_capacity_are_changed_now(tab: Page, support: Support) -> None:
    subscription = support.subscription(support.customer("Birch"))
    page = opened(tab, support.link(subscription["customer"]))
    dialog = form(page, "Subscription", "Change plan or capacity")
    typed(dialog.get_by_label("Quantity"), "5")
    do(dialog, "Change plan and capacity", "5 × Seats at $10.00 monthly", "MRR: $20.00 → $50.00. Expansion.")
    arr = page.get_by_test_id("stMetric").filter(has_text="ARR").get_by_test_id("stMetricValue").first
    expect(arr).to_have_text("$600", timeout=TIMEOUT)
    assert support.scenario.item(subscription["id"])["quantity"] == 5
    dialog = form(page, "Subscription", "Change plan or capacity")
    choose(dialog, "Seats", "Seats, yearly, $100.00")
    do(dialog, "Change plan and capacity", "5 × Seats at $100.00 yearly")
    expect(arr).to_have_text("$500", timeout=TIMEOUT)


def test_a_change_at_the_end_of_the_period_is_planned_and_dropped(tab: Page, support: Support) -> None:
    subscription = support.subscription(support.customer("Cedar"))
    page = opened(tab, support.link(subscription["customer"]))
    dialog = form(page, "Subscription", "Change plan or capacity")
    typed(dialog.get_by_label("Quantity"), "1")
    choose(dialog, "When", "When the paid period ends")
    do(dialog, "Change plan and capacity", "MRR: $20.00 → $10.00. Contraction")
    assert support.scenario.item(subscription["id"])["quantity"] == 2
    assert support.scenario.subscription(subscription["id"])["schedule"]
    dialog = form(page, "Subscription", "Drop the planned change")
    do(dialog, "Drop planned change")
    assert support.scenario.subscription(subscription["id"])["schedule"] is None


def test_cancel_and_take_back(tab: Page, support: Support) -> None:
    subscription = support.subscription(support.customer("Cedar"))
    page = opened(tab, support.link(subscription["customer"]))
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


def test_somebody_else_pays_and_the_card_is_changed_by_a_link(
    browser: Browser, tab: Page, support: Support
) -> None:
    customer = support.customer("Delta")
    page = opened(tab, support.link(customer))
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


def test_invoices_are_paid_voided_and_credited(tab: Page, support: Support) -> None:
    customer = support.customer("Elder")
    first, second, third = support.invoices(customer)
    assert [each["status"] for each in (first, second, third)] == ["open"] * 3
    page = opened(tab, support.link(customer))
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
    credited = support.asked(f"/v1/credit_notes?customer={customer}")["data"]
    assert [each["amount_refunded"] for note in credited for each in note["refunds"]] == [500]
    assert support.entries(customer) == ["Credit invoice", "Void invoice", "Charge the card"]
