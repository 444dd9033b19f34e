"""Quotes on their way through Stripe, for tests: approved here, written, sent, accepted there."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from dashboard.actions.quoting import AcceptQuote, SendQuote
from dashboard.actions.quoting_ramp import PlanRamp
from dashboard.actions.quoting_writing import WriteQuote
from dashboard.quotes.fields import STARTING, Fields
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import Priced, price
from dashboard.quotes.reading import read
from dashboard.quotes.sealing import figures, seal
from data import clock
from data.catalog import load
from data.quotes import drafts as quotes
from data.quotes import offers as quote_offers
from data.quotes.states import APPROVED, DRAFT, Move, go
from tests.dashboard.actions.conftest import Desk

Json = dict[str, Any]
SOLD = load()
TODAY = date(2026, 1, 3)
ENTERPRISE: Fields = {
    **STARTING,
    "plan": "enterprise",
    "capacity": 250,
    "term": 36,
    "addons": ["sso", "custom_domain", "sla"],
    "tier.sla": "99.95",
    "discount.whole.percent": "22",
    "discount.whole.reason": "Three years",
    "ramp.2.capacity": 300,
    "ramp.3.capacity": 400,
    "fee.1.name": "Onboarding",
    "fee.1.amount": "2500",
}


class Quoted:
    """A quote that is approved here; its commands, each as the page gives them."""

    def __init__(
        self,
        desk: Desk,
        fields: Fields,
        customer: str | None = None,
        revises: str | None = None,
        tax: tuple[str, ...] = (),
    ) -> None:
        self.desk = desk
        self.customer = desk.scenario.customer if customer is None else customer
        self.fields = {**fields, "customer_id": self.customer}
        reading = read(self.fields, SOLD, TODAY)
        assert reading.quote is not None, reading.broken
        self.priced: Priced = price(reading.quote, SOLD)
        self.seal = seal(self.fields, self.priced)
        self.id = quotes.create(desk.url, self.fields, "sam", revises=revises)
        self.of = {"quote_id": self.id, "version": 1, "seal": self.seal}
        by = (clock.now(), "mia", "manager", "agreed", self.seal, asdict(figures(self.priced)))
        go(desk.url, Move(self.id, DRAFT, APPROVED, 1, *by))
        told: Json = {"quote": self.id, "version": 1, "seal": self.seal, "owner": "sam"}
        told |= {"tax": list(tax)} if tax else {}
        self.wanted = json.dumps(wanted(told, self.fields, self.priced, SOLD, TODAY))

    def write(self, **prospect: str) -> WriteQuote:
        """Write it at Stripe."""
        return WriteQuote(self.customer, **self.of, wanted=self.wanted, **prospect)

    @property
    def offer(self) -> quote_offers.Offer:
        """What is at Stripe, as we know it."""
        return quote_offers.offers(self.desk.url, self.id)[0]

    def at_stripe(self) -> Json:
        """The same, as Stripe says it."""
        return self.desk.gateway.get(f"/v1/quotes/{self.offer.id}")

    @property
    def named(self) -> Json:
        """What every command about it names it by."""
        return {"customer_id": self.offer.customer_id, **self.of, "offer_id": self.offer.id}

    def send(self) -> SendQuote:
        """Finalize it."""
        expected = json.loads(self.wanted)["expected"]
        later = bool(json.loads(self.wanted)["terms"]["starts_at"])
        return SendQuote(**self.named, **expected, later=later)

    def accept(self) -> AcceptQuote:
        """The customer's yes."""
        return AcceptQuote(**self.named, signatory="Ada Byron", signed_on="2026-01-05")

    def ramp(self) -> PlanRamp:
        """What comes after the first stage."""
        return PlanRamp(str(self.offer.customer_id), self.id, self.offer.id, self.wanted)

    def state(self) -> str:
        """Our own quote's state."""
        found = quotes.latest(self.desk.url, self.id)
        assert found is not None
        return found.state
