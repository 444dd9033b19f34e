"""Scenarios that read like tables: days as text, amounts as billed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from data.sandbox import engine
from data.sandbox.billing import Billing, people, working
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.store import Store

Json = dict[str, Any]
Line = tuple[str, str, int]


def at(text: str) -> int:
    """ "2026-01-31" is 10:00 UTC of that day; "2026-01-31 11:30" is the minute."""
    day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(day.timestamp()) + (0 if ":" in text else 36_000)


def day(moment: int | None) -> str | None:
    """The day of an instant, as scenarios write it."""
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


class Scenario:
    """One product at several prices, one customer, and a clock."""

    def __init__(self, store: Store, start: str, card: str | None = "4242") -> None:
        store.set_now(at(start))
        self.store = store
        with working(store) as billing:
            self.product = people.create_product(billing, "Seats", metadata={"plan": "professional"})["id"]
            self.customer = people.create_customer(billing, "Acme", "acme@example.com")["id"]
        if card:
            self.card(card)

    @contextmanager
    def work(self) -> Iterator[Billing]:
        """A unit of work at the present moment."""
        with working(self.store) as billing:
            yield billing

    def do(self, operation: Callable[..., Json], *args: Any, **fields: Any) -> Json:
        """One operation of its own."""
        with self.work() as billing:
            return operation(billing, *args, **fields)

    def price(self, amount: int, interval: str = "month", count: int = 1, currency: str = "usd") -> str:
        """A price of the product."""
        made = self.do(people.create_price, self.product, currency, amount, (interval, count))
        return str(made["id"])

    def do_price(self, amount: int, currency: str = "usd") -> str:
        """A price that is paid once."""
        return str(self.do(people.create_price, self.product, currency, amount, None)["id"])

    def found(self, resource: str, identity: str) -> Json:
        """An object that is there."""
        found = self.store.get(resource, identity)
        assert found is not None
        return found

    def coupon(self, duration: str, **fields: Any) -> str:
        """A coupon."""
        return str(self.do(people.create_coupon, f"C{self.store.count('coupons')}", duration, **fields)["id"])

    def card(self, last4: str) -> None:
        """Another default card."""
        self.do(people.attach_card, self.customer, last4=last4)

    def subscribe(self, amount: int = 1_000, quantity: int = 1, **fields: Any) -> str:
        """A subscription at a new monthly price, or at items=[(price, quantity)]."""
        items = fields.pop("items", None) or [(self.price(amount), quantity)]
        return str(self.do(create_subscription, self.customer, items, **fields)["id"])

    def until(self, moment: str) -> None:
        """Move the clock."""
        engine.advance(self.store, at(moment))

    def subscription(self, identity: str) -> Json:
        """A subscription as it is now."""
        found = self.store.get("subscriptions", identity)
        assert found is not None
        return found

    def item(self, identity: str) -> Json:
        """A subscription's first item."""
        first: Json = self.subscription(identity)["items"]["data"][0]
        return first

    def status(self, identity: str) -> str:
        """A subscription's status."""
        return str(self.subscription(identity)["status"])

    def customer_now(self) -> Json:
        """The customer as it is now."""
        found = self.store.get("customers", self.customer)
        assert found is not None
        return found

    def invoices(self) -> list[tuple[str | None, str, int, int]]:
        """(day, status, total, due) of every invoice, oldest first."""
        return [
            (day(each["created"]), each["status"], each["total"], each["amount_due"])
            for each in self.store.all("invoices")
        ]

    def last_invoice(self) -> Json:
        """The newest invoice."""
        return list(self.store.all("invoices"))[-1]

    def lines(self) -> list[int]:
        """The newest invoice's line amounts in their order."""
        return [line["amount"] for line in self.last_invoice()["lines"]["data"]]

    def events(self, *prefixes: str) -> list[str]:
        """The kinds of the events that begin with a prefix, oldest first."""
        return [each["type"] for each in self.store.all("events") if each["type"].startswith(prefixes or "")]
