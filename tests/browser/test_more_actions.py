"""The rest of what is done for customers in a real browser: terms, add-ons, trials, invoices, approvals."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Support
from tests.browser.forms import choose, do, form, typed
from tests.browser.test_pages import TIMEOUT, opened

pytestmark = pytest.mark.browser


def metric(page: Page, name: str) -> Locator:
    """The value of one of the page's figures; while it is drawn anew there may be two."""
    return page.get_by_test_id("stMetric").filter(has_text=name).get_by_test_id("stMetricValue").first


def add(dialog: Locator, price: str, quantity: int) -> None:
    """Choose a price among those offered, and how many; leaving the number closes the list."""
    dialog.get_by_test_id("stMultiSelect").get_by_role("combobox").click()
    dialog.page.get_by_role("option", name=price).click()
    typed(dialog.get_by_label(f"Quantity of {price}"), str(quantity))


def act(page: Page, role: str) -> None:
    """Be of another role, as the sandbox lets people choose."""
    page.get_by_test_id("stSidebar").get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name=role).click()


def test_a_coupon_a_pause_and_the_way_of_paying(tab: Page, support: Support) -> None:
    customer = support.customer("Hazel")
    path = f"/v1/subscriptions/{support.subscription(customer)['id']}"
    page = opened(tab, support.link(customer))
    coupon = form(page, "Subscription", "Apply a coupon")
    do(coupon, "Apply coupon", "Partner: 25% off, forever", "MRR: $20.00 → $15.00. Contraction.")
    expect(metric(page, "ARR")).to_have_text("$180", timeout=TIMEOUT)
    assert len(support.asked(path)["discounts"]) == 1
    do(form(page, "Subscription", "End a discount"), "End discount", "MRR: $15.00 → $20.00. Expansion.")
    expect(metric(page, "ARR")).to_have_text("$240", timeout=TIMEOUT)
    assert support.asked(path)["discounts"] == []
    do(form(page, "Subscription", "Pause collection"), "Pause collection", "Paused: keep as draft")
    expect(page.get_by_text("Collection paused")).to_be_visible(timeout=TIMEOUT)
    assert support.asked(path)["pause_collection"]["behavior"] == "keep_as_draft"
    do(form(page, "Subscription", "Resume collection"), "Resume collection", "Collected as usual")
    expect(page.get_by_text("Collection paused")).to_be_hidden(timeout=TIMEOUT)
    assert support.asked(path)["pause_collection"] is None
    dialog = form(page, "Subscription", "Change how it is paid")
    typed(dialog.get_by_label("Due after days"), "45")
    do(dialog, "Change how it is paid", "Invoices, due after 45 days")
    found = support.asked(path)
    assert (found["collection_method"], found["days_until_due"]) == ("send_invoice", 45)


