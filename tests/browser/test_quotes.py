"""From a conversation to a renewal, as three people: sales sells, a manager agrees, finance credits."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from dashboard import formatting
from dashboard.addons.states import CUSTOM_DOMAIN, SINGLE_SIGN_ON, UPTIME_SLA
from data import clock, frames
from data.config import Settings
from data.database import open_engine
from data.quotes import links as quote_links
from data.refresh import refresh
from data.sandbox.store import Store
from tests.addons import metadata, name_server, web_server
from tests.browser.conftest import Support, serving
from tests.browser.forms import do, typed
from tests.browser.test_pages import TIMEOUT, WIDE, at_rest
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import API_KEY, running

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


def first_of(months_back: int) -> datetime:
    """The first instant of a month so many before this one."""
    return clock.month_start(clock.months_before(clock.month_of(clock.now()), months_back))


@dataclass
class World:
    """The app on a sandbox, with a name server and a customer's own web server beside it."""

    support: Support
    zone: list[str]
    metadata: str

    def until(self, moment: datetime) -> None:
        """The sandbox's clock moves, what falls due happens, and the app reads it."""
        told = {"to": int(moment.timestamp())}
        assert httpx.post(f"{self.support.stripe}/sandbox/clock", json=told, timeout=60).is_success
        self.read()

    def read(self) -> None:
        """The app reads what is new."""
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": self.support.stripe}
        refresh(Settings(DATABASE_URL=self.support.database, **named))  # type: ignore[arg-type,call-arg]


@pytest.fixture
def world(browser: Browser, tmp_path: Path) -> Iterator[World]:
    """A sandbox whose clock is 33 months behind: three years from then are over three months from now."""
    store, zone = Store(), list[str]()
    scenario = Scenario(store, f"{first_of(33):%Y-%m-%d} 00:00")
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    saml = (200, {}, metadata(clock.now() + timedelta(days=300)))
    with running(store) as stripe, name_server(later=zone) as names, web_server({"/saml": saml}) as idp:
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": stripe}
        refresh(Settings(DATABASE_URL=url, **named))  # type: ignore[arg-type,call-arg]
        named |= {"DNS_SERVERS": f"{names[0]}:{names[1]}", "ADDON_PRIVATE_ADDRESSES": "1"}
        with serving(url, CUSTOM_DOMAIN_TARGET="domains.ours.example", **named) as address:
            yield World(Support(scenario, address, stripe, url), zone, f"{idp}/saml")
    store.close()


def test_a_quote_is_sold_billed_set_up_credited_and_renews(tab: Page, world: World, tmp_path: Path) -> None:
    support = world.support
    tab.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    tab.goto(f"{support.address}/quotes")
    become(tab, "Sales")
    tab.get_by_role("button", name="New quote").click()
    expect(tab.get_by_label("Prospect", exact=True)).to_be_visible(timeout=TIMEOUT)
    configure(tab)
    approved(tab)
    form = sent(tab, tmp_path / "order_form.pdf")
    linked(tab, support)
    accepted(tab, form)
    customer = support.customer("Sequoia")
    assert [invoice["total"] for invoice in support.invoices(customer)] == [3_967_891]
    phases = support.asked(f"/v1/subscription_schedules?customer={customer}")["data"][0]["phases"]
    assert [phase["items"][0]["quantity"] for phase in phases] == [250, 300]
    assert support.entries(customer)[:2] == ["Plan ramp", "Accept quote"]
    tab.get_by_role("button", name="Open customer").click()
    tab.get_by_role("tab", name="Quotes and add-ons").click()
    expect(tab.get_by_text("Add-ons being set up")).to_be_visible(timeout=TIMEOUT)

    world.until(first_of(21))  # a year later
    assert [each["total"] for each in support.invoices(customer)] == [3_967_891, 4_529_491]  # 50 seats more
    world.until(clock.now() - timedelta(minutes=1))
    ids = setups(support.database, customer)
    signs_on(tab, world, ids[SINGLE_SIGN_ON])
    has_a_name(tab, world, ids[CUSTOM_DOMAIN])
    breaks_its_promise(tab, world, ids[UPTIME_SLA])
    is_credited(tab, world, ids[UPTIME_SLA], customer)

    tab.goto(f"{support.address}/renewals")
    board = tab.get_by_test_id("stVerticalBlock").filter(has_text="Board").last
    expect(board.get_by_text("Sequoia")).to_be_visible(timeout=TIMEOUT)
    adds(tab, world, form)


