"""The app in a real browser: one server and one Chromium for all tests of a run."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Error, FloatRect, Locator, Page, sync_playwright

from data import frames
from data.config import Settings
from data.database import open_engine
from data.refresh import refresh
from data.sandbox.billing import Billing, invoicing, people
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario
from tests.pages.business import fill
from tests.sandbox_server import API_KEY, running

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SERVE = "import socket; from dashboard.server import serve; serve(socket.create_server(('127.0.0.1', {})))"
INSTALL = "no Chromium here: apt-get install --yes chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip(INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _tab(browser: Browser) -> Page:
    return browser.new_page()


@pytest.fixture
def tab(_tab: Page) -> Iterator[Page]:
    """A tab as good as new; one for all tests, since another would compile the whole of Streamlit anew."""
    _tab.set_viewport_size({"width": 1280, "height": 720})
    _tab.emulate_media(color_scheme="light")
    yield _tab
    if _tab.url.startswith("http"):
        _tab.evaluate("() => (localStorage.clear(), sessionStorage.clear())")
    _tab.context.clear_cookies()
    _tab.goto("about:blank")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """The address of the whole process on the small business: pages, routes and headers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('browser') / 'dashboard.db'}"
    fill(url)
    port = free_port()
    with process_at(port, [sys.executable, "-c", SERVE.format(port)], DATABASE_URL=url):
        yield f"http://127.0.0.1:{port}"


def place_of(locator: Locator) -> FloatRect:
    """Where something is on the screen, scrolled to; asked again while the page draws it anew."""
    for _ in range(50):
        try:
            locator.scroll_into_view_if_needed()
            if (box := locator.bounding_box()) is not None:
                return box
        except Error:
            time.sleep(0.2)
    raise TimeoutError("the page did not come to rest")


@dataclass
class Support:
    """The app on a sandbox, one server for all journeys; each has a customer of its own."""

    scenario: Scenario
    address: str
    stripe: str
    database: str

    def link(self, customer: str) -> str:
        """The address of a customer's page."""
        return f"{self.address}/customer?id={customer}"

    def customer(self, name: str) -> str:
        """The id of the customer of that name."""
        return next(str(each["id"]) for each in self.scenario.store.all("customers") if each["name"] == name)

    def subscription(self, customer: str) -> dict[str, Any]:
        """A customer's last subscription, as the sandbox has it."""
        return [each for each in self.scenario.store.all("subscriptions") if each["customer"] == customer][-1]

    def invoices(self, customer: str) -> list[dict[str, Any]]:
        """A customer's invoices as the sandbox has them, the oldest first."""
        return [each for each in self.scenario.store.all("invoices") if each["customer"] == customer]

    def asked(self, path: str) -> Any:
        """What the sandbox answers over HTTP."""
        answer = httpx.get(f"{self.stripe}{path}", auth=(API_KEY, ""))
        assert answer.is_success, answer.text
        return answer.json()

    def entries(self, customer: str) -> list[str]:
        """What the audit says was done for a customer, the newest first."""
        engine = open_engine(self.database)
        entries = frames.audit_entries(engine, customer_id=customer)
        engine.dispose()
        return [str(what) for what in entries["what"]]


@pytest.fixture(scope="session")
def support(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Support]:
    """The app on a sandbox of customers who wait for something to be done."""
    store = Store()
    scenario = _customers(store)
    url = f"sqlite:///{tmp_path_factory.mktemp('support') / 'dashboard.db'}"
    with running(store) as stripe:
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": stripe}
        refresh(Settings(DATABASE_URL=url, **named))  # type: ignore[arg-type,call-arg]
        with serving(url, **named) as address:
            yield Support(scenario, address, stripe, url)
    store.close()


def _customers(store: Store) -> Scenario:
    """Customers with two seats each since three months ago, and two who came later.

    Elder and Fir are sent invoices and paid none; Ivy has left another card; Juniper's renewal is a draft
    just now; Grove has nothing.
    """
    scenario = Scenario(store, "2026-01-03")
    monthly, _ = scenario.price(1_000), scenario.price(10_000, "year")
    sso = scenario.do(people.create_product, "Single sign-on")["id"]
    scenario.do(people.create_price, sso, "usd", 5_000, ("month", 1))
    scenario.coupon("forever", percent_off=25, name="Partner")
    scenario.coupon("forever", amount_off=100, currency="eur", name="Abroad")  # before it, and not offered
    for name in ("Birch", "Cedar", "Delta", "Elder", "Fir", "Hazel", "Ivy", "Larch"):
        sent = {"collection_method": "send_invoice", "days_until_due": 30} if name in ("Elder", "Fir") else {}
        _arrives(scenario, name)
        scenario.subscribe(items=[(monthly, 2)], **sent)
        if name == "Ivy":
            scenario.do(people.attach_card, scenario.customer, last4="4444", default=False)
    scenario.until("2026-02-04 09:30")
    _arrives(scenario, "Juniper")
    scenario.subscribe(items=[(monthly, 2)])
    scenario.do(_waits, scenario.customer)
    scenario.until("2026-03-04")
    _arrives(scenario, "Grove")
    return scenario


def _arrives(scenario: Scenario, name: str) -> None:
    scenario.customer = scenario.do(people.create_customer, name, f"{name.lower()}@example.com")["id"]
    scenario.card("4242")


def _waits(billing: Billing, customer: str) -> dict[str, Any]:
    """Something that was charged by mistake waits for the next invoice."""
    return invoicing.create_invoiceitem(billing, customer, "usd", 300, "By mistake")


@contextmanager
def serving(url: str, **environment: str) -> Iterator[str]:
    """The address of the app on a database, while it lasts; environment: further settings."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}"]
    with process_at(port, command, DATABASE_URL=url, **environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def process_at(port: int, command: list[str], **environment: str) -> Iterator[None]:
    """A process that answers on a port, while it lasts; environment: its settings."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, "the server ended before it answered"
        time.sleep(0.2)
    raise TimeoutError("the server did not answer within 30 seconds")