def test_an_addon_and_a_tax_id_come_and_go_and_another_card_is_charged(tab: Page, support: Support) -> None:
    customer = support.customer("Ivy")
    path = f"/v1/subscriptions/{support.subscription(customer)['id']}"
    page = opened(tab, support.link(customer))
    dialog = form(page, "Subscription", "Change plan or capacity")
    add(dialog, "Single sign-on", 1)
    do(dialog, "Change plan and capacity", "1 × Single sign-on at $50.00 monthly", "MRR: $20.00 → $70.00.")
    expect(metric(page, "ARR")).to_have_text("$840", timeout=TIMEOUT)
    seats, added = support.asked(path)["items"]["data"]
    assert seats["current_period_end"] == added["current_period_end"]
    dialog = form(page, "Subscription", "Change plan or capacity")
    choose(dialog, "Single sign-on", "Take it out")
    do(dialog, "Change plan and capacity", "MRR: $70.00 → $20.00. Contraction.")
    expect(metric(page, "ARR")).to_have_text("$240", timeout=TIMEOUT)
    assert [each["id"] for each in support.asked(path)["items"]["data"]] == [seats["id"]]
    dialog = form(page, "Billing details", "Add a tax id")
    typed(dialog.get_by_label("Number"), "de123456789")
    do(dialog, "Add tax id", "EU VAT number DE123456789")
    (held,) = support.asked(f"/v1/customers/{customer}/tax_ids")["data"]
    assert (held["type"], held["value"]) == ("eu_vat", "DE123456789")
    do(form(page, "Billing details", "Remove a tax id"), "Remove tax id", "Invoices that are final keep it.")
    assert support.asked(f"/v1/customers/{customer}/tax_ids")["data"] == []
    do(form(page, "Billing details", "Charge another card"), "Use this card", "ending in 4444")
    chosen = support.asked(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    assert support.asked(f"/v1/payment_methods/{chosen}")["card"]["last4"] == "4444"


def test_a_prospect_becomes_a_customer(tab: Page, support: Support) -> None:
    tab.goto(f"{support.address}/customers")
    tab.get_by_role("button", name="Add customer").click(timeout=TIMEOUT)
    dialog = tab.get_by_test_id("stDialog")
    typed(dialog.get_by_label("Name", exact=True), "Maple")
    typed(dialog.get_by_label("Billing e-mail"), "maple@example.com")
    typed(dialog.get_by_label("Country"), "de")
    do(dialog, "Add customer", "later invoices and receipts go to this address")
    expect(tab.get_by_text("Done: add customer.")).to_be_visible(timeout=TIMEOUT)
    (made,) = support.asked("/v1/customers?email=maple@example.com")["data"]
    assert (made["name"], made["address"]["country"]) == ("Maple", "DE")
    tab.goto(support.link(made["id"]))
    expect(tab.get_by_role("heading", name="Maple")).to_be_visible(timeout=TIMEOUT)


def test_a_subscription_from_its_trial_to_its_end(tab: Page, support: Support) -> None:
    customer = support.customer("Grove")
    tab.goto(support.link(customer))
    dialog = form(tab, "Subscription", "Start a subscription")
    add(dialog, "Seats, monthly", 3)
    typed(dialog.get_by_label("Trial, days"), "14")
    do(dialog, "Start subscription", "until 18 Mar 2026, counts as nothing until then")
    expect(tab.get_by_text("In trial until 18 Mar 2026")).to_be_visible(timeout=TIMEOUT)
    path = f"/v1/subscriptions/{support.subscription(customer)['id']}"
    dialog = form(tab, "Subscription", "Extend or end a trial")
    dialog.get_by_role("spinbutton", name="month").press("ArrowUp")  # from tomorrow, 5 Mar 2026
    do(dialog, "Set trial end", "5 Apr 2026")
    expect(tab.get_by_text("In trial until 5 Apr 2026")).to_be_visible(timeout=TIMEOUT)
    dialog = form(tab, "Subscription", "Extend or end a trial")
    choose(dialog, "Trial", "Ends now")
    do(dialog, "Set trial end", "MRR: $0.00 → $30.00. New, reactivation")
    expect(metric(tab, "ARR")).to_have_text("$360", timeout=TIMEOUT)
    assert support.asked(path)["status"] == "active"
    dialog = form(tab, "Subscription", "Cancel subscription")
    choose(dialog, "When", "Now")
    dialog.get_by_text("Give the unused time back as credit").click()
    do(dialog, "Cancel subscription", "MRR: $30.00 → $0.00. Churn")
    expect(metric(tab, "ARR")).to_have_text("$0", timeout=TIMEOUT)
    assert support.asked(path)["status"] == "canceled"
    assert support.asked(f"/v1/customers/{customer}")["balance"] == -3_000
    assert len(support.entries(customer)) == 4


def test_invoices_are_sent_again_paid_elsewhere_and_given_up(tab: Page, support: Support) -> None:
    customer = support.customer("Fir")
    first, second, third = support.invoices(customer)
    page = opened(tab, support.link(customer))
    for menu, verb, invoice, says in (
        ("Send an invoice again", "Send invoice", third, "Stripe sends the invoice to fir@example.com."),
        ("Mark as paid", "Mark as paid", first, "Paid"),
        ("Mark as uncollectible", "Mark as uncollectible", second, "Uncollectible"),
    ):
        dialog = form(page, "Invoices", menu)
        choose(dialog, "Invoice", str(invoice["number"]))
        do(dialog, verb, says)
    expect(metric(page, "Open on invoices")).to_have_text("$20.00", timeout=TIMEOUT)
    found = [support.asked(f"/v1/invoices/{each['id']}") for each in (first, second, third)]
    assert [each["status"] for each in found] == ["paid", "uncollectible", "open"]
    assert support.scenario.events("invoice.sent")[-1:] == ["invoice.sent"]
    assert support.entries(customer) == ["Mark as uncollectible", "Mark as paid", "Send invoice"]


def test_a_draft_is_edited_and_a_payment_given_back(tab: Page, support: Support) -> None:
    customer = support.customer("Juniper")
    paid, draft = support.invoices(customer)
    page = opened(tab, support.link(customer))
    dialog = form(page, "Invoices", "Edit a draft's lines")
    choose(dialog, "Line", "By mistake")
    dialog.get_by_text("Take it out").click()
    do(dialog, "Take line out", "By mistake: $3.00")
    dialog = form(page, "Invoices", "Edit a draft's lines")
    typed(dialog.get_by_label("Words"), "Training")
    typed(dialog.get_by_label("Amount, USD"), "50")
    do(dialog, "Add line", "Training: $50.00", "$70.00")
    dialog = form(page, "Invoices", "Edit a draft's lines")
    choose(dialog, "Line", "Training")
    expect(dialog.get_by_label("Words").first).to_have_value("Training", timeout=TIMEOUT)  # the line's own
    expect(dialog.get_by_label("Words")).to_have_count(1, timeout=TIMEOUT)  # and no longer the former field
    typed(dialog.get_by_label("Amount, USD"), "40")
    do(dialog, "Change line", "Training: $40.00", "$60.00")
    dialog = form(page, "Invoices", "Finalize a draft")
    choose(dialog, "Then", "It stays open")
    do(dialog, "Finalize invoice", "Its lines cannot be changed any more.")
    expect(metric(page, "Open on invoices")).to_have_text("$60.00", timeout=TIMEOUT)
    found = support.asked(f"/v1/invoices/{draft['id']}")
    assert (found["status"], [each["amount"] for each in found["lines"]["data"]]) == ("open", [2_000, 4_000])
    dialog = form(page, "Invoices", "Refund a payment")
    typed(dialog.get_by_label("Amount, USD"), "5")
    do(dialog, "Refund payment", "Stays paid")
    charged = support.asked(f"/v1/charges?customer={customer}")["data"]
    assert [each["amount_refunded"] for each in charged] == [500]
    assert support.asked(f"/v1/invoices/{paid['id']}")["status"] == "paid"


def test_sales_asks_and_a_manager_approves(tab: Page, support: Support) -> None:
    customer = support.customer("Larch")
    path = f"/v1/subscriptions/{support.subscription(customer)['id']}"
    page = opened(tab, support.link(customer))
    act(page, "Sales")
    expect(page.get_by_role("button", name="Invoices", exact=True)).to_be_hidden(timeout=TIMEOUT)
    dialog = form(page, "Subscription", "Apply a coupon")
    do(dialog, "Ask for approval", "The discounts come to 25.0%, and sales may give up to 10% alone.")
    assert support.asked(path)["discounts"] == []
    page.get_by_role("link", name="Approvals").click()
    expect(page.get_by_role("heading", name="Apply coupon for Larch")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_role("button", name="Look at it now")).to_be_hidden()
    act(page, "Manager")
    page.get_by_role("button", name="Look at it now").click(timeout=TIMEOUT)
    page.get_by_role("button", name="Approve and do it").click(timeout=TIMEOUT)
    expect(page.get_by_role("heading", name="Decided")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_role("heading", name="Apply coupon for Larch")).to_be_hidden(timeout=TIMEOUT)
    assert len(support.asked(path)["discounts"]) == 1
    page.goto(support.link(customer))
    expect(metric(page, "ARR")).to_have_text("$180", timeout=TIMEOUT)
    assert support.entries(customer)[0] == "Apply coupon"
