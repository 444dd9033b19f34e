"""Any quote in every currency of the catalogue: Stripe offers, and bills through its term, what we say."""

import json
from collections.abc import Callable
from datetime import date

from hypothesis import given, settings

from dashboard.actions import quoting_stages
from dashboard.actions.quoting import AcceptQuote, SendQuote, differences
from dashboard.actions.quoting_ramp import PlanRamp
from dashboard.actions.quoting_writing import WriteQuote
from dashboard.quotes.fields import Fields
from dashboard.quotes.model import Quote
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import price
from data.catalog import load
from data.clock import to_epoch
from data.contracts import add_months
from data.gateway import Gateway
from data.limiter import Limiter
from data.sandbox import engine
from data.sandbox.store import Store
from tests.dashboard.actions.planted import BEGUN, sent
from tests.dashboard.quotes.test_pricing import quotes
from tests.data.sandbox.scenario import Scenario
from tests.sandbox_server import API_KEY

SOLD = load()
BY_INVOICE: Fields = {"collection": "send_invoice", "net_days": 30}


@given(quote=quotes())
@settings(max_examples=12, deadline=None)
def test_stripe_bills_what_the_quote_says(served: Callable[[Store], str], quote: Quote) -> None:
    store = Store()
    scenario, priced = Scenario(store, "2026-01-03", card=None), price(quote, SOLD)
    told = {"quote": "q_1", "version": 1, "seal": "s", "owner": "sam"}
    plan = wanted(told, BY_INVOICE, priced, SOLD, date(2026, 1, 3))
    text, of = json.dumps(plan), {"quote_id": "q_1", "version": 1, "seal": "s"}
    quick = Limiter(10_000, 10_000)
    with Gateway(API_KEY, served(store), limiter=quick, attempts=1) as gateway:
        draft = sent(gateway, WriteQuote(scenario.customer, **of, wanted=text), "write")
        offer = {"customer_id": scenario.customer, **of, "offer_id": draft["id"]}
        send = SendQuote(**offer, **plan["expected"])
        assert differences(draft, send) == []
        assert list(quoting_stages.differences(gateway, scenario.customer, plan)) == []
        assert len(differences({**draft, "amount_total": draft["amount_total"] + 1}, send)) == 1
        sent(gateway, send, "send")
        sent(gateway, AcceptQuote(**offer, signatory="Ada", signed_on="2026-01-03"), "accept")
        if len(plan["stages"]) > 1:
            sent(gateway, PlanRamp(scenario.customer, "q_1", draft["id"], text), "ramp")
    engine.advance(store, to_epoch(add_months(BEGUN, quote.term)) - 3600)
    said = [period.net for period in priced.periods]
    said[0] += priced.fees
    assert [invoice[2] for invoice in scenario.invoices()] == said
