"""A quote that is somewhere on its way at Stripe and here, put there without any action."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert

from dashboard.actions import carrying
from dashboard.actions.base import Command
from dashboard.actions.quoting import AcceptQuote, CancelQuote, ReplaceQuote, SendQuote
from dashboard.actions.quoting_joining import JoinSubscription
from dashboard.actions.quoting_preparing import PrepareJoining
from dashboard.actions.quoting_ramp import PlanRamp
from dashboard.actions.quoting_writing import WriteQuote
from dashboard.quotes.fields import Fields
from dashboard.quotes.model import WHOLE, Discount, Joined, Quote, Step
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import price
from data import clock
from data.actions import filled
from data.catalog import load
from data.gateway import Gateway
from data.tables.offers import quote_offer
from data.tables.quotes import sales_quote, sales_quote_move
from tests.dashboard.actions.conftest import Desk

Json = dict[str, Any]
BEGUN = datetime(2026, 1, 3, 10, tzinfo=UTC)
OF: Json = {"quote_id": "q_1", "version": 1, "seal": "sealed"}
RAMPED = Quote("enterprise", 250, "usd", "1year", 24, ramp={2: Step(capacity=300)})

BY_CARD: Fields = {"collection": "charge_automatically"}


def addition(subscription: str) -> Quote:
    """Five seats with something off, for the second half of the month that begins on 3 January."""
    joins = Joined(subscription, "professional", 10, date(2026, 1, 3), date(2026, 2, 3))
    off, start = {WHOLE: Discount(Decimal("7.5"))}, date(2026, 1, 17)
    return Quote("professional", 5, "usd", "1month", 0, discounts=off, start=start, joins=joins)


def sent(gateway: Gateway, command: Command, name: str) -> Json:
    """Send a command's requests, as an action would; gives what the last one answered."""
    handler = carrying.handler_of(command)
    obj = handler.read(gateway, command)
    assert handler.guard(command, obj) is None
    made: list[str | None] = []
    answer: Json = {}
    for number, step in enumerate(handler.steps(command, obj, BEGUN)):
        params = filled(step.params, made)
        answer = gateway.write(step.method, step.path.format(*made), params, f"{name}-{number}").object
        made.append(answer.get("id"))
    assert handler.achieved(command, handler.read(gateway, command)) is True
    return answer


@dataclass
class Planted:
    """The quote's commands, each on a desk where it is the next to be done."""

    desk: Desk

    @property
    def plan(self) -> Json:
        """What Stripe is to bill."""
        told = {"quote": "q_1", "version": 1, "seal": "sealed", "owner": "sam"}
        terms = {"collection": "send_invoice", "net_days": 30}
        return wanted(told, terms, price(RAMPED, load()), load(), BEGUN.date())

    def write(self) -> WriteQuote:
        """It is approved here."""
        self._here("approved")
        return WriteQuote(self.desk.scenario.customer, **OF, wanted=json.dumps(self.plan))

    def revise(self) -> SendQuote:
        """It is a draft at Stripe, and comes in the place of one that is open."""
        older = self._older()
        return replace(self.send(), revises=older)

    def _older(self) -> str:
        line = {"price": self.desk.scenario.price(1_000, "year"), "quantity": 1}
        asked = {"customer": self.desk.scenario.customer, "line_items": [line]}
        older = self.desk.gateway.write("post", "/v1/quotes", asked, "older").object["id"]
        self.desk.gateway.write("post", f"/v1/quotes/{older}/finalize", {}, "older-open")
        return str(older)

    def send(self) -> SendQuote:
        """It is a draft at Stripe."""
        made = sent(self.desk.gateway, self.write(), "write")
        self._offered(made["id"], "written")
        return SendQuote(**self._of(made["id"]), **self.plan["expected"])

    def accept(self) -> AcceptQuote:
        """The customer has it."""
        name = self._open()
        return AcceptQuote(**self._of(name), signatory="Ada Byron", signed_on="2026-01-05")

    def replace(self) -> ReplaceQuote:
        """It adds to a subscription, and comes in the place of a quote that is open at Stripe."""
        before, older = self.prepare(), self._older()
        self._offered("q_1-1", "written", before.plan)
        return ReplaceQuote(self.desk.scenario.customer, **OF, offer_id="q_1-1", revises=older)

    def cancel(self) -> CancelQuote:
        """The customer has it."""
        return CancelQuote(**self._of(self._open()), to_state="withdrawn")

    def ramp(self) -> PlanRamp:
        """It is accepted."""
        name = sent(self.desk.gateway, self.accept(), "accept")["id"]
        return PlanRamp(self.desk.scenario.customer, "q_1", name, json.dumps(self.plan))

    def prepare(self) -> PrepareJoining:
        """It adds to a subscription, and is approved here."""
        self._here("approved")
        return PrepareJoining(self.desk.scenario.customer, **OF, wanted=json.dumps(self._addition()))

    def join(self) -> JoinSubscription:
        """The customer has it; it begins in the middle of the running month."""
        before = self.prepare()
        sent(self.desk.gateway, before, "prepare")
        self._here("sent")
        self._offered("q_1-1", "open", before.plan)
        signed = {"offer_id": "q_1-1", "signatory": "Ada Byron", "signed_on": "2026-01-05"}
        return JoinSubscription(self.desk.scenario.customer, **OF, wanted=before.wanted, **signed)

    def _addition(self) -> Json:
        told = {"quote": "q_1", "version": 1, "seal": "sealed", "owner": "sam"}
        name = self.desk.scenario.subscribe(5_000, 10)
        return wanted(told, BY_CARD, price(addition(name), load()), load(), BEGUN.date())

    def _open(self) -> str:
        name = str(sent(self.desk.gateway, self.send(), "send")["id"])
        self._here("sent")
        self._offered(name, "open")
        return name

    def _of(self, name: str) -> Json:
        return {"customer_id": self.desk.scenario.customer, **OF, "offer_id": name}

    def _here(self, state: str) -> None:
        at = clock.now()
        head = {"id": "q_1", "version": 1, "created_at": at, "created_by": "sam", "changed_at": at}
        said = {"from_state": "draft", "to_state": state, "version": 1, "at": at, "seal": "sealed"}
        with self.desk.engine.begin() as connection:
            connection.execute(delete(sales_quote).where(sales_quote.c.id == "q_1"))
            connection.execute(insert(sales_quote).values(**head, state=state, moves=1))
            move = {"quote_id": "q_1", "number": 1, **said, "person": "sam", "role": "sales"}
            connection.execute(insert(sales_quote_move).values(**move))

    def _offered(self, name: str, state: str, plan: Json | None = None) -> None:
        row = {"id": name, **OF, "customer_id": self.desk.scenario.customer, "wanted": plan or self.plan}
        with self.desk.engine.begin() as connection:
            connection.execute(insert(quote_offer).values(**row, state=state, written_at=clock.now()))
