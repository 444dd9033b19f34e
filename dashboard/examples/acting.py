"""What people do at Stripe for the customers that the generated business has."""

from collections.abc import Iterator
from typing import Any

from dashboard.actions import approving, running
from dashboard.actions.base import Command
from dashboard.actions.collecting import SetCollection
from dashboard.actions.ending import CancelSubscription, KeepSubscription
from dashboard.actions.invoices import CreditInvoice, MarkInvoicePaid
from dashboard.actions.terms import ApplyCoupon
from dashboard.examples.world import Person, World
from data.sign_in_settings import FINANCE, MANAGER, SALES

Json = dict[str, Any]
STAY = "STAY30"
"""The coupon of the generated business for those who would leave."""
SOON = 20 * 86_400  # seconds in which nothing renews


def _running(world: World) -> Iterator[Json]:
    """Subscriptions to which nothing is planned and nothing of the examples has happened, in dollars."""
    asked = {"status": "active", "collection_method": "charge_automatically", "limit": 100}
    for each in world.gateway.page("/v1/subscriptions", asked).objects:
        item = each["items"]["data"][0]
        ends = item["current_period_end"] - world.gateway.clock.now().timestamp()
        planned = each["schedule"] or each["cancel_at"] or each["pause_collection"] or each["discounts"]
        plain = len(each["items"]["data"]) == 1 and item["price"]["unit_amount"] and not planned
        if plain and each["currency"] == "usd" and ends > SOON and each["customer"] not in world.taken:
            yield each


def _first(found: Iterator[Json]) -> Json:
    """The first that fits. Raises LookupError."""
    for each in found:
        return each
    raise LookupError("the generated business has nobody who fits")


def _one(world: World, name: str) -> Json:
    """The subscription that a name of the story stands for, from its first mention on."""
    if name not in world.subscriptions:
        found = _first(_running(world))
        world.subscriptions[name] = found["id"], found["customer"]
        world.taken.add(found["customer"])
    identity, customer = world.subscriptions[name]
    return {"id": identity, "customer": customer}


def cancel(world: World, name: str, feedback: str, comment: str) -> None:
    """End a subscription when its period ends, as the customer wishes."""
    each = _one(world, name)
    command = CancelSubscription(each["customer"], each["id"], "period_end", feedback, comment)
    world.do(Person(MANAGER), command, "They wrote to support.")


def keep(world: World, name: str, reason: str) -> None:
    """Take that back: the customer stays."""
    each = _one(world, name)
    world.do(Person(MANAGER), KeepSubscription(each["customer"], each["id"]), reason)


def by_invoice(world: World, name: str, reason: str) -> None:
    """From now on invoices are sent."""
    each = _one(world, name)
    world.do(Person(FINANCE), SetCollection(each["customer"], each["id"], "send_invoice", 30), reason)


def credit(world: World, name: str, reason: str) -> None:
    """Give a tenth of the last invoice back as credit."""
    invoice = _last_paid(world, name)
    part = invoice["total"] // 10
    told = {"balance": part, "why": "order_change", "memo": "For the hours in which exports failed"}
    command = CreditInvoice(invoice["customer"], invoice["id"], part, **told, mark=f"example {name}")
    world.do(Person(FINANCE), command, reason)


def _last_paid(world: World, name: str) -> Json:
    each = _one(world, name)
    asked = {"subscription": each["id"], "status": "paid", "limit": 100}
    found = [each for each in world.gateway.page("/v1/invoices", asked).objects if each["total"] > 0]
    return {**_first(iter(found)), "customer": each["customer"]}


def paid_elsewhere(world: World, reason: str) -> None:
    """An open invoice in dollars was paid outside of Stripe."""
    asked = {"status": "open", "collection_method": "send_invoice", "limit": 100}
    found = world.gateway.page("/v1/invoices", asked).objects
    mine = _first(each for each in found if each["currency"] == "usd" and each["customer"] not in world.taken)
    world.taken.add(mine["customer"])
    world.do(Person(FINANCE), MarkInvoicePaid(mine["customer"], mine["id"]), reason)


def ask_discount(world: World, name: str, reason: str) -> None:
    """Sales ask for more than they may give alone: it waits on Approvals."""
    each = _one(world, name)
    _ask(world, Person(SALES), ApplyCoupon(each["customer"], each["id"], STAY), reason)


def _ask(world: World, by: Person, command: Command, reason: str) -> None:
    actor = world.actor(by)
    shown = running.preview(world.gateway, actor, command)
    asked = approving.ask(world.url, actor, command, shown, reason, world.chosen.approval_days)
    world.requests.append(asked)


def approve(world: World, comment: str) -> None:
    """A manager approves what was asked for last."""
    actor, asked = world.actor(Person(MANAGER)), world.requests[-1]
    shown = approving.look(world.url, world.gateway, actor, asked)
    approving.approve(world.url, world.gateway, actor, asked, shown, comment)


def decline(world: World, comment: str) -> None:
    """A manager says no to what was asked for last."""
    approving.decline(world.url, world.actor(Person(MANAGER)), world.requests[-1], comment)