def adds(page: Page, world: World, form: Path) -> None:
    """Seats are added to what another customer runs: sent, accepted and billed beside lines that stay."""
    support = world.support
    birch = made(support, "/v1/customers", name="Birch", email="birch@example.com")["id"]
    plan = made(support, "/v1/products", name="Professional")["id"]
    told = {"product": plan, "currency": "usd", "unit_amount": "33600"}
    yearly = made(support, "/v1/prices", **told, **{"recurring[interval]": "year"})["id"]
    held = {"items[0][price]": yearly, "items[0][quantity]": "8", "days_until_due": "30"}
    runs = made(support, "/v1/subscriptions", customer=birch, collection_method="send_invoice", **held)
    world.read()
    page.goto(support.link(birch))
    become(page, "Sales")
    page.get_by_role("button", name="New quote").click()
    page.get_by_role("button", name="Add to Professional, yearly").click()
    expect(page.get_by_text("What runs stays as it is.")).to_be_visible(timeout=TIMEOUT)
    at_rest(page)
    for label, value in (("Capacity in seats that are added", "5"), ("Months after the renewal", "12")):
        field(page, label, value)
    expect(page.get_by_text("No approval needed.")).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("button", name="Ready to send").click()
    page.get_by_role("button", name="Send quote").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_role("button", name="Compare with Stripe").click()
    expect(dialog.get_by_text("$1,680.00 at each renewal")).to_be_visible(timeout=TIMEOUT)
    dialog.get_by_role("button", name="Send quote").click()
    accepted(page, form, "Billed now: $1,680.00.")
    first, added = support.invoices(birch)
    assert (first["total"], added["total"]) == (268_800, 168_000)
    items = support.subscription(birch)["items"]["data"]
    assert [(each["quantity"], each["price"]["unit_amount"]) for each in items] == [(8, 33_600), (5, 33_600)]
    assert items[0]["id"] == runs["items"]["data"][0]["id"]


def made(support: Support, path: str, **form: str) -> dict[str, Any]:
    """What is made at the sandbox over HTTP."""
    answer = httpx.post(f"{support.stripe}{path}", data=form, auth=(API_KEY, ""))
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def approved(page: Page) -> None:
    """Sales asks, the manager agrees, sales goes on."""
    expect(page.get_by_text("Needs the approval of manager")).to_be_visible(timeout=TIMEOUT)
    asks = page.get_by_role("button", name="Ask manager")
    for _ in range(3):  # a run that was under way may have drawn the field anew
        field(page, "Why", "")
        field(page, "Why", "They take three years")
        with suppress(AssertionError):
            expect(asks).to_be_enabled(timeout=10_000)
            break
    asks.click()
    expect(page.get_by_role("button", name="Take it back to change it")).to_be_visible(timeout=TIMEOUT)
    become(page, "Manager")
    page.get_by_role("button", name="Approve as manager").click()
    expect(page.get_by_text("It can be sent as it is")).to_be_visible(timeout=TIMEOUT)
    become(page, "Sales")


def linked(page: Page, support: Support) -> None:
    """Make a link for the customer: it leads to the papers."""
    page.get_by_role("button", name="Link", exact=True).click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_role("button", name="Make link").click()
    code = dialog.get_by_test_id("stCode")
    expect(code).to_contain_text(f"{support.address}/offer/", timeout=TIMEOUT)
    opened = quote_links.found(support.database, code.inner_text().strip().rpartition("/")[2])
    assert opened is not None
    assert quote_links.kinds(support.database, opened.offer.id) == ["order_form", "stripe"]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden(timeout=TIMEOUT)


