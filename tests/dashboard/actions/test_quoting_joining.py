"""Quotes that add to a running subscription: Stripe's preview, and what it then bills, are what they say."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dashboard.actions import carrying
from dashboard.actions.quoting_joining import JoinSubscription, difference
from dashboard.actions.quoting_preparing import PrepareJoining, missing
from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Fee, Joined, Quote
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import Priced, price
from data.actions import filled
from data.catalog import load
from data.gateway import Gateway
from data.limiter import Limiter
from data.sandbox.store import Store
from tests.dashboard.actions.planted import BEGUN, sent
from tests.data.sandbox.scenario import Scenario, day
from tests.openapi import described_body
from tests.sandbox_server import API_KEY

SOLD = load()
OF: dict[str, Any] = {"quote_id": "q_1", "version": 1, "seal": "s"}
TERMS = {"collection": "send_invoice", "net_days": 30}
PERIODS = {"1month": date(2026, 2, 3), "1year": date(2027, 1, 3)}


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """Anything that can be added to ten seats of Professional which run since 3 January."""
    every = draw(st.sampled_from(["1month", "1year"]))
    begun, renews = date(2026, 1, 3), PERIODS[every]
    days = (renews - begun).days
    start = begun + timedelta(days=draw(st.sampled_from([0, 1, 17, days - 1, days])))
    more = draw(st.integers(int(start == renews), 2 if every == "1month" else 1))
    lines = ["professional", "sso", "priority_support", WHOLE]
    off = st.builds(Discount, percent=st.decimals(Decimal("0.01"), Decimal(100), places=2))
    return Quote(
        "professional",
        draw(st.integers(0, 30)),
        draw(st.sampled_from(["usd", "eur"])),
        every,
        more * INTERVALS[every],
        draw(st.sampled_from([("sso",), ("sso", "priority_support")])),
        discounts=draw(st.dictionaries(st.sampled_from(lines), off, max_size=3)),
        fees=tuple(draw(st.lists(st.just(Fee("Training", 12_345)), max_size=1))),
        start=start,
        joins=Joined("", "professional", 10, begun, renews),
    )


def running(scenario: Scenario, quote: Quote) -> str:
    """Ten seats, by invoice."""
    every = ("year", 1) if quote.interval == "1year" else ("month", 1)
    items = [(scenario.price(4_900, *every, currency=quote.currency), 10)]
    return scenario.subscribe(items=items, collection_method="send_invoice", days_until_due=30)


def command_of(scenario: Scenario, quote: Quote, name: str) -> tuple[JoinSubscription, Priced]:
    """The customer's yes to it."""
    assert quote.joins is not None
    join = Joined(name, *list(vars(quote.joins).values())[1:])
    priced = price(Quote(**{**vars(quote), "joins": join}), SOLD)
    told = {"quote": "q_1", "version": 1, "seal": "s", "owner": "sam"}
    plan = json.dumps(wanted(told, TERMS, priced, SOLD, BEGUN.date()))
    signed = {"offer_id": "q_1-1", "signatory": "Ada", "signed_on": "2026-01-03"}
    return JoinSubscription(scenario.customer, **OF, wanted=plan, **signed), priced


def undescribed(gateway: Gateway, command: PrepareJoining) -> list[str]:
    """What of a command's requests is not as Stripe describes it."""
    handler = carrying.handler_of(command)
    return [
        each.message
        for step in handler.steps(command, handler.read(gateway, command), BEGUN)
        for each in Draft202012Validator(
            described_body(step.method, step.path.format(*["x_1"] * 9))
        ).iter_errors(json.loads(json.dumps(filled(step.params, ["x_1"] * 9))))
    ]


def dearer(join: JoinSubscription) -> JoinSubscription:
    """The same where the quote comes to a cent more at each renewal."""
    plan = join.plan
    plan["expected"]["again"] += 1
    return replace(join, wanted=json.dumps(plan))


@given(quote=quotes())
@settings(max_examples=10, deadline=None)
def test_what_is_billed_is_what_the_order_form_says(served: Callable[[Store], str], quote: Quote) -> None:
    store = Store()
    scenario, quick = Scenario(store, "2026-01-03", card=None), Limiter(10_000, 10_000)
    name = running(scenario, quote)
    join, priced = command_of(scenario, quote, name)
    with Gateway(API_KEY, served(store), limiter=quick, attempts=1) as gateway:
        prepare = PrepareJoining(scenario.customer, **OF, wanted=join.wanted)
        if missing(gateway, prepare):
            assert undescribed(gateway, prepare) == []
            sent(gateway, prepare, "prepare")
        obj = carrying.handler_of(join).read(gateway, join)
        assert difference(gateway, join, obj) == ""
        assert "Stripe comes to" in difference(gateway, dearer(join), obj)
        assert undescribed(gateway, join) == []
        sent(gateway, join, "join")
    join_of = priced.quote.joins
    assert join_of is not None
    renews = join_of.renews_on
    periods = max(1, quote.term // INTERVALS[quote.interval])
    scenario.until(f"{renews + (renews - join_of.period_start) * (periods - 1) + timedelta(5):%Y-%m-%d}")
    own, others = billed(scenario)
    runs = others[0][1]
    once = priced.fees + (priced.periods[0].net if quote.share else 0)
    assert own == ([(f"{quote.start}", once)] if once and quote.share else [])
    waited = [once if not quote.share else 0] + [0] * (periods - 1)
    assert [total - runs for _, total in others[1:]] == [priced.whole.net + each for each in waited]
    agreed = [(priced.whole.net + each) for each in waited] if quote.term else []
    assert sum(total for _, total in own) + sum(agreed) == priced.total


def billed(scenario: Scenario) -> tuple[list[tuple[str | None, int]], list[tuple[str | None, int]]]:
    """(day it was final, total) of the invoices of additions, and of the subscription's own."""
    found: dict[bool, list[tuple[str | None, int]]] = {True: [], False: []}
    for each in scenario.store.all("invoices"):
        final = day(each["status_transitions"]["finalized_at"])
        found["quote" in each["metadata"]].append((final, each["total"]))
    return found[True], found[False]
