"""Finance keeps, imports and deletes exchange rates in a real browser, and every figure follows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, text

from data import frames
from data.database import open_engine
from data.tables import currencies
from data.writing import writing
from tests.browser.conftest import serving
from tests.browser.test_pages import at_rest, opened
from tests.pages.business import fill

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URL of a small business of this module's own, and the address of the app on it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('exchange_rates') / 'dashboard.db'}"
    fill(url)
    with serving(url) as address:
        yield url, address


@pytest.fixture
def database(served: tuple[str, str]) -> Iterator[str]:
    """The URL of the business; it has no rates, and none is left to the next test."""
    url, _ = served
    yield url
    with writing(url, "test") as connection:
        connection.execute(delete(currencies.exchange_rate))


@pytest.fixture
def page(tab: Page, served: tuple[str, str], database: str) -> Page:
    """The page of exchange rates, drawn."""
    return opened(tab, f"{served[1]}/exchange_rates")


def kept(url: str) -> list[list[str]]:
    """The rates that the database holds."""
    engine = open_engine(url)
    found = frames.exchange_rates(engine)
    engine.dispose()
    return [
        [f"{row.date:%Y-%m-%d}", row.from_currency, row.to_currency, row.rate] for row in found.itertuples()
    ]


def figure(page: Page, label: str, value: str) -> None:
    """Wait until a key figure is so."""
    metric = page.get_by_test_id("stMetric").filter(has_text=label)
    expect(metric.get_by_test_id("stMetricValue")).to_have_text(value, timeout=30_000)


def answer(page: Page, verb: str) -> None:
    """Press a button of the dialog and see it close."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=verb).click()
    expect(dialog).to_be_hidden(timeout=30_000)


def upload(page: Page, name: str, content: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([file])


def test_a_rate_is_typed_looked_at_and_kept(page: Page, database: str) -> None:
    figure(page, "Rates kept", "0")
    rate = page.get_by_label("Rate", exact=True)
    rate.fill("one")
    rate.press("Enter")
    expect(page.get_by_text("is not a number above 0")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Keep rate")).to_be_disabled()

    rate.fill("1.25")
    rate.press("Enter")
    expect(page.get_by_text("is left out now and becomes")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Keep rate").click()
    answer(page, "Cancel")
    assert kept(database) == []
    expect(rate).to_have_value("1.25")

    page.get_by_role("button", name="Keep rate").click()
    answer(page, "Keep rate")
    figure(page, "Rates kept", "1")
    expect(page.get_by_text("Kept: 1 EUR = 1.25 USD")).to_be_visible()
    expect(rate).to_have_value("1.25")
    assert kept(database) == [["2026-11-21", "eur", "usd", "1.25"]]


def test_a_file_is_put_right_row_by_row_and_kept(page: Page, database: str) -> None:
    upload(page, "rates.csv", "date,from,to,rate\n2026-10-31,eur,usd,1.1\n2026-13-31,gbp,usd,0\n")
    expect(page.get_by_text("2 problems; nothing was kept.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("rates.csv")).to_be_visible()
    assert kept(database) == []

    upload(page, "right.csv", "date,from,to,rate\n2026-10-31,eur,usd,1.1\n2026-10-31,gbp,usd,1.3\n")
    expect(page.get_by_text("2 rates: 2 new, 0 replaced, 0 kept already.")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Keep 2 rates").click()
    answer(page, "Keep 2 rates")
    figure(page, "Rates kept", "2")
    assert [row[1] for row in kept(database)] == ["eur", "gbp"]


def test_a_rate_is_deleted(page: Page, database: str) -> None:
    upload(page, "rates.csv", "date,from,to,rate\n2026-10-31,eur,usd,1.1\n")
    page.get_by_role("button", name="Keep 1 rate").click(timeout=30_000)
    answer(page, "Keep 1 rate")
    figure(page, "Rates kept", "1")

    at_rest(page)
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    table.click(position={"x": 16, "y": 52})
    page.get_by_role("button", name="Delete rate").click(timeout=30_000)
    answer(page, "Delete rate")
    figure(page, "Rates kept", "0")
    assert kept(database) == []


def test_a_write_that_fails_says_so_and_loses_nothing(page: Page, database: str) -> None:
    rate = page.get_by_label("Rate", exact=True)
    rate.fill("1.25")
    rate.press("Enter")
    page.get_by_role("button", name="Keep rate").click(timeout=30_000)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 EUR = 1.25 USD")).to_be_visible(timeout=30_000)
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.execute(text("alter table exchange_rate rename to set_aside"))

    dialog.get_by_role("button", name="Keep rate").click()
    expect(dialog.get_by_text("so nothing was changed")).to_be_visible(timeout=30_000)

    with engine.begin() as connection:
        connection.execute(text("alter table set_aside rename to exchange_rate"))
    engine.dispose()
    answer(page, "Keep rate")
    expect(rate).to_have_value("1.25")
    assert [row[3] for row in kept(database)] == ["1.25"]