def setups(url: str, customer: str) -> dict[str, str]:
    """The ids of what is set up for a customer, by kind."""
    engine = open_engine(url)
    found = frames.addon_setups(engine, customer)
    engine.dispose()
    return dict(zip(found["kind"], found["id"], strict=True))


def press(page: Page, name: str, says: str) -> None:
    """Press a button, and wait for what the page says then."""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text(says).first).to_be_visible(timeout=TIMEOUT)


def at_setup(page: Page, world: World, name: str) -> None:
    """The page of one set-up, for sales."""
    page.goto(f"{world.support.address}/addons?setup={name}")
    expect(page.get_by_text("Requested by")).to_be_visible(timeout=TIMEOUT)
    become(page, "Sales")


def signs_on(page: Page, world: World, name: str) -> None:
    """Metadata is read over HTTP, the e-mail domain's text is found in DNS, and both are verified."""
    at_setup(page, world, name)
    press(page, "Ask the customer", "Waiting for customer")
    field(page, "Metadata URL", world.metadata)
    press(page, "Read metadata from the URL", "CN=idp.acme.com")
    press(page, "Check now", "✗ Not yet")
    asks = page.get_by_test_id("stCode").filter(has_text="addon-verification=").first.inner_text().strip()
    world.zone.append(f'_addon-verification.sequoia.example 60 TXT "{asks}"')
    press(page, "Check now", "✓ Found")
    press(page, "Mark as verified", "Verified since")


def has_a_name(page: Page, world: World, name: str) -> None:
    """The hostname is the customer's, and leads to ours."""
    at_setup(page, world, name)
    press(page, "Ask the customer", "Waiting for customer")
    asks = page.get_by_test_id("stCode").filter(has_text="addon-verification=").first.inner_text().strip()
    world.zone += [
        f'_addon-verification.portal.sequoia.example 60 TXT "{asks}"',
        "portal.sequoia.example 60 CNAME domains.ours.example.",
        "domains.ours.example 60 A 127.0.0.1",
    ]
    press(page, "Check now", "is a CNAME of domains.ours.example")
    expect(page.get_by_text("✓ Found")).to_have_count(2, timeout=TIMEOUT)


def breaks_its_promise(page: Page, world: World, name: str) -> None:
    """It runs since last month, which had an hour of downtime; the customer claims the credit."""
    at_setup(page, world, name)
    last = formatting.month(clock.month_of(first_of(1)))
    choose_in(page.get_by_test_id("stMain"), "Runs from", last)
    press(page, "Keep promise", "The promise is kept")
    press(page, "Activate", "Active since")
    field(page, "Minutes down", "60")
    press(page, "Keep downtime", "Credits")
    press(page, "Note the claim", "Draft credit note of")


def is_credited(page: Page, world: World, name: str, customer: str) -> None:
    """Finance issues the credit note, at the invoice of that month."""
    become(page, "Finance")
    page.get_by_role("button", name="Issue credit note").click()
    do(page.get_by_test_id("stDialog"), "Credit downtime", "Still to pay")
    (note,) = world.support.asked(f"/v1/credit_notes?customer={customer}")["data"]
    assert note["invoice"] == world.support.invoices(customer)[-1]["id"]
    assert note["amount"] == 3_744  # a tenth of $374.40, which a month of the promise costs


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


def accepted(page: Page, form: Path, bills: str = "Billed now: $39,678.91.") -> None:
    """Note who signed, with the document."""
    page.get_by_role("button", name="The customer accepts").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.locator("input[type=file]").set_input_files(form)
    dialog.get_by_label("Signed by").fill("Ada Byron, CFO")
    dialog.get_by_label("Signed by").press("Enter")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text(bills)).to_be_visible(timeout=TIMEOUT)
    dialog.get_by_role("button", name="Accept quote").click()
    expect(dialog).to_be_hidden(timeout=TIMEOUT)
    expect(page.get_by_text(", signed by Ada Byron, CFO")).to_be_visible(timeout=TIMEOUT)
