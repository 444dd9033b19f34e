"""Quotes: what they add up to, and what becomes of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sandbox.account import load
from data.sandbox.billing import DAY, accepting, people, quotes
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.engine import advance
from data.sandbox.factory.quotes import invoice_settings
from data.sandbox.store import Store
from tests.data.sandbox.conftest import NOW
from tests.data.sandbox.scenario import Scenario, day
from tests.openapi import object_problems


def offered(scenario: Scenario) -> str:
    """A yearly quote with 19% VAT, invoiced net 30."""
    rate = scenario.do(people.create_tax_rate, "DE", "19", "MwSt")["id"]
    made = scenario.do(
        quotes.create_quote,
        scenario.customer,
        [(scenario.price(100_000, "year"), 2)],
        collection_method="send_invoice",
        invoice_settings=invoice_settings(30),
        default_tax_rates=[rate],
    )
    return str(made["id"])


def status(scenario: Scenario, identity: str) -> str:
    return str((scenario.store.get("quotes", identity) or {})["status"])


def test_a_quote_adds_up_and_has_stripes_shape(scenario: Scenario) -> None:
    quote = scenario.store.get("quotes", offered(scenario)) or {}
    assert (quote["amount_subtotal"], quote["amount_total"]) == (200_000, 238_000)
    assert quote["total_details"]["amount_tax"] == 38_000
    assert quote["computed"]["recurring"]["interval"] == "year"
    assert object_problems(quote) == []


def test_an_accepted_quote_becomes_a_subscription(scenario: Scenario) -> None:
    identity = offered(scenario)
    scenario.do(quotes.finalize_quote, identity)
    scenario.until("2026-01-10")
    quote = scenario.do(accepting.accept_quote, identity)
    assert (quote["status"], day(quote["status_transitions"]["accepted_at"])) == ("accepted", "2026-01-10")
    assert scenario.status(quote["subscription"]) == "active"
    scenario.until("2026-01-11")
    invoice = scenario.last_invoice()
    assert (invoice["id"], invoice["total"], day(invoice["due_date"])) == (
        quote["invoice"],
        238_000,
        "2026-02-09",
    )
    assert scenario.events("quote") == ["quote.created", "quote.finalized", "quote.accepted"]


def test_a_quote_that_nobody_accepts_expires(scenario: Scenario) -> None:
    draft, opened = offered(scenario), offered(scenario)
    scenario.do(quotes.finalize_quote, opened)
    scenario.until("2026-02-02 09:59")
    assert (status(scenario, draft), status(scenario, opened)) == ("draft", "open")
    scenario.until("2026-02-02")
    assert (status(scenario, draft), status(scenario, opened)) == ("canceled", "canceled")


def test_a_draft_cannot_be_accepted(scenario: Scenario) -> None:
    with pytest.raises(RefusedError, match="draft"):
        scenario.do(accepting.accept_quote, offered(scenario))


@pytest.fixture
def loaded(stripe_account: Path) -> Iterator[Store]:
    """The reference account in a store of its own."""
    store = Store()
    load(store, stripe_account, NOW)
    yield store
    store.close()


def test_an_account_that_was_made_elsewhere_lives_on(loaded: Store) -> None:
    known = {invoice["id"] for invoice in loaded.all("invoices")}
    advance(loaded, NOW + 120 * DAY)
    new = [invoice for invoice in loaded.all("invoices") if invoice["id"] not in known]
    assert len(new) > 200
    assert all(each["amount_remaining"] == each["amount_due"] - each["amount_paid"] for each in new)
    objects = [*new[::10], *list(loaded.all("subscriptions"))[::10], *list(loaded.all("events"))[::20]]
    assert [problem for obj in objects for problem in object_problems(obj)] == []
