"""The command of quotes that add to a running subscription: no quote at Stripe can, so it changes it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dashboard import formatting
from dashboard.actions.base import ActionError, Handler, Money, Preview
from dashboard.actions.mails import receipt, sent_invoice
from dashboard.actions.marks import everything
from dashboard.actions.objects import (
    arr,
    item_in_words,
    product_name,
    quantity_of,
    read_subscription,
    seen_subscription,
)
from dashboard.actions.of_subscription import movement, unscheduled
from dashboard.actions.quoting import SEND
from dashboard.actions.quoting_joining_steps import (
    ADDITION,
    SCHEDULES,
    added,
    at_renewal,
    begins_at,
    lines,
    steps,
)
from dashboard.actions.quoting_preparing import PrepareJoining, lacking, needed
from data import catalog
from data.gateway import Gateway

Json = dict[str, Any]
RECENT = 100  # invoices of a customer among which the command's own is looked for
OTHER = "The subscription is not what this quote adds to any more: take over what it is now, and revise it."
REACHED = " A discount of the subscription or of the customer may reach what is added."


@dataclass(frozen=True)
class JoinSubscription(PrepareJoining):
    """Add what was quoted to the subscription, and bill its first part: the customer accepted.

    wanted: the text of dashboard.quotes.offering.wanted, with what the subscription had when it was sent.
    """

    offer_id: str
    signatory: str
    signed_on: str

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription_id


def _read(gateway: Gateway, command: JoinSubscription) -> Json:
    """The subscription without what was added to it by the command, and that beside it."""
    whole = read_subscription(gateway, command)
    held, mine = whole["items"]["data"], command.marks.items()
    beside = [each for each in held if mine <= (each.get("metadata") or {}).items()]
    schedule = gateway.get(f"{SCHEDULES}/{whole['schedule']}") if whole["schedule"] else None
    asked = {"customer": whole["customer"], "limit": RECENT}
    recent = gateway.page("/v1/invoices", asked).objects
    waiting = everything(gateway, "/v1/invoiceitems", customer=whole["customer"], pending=True)
    return {
        **whole,
        **needed(gateway, command),
        "items": {**whole["items"], "data": [each for each in held if each not in beside]},
        "added": beside,
        "planned": any(_is_mine(command, each) for each in (schedule or {}).get("phases", ())),
        "invoices": [each for each in recent if mine <= (each.get("metadata") or {}).items()],
        "waiting": [each["id"] for each in waiting if mine <= (each.get("metadata") or {}).items()],
    }


def _is_mine(command: JoinSubscription, phase: Json) -> bool:
    return bool((phase.get("metadata") or {}).get(ADDITION) == command.addition)


def _seen(obj: Json) -> Json:
    found = {name: value for name, value in seen_subscription(obj).items() if name != "schedule"}
    invoice = obj["invoices"][0] if obj["invoices"] else None
    return {
        **found,
        "currency": obj["currency"],
        "subscription": obj["id"],
        "subscription_schedule": obj["schedule"],
        "invoice": invoice["id"] if invoice else None,
        "invoice is": invoice["status"] if invoice else None,
        "added": [each["id"] for each in obj["added"]],
        "waiting": obj["waiting"],
    }


OWN = frozenset({"subscription_schedule", "invoice", "invoice is", "added", "waiting"})


def _guard(command: JoinSubscription, obj: Json) -> str | None:
    plan, joins = command.plan, command.plan["joins"]
    if not command.signatory.strip():
        return "Say who accepted it: their name."
    if obj["added"] or obj["planned"]:
        return "What this quote adds is added already."
    if refusal := unscheduled(command, obj):  # type: ignore[arg-type]
        return refusal
    if obj["status"] not in ("active", "past_due"):
        return f"This subscription is {obj['status'].replace('_', ' ')}: nothing can be added to it."
    if obj["cancel_at"] or obj["cancel_at_period_end"]:
        return "It is set to end: take that back first."
    periods = {(_day(each, "start"), _day(each, "end")) for each in obj["items"]["data"]}
    if periods != {(joins["period_start"], joins["renews_on"])} or obj["currency"] != plan["currency"]:
        return OTHER
    if gone := [str(step.params["id"]) for step in lacking(command, obj)]:
        return f"Stripe lacks what this quote needs: {', '.join(gone)}. Send the quote anew."
    if "items" in joins:  # what it had when the quote was sent
        return None if seen_subscription(obj)["items"] == joins["items"] else OTHER
    return _not_as_quoted(command, obj)


def _not_as_quoted(command: JoinSubscription, obj: Json) -> str | None:
    """Why the price of what is added is not that of the quote: another capacity runs, or it runs already."""
    running = [(_key(each), quantity_of(each)) for each in obj["items"]["data"]]
    joins, rows = command.plan["joins"], command.plan["stages"][0]["rows"]
    capacity = sum(quantity for key, quantity in running if key == joins["plan"] and quantity > 1)
    if capacity not in (0, joins["capacity"]):  # 0: a contract that is billed as one does not tell it
        return OTHER
    new = {row["key"] for row in rows} - {joins["plan"]}
    return OTHER if new & {key for key, _ in running} else None


def _key(item: Json) -> str | None:
    """The entry of the catalogue that an item is of."""
    product, sold = item["price"]["product"], catalog.current()
    if not isinstance(product, dict):
        return None
    name = sold.recognised(product["id"], product.get("name"), product.get("metadata")).name
    return next((entry.key for entry in sold.entries if entry.name == name), None)


def _day(item: Json, end: str) -> str:
    return f"{datetime.fromtimestamp(item[f'current_period_{end}'], UTC):%Y-%m-%d}"


def difference(gateway: Gateway, command: JoinSubscription, obj: Json) -> str:
    """Where Stripe's preview of the very change is not what was quoted, in words; else "".

    What the next invoice has more than without it: a whole period, and what is billed once. Raises
    GatewayError.
    """
    code, once = command.plan["currency"], lines(command, obj)
    details = {"items": added(command, obj, marked=False), "proration_behavior": "none"}
    extra = {"invoice_items": [{**each, "currency": code} for each in once]} if once else {}
    before = _upcoming(gateway, command, {})
    theirs = _upcoming(gateway, command, {"subscription_details": details, **extra}) - before
    ours = command.plan["expected"]["again"] + sum(each["amount"] for each in once)
    if theirs == ours:
        return ""
    said = f"Stripe comes to {formatting.amount(theirs, code)} for what is added and billed once"
    return f"{said}, the quote to {formatting.amount(ours, code)}.{REACHED}"


def _upcoming(gateway: Gateway, command: JoinSubscription, more: Json) -> int:
    asked = {"subscription": command.subscription_id, **more}
    found = gateway.write("post", "/v1/invoices/create_preview", asked, f"preview-{uuid4().hex}").object
    untaxed = found.get("total_excluding_tax")
    return int(found["total"] if untaxed is None else untaxed)


def _preview(command: JoinSubscription, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    """What it leads to. Raises ActionError where Stripe comes to something else."""
    if told := difference(gateway, command, obj):
        raise ActionError(told)
    plan, once, value = command.plan, lines(command, obj), arr(obj, at)
    begins = begins_at(command, obj)
    starts = "now" if begins <= at else formatting.day(begins)
    rows = [(product_name(each["price"]), item_in_words(each), "stays") for each in obj["items"]["data"]]
    rows += [
        (plan["entries"][row["key"]]["name"], "–", f"{row['quantity']:,} added, {starts}")
        for row in plan["stages"][0]["rows"]
    ]
    total = sum(each["amount"] for each in once)
    moment = max(begins, at)
    told_lines = tuple((each["description"], each["amount"]) for each in once)
    money = Money(plan["currency"], total, total, told_lines, begins <= at, moment) if once else None
    by_card = plan["terms"]["collection_method"] == "charge_automatically"
    mails = (receipt if by_card else sent_invoice)(obj["customer_email"]) if once else ()
    after = None if value is None else value + plan["joins"]["arr"]
    ran = movement(value, after)
    late = _late(begins, at) if once else ()
    return Preview(tuple(rows), _seen(obj), at, plan["currency"], money, value, after, ran, mails, late)


def _late(begins: datetime, at: datetime) -> tuple[str, ...]:
    """What it means that it was to begin on an earlier day."""
    if begins.date() >= at.date():
        return ()
    told = formatting.day(begins)
    return (
        f"It was to begin on {told}, which is past: the part from then is billed in full now, as it was "
        "signed. Where it is to be billed from now on only, revise the quote.",
    )


def _is_joined(command: JoinSubscription, obj: Json) -> bool:
    if not (obj["added"] or obj["planned"]):
        return False
    once = lines(command, obj)
    if once and at_renewal(command):
        return len(obj["waiting"]) == len(once)
    return not once or any(each["status"] != "draft" or each["auto_advance"] for each in obj["invoices"])


HANDLERS: dict[type, Handler[Any]] = {
    JoinSubscription: Handler(
        "Add to subscription", SEND, _read, _seen, _guard, _preview, steps, _is_joined, own=OWN
    ),
}
"""What the command needs and does."""
