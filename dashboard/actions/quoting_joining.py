"""The commands of quotes that add to a running subscription: no quote at Stripe can, so they change it.

The part until the renewal is billed by an invoice of its own, of just the amounts of the order form: Stripe
prorates by the second, a contract by days. What renews is put beside what runs, and nothing is prorated.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from dashboard import formatting
from dashboard.actions.base import ActionError, Handler, Money, Preview
from dashboard.actions.items import kept, terms_kept
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
from dashboard.actions.quoting_params import (
    coupons_missing,
    items,
    made_by,
    product_id,
    products_missing,
)
from dashboard.actions.quoting_reading import products, those_there
from data import catalog
from data.actions import HARMLESS, Step
from data.clock import from_epoch
from data.gateway import Gateway

Json = dict[str, Any]
SCHEDULES = "/v1/subscription_schedules"
ADDITION = "addition"
SOON = timedelta(hours=1)  # a draft cannot be due before it is sent
RECENT = 100  # invoices of a customer among which the command's own is looked for
OTHER = "The subscription is not what this quote adds to any more: take over what it is now, and revise it."
REACHED = " A discount of the subscription or of the customer may reach what is added."


@dataclass(frozen=True)
class PrepareJoining:
    """Make what the addition needs at Stripe: products and coupons; wanted: as for JoinSubscription."""

    customer_id: str
    quote_id: str
    version: int
    seal: str
    wanted: str

    @property
    def subject(self) -> str:
        """The quote, ours."""
        return self.quote_id

    @property
    def plan(self) -> Json:
        """What is wanted."""
        found: Json = json.loads(self.wanted)
        return found


@dataclass(frozen=True)
class JoinSubscription(PrepareJoining):
    """Add what was quoted to the subscription, and bill its first part: the customer accepted.

    wanted: the text of dashboard.quotes.offering.wanted, with what the subscription had when it was sent.
    """

    offer_id: str
    signatory: str
    signed_on: str

    @property
    def subscription_id(self) -> str:
        """What it adds to."""
        return str(self.plan["joins"]["subscription"])

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription_id

    @property
    def marks(self) -> Json:
        """The metadata by which all that it makes is known."""
        return {"quote": self.quote_id, "version": str(self.version)}

    @property
    def addition(self) -> str:
        """The same in a phase, whose metadata becomes the subscription's."""
        return f"{self.quote_id}-{self.version}"


def _needed(gateway: Gateway, command: PrepareJoining) -> Json:
    plan = command.plan
    known = those_there(gateway, "/v1/coupons", [each["id"] for each in plan["coupons"]])
    return {"products": products(gateway, plan), "coupons": known}


def _needed_seen(obj: Json) -> Json:
    return {"products": sorted(obj["products"].values()), "coupons": sorted(obj["coupons"])}


def _missing(command: PrepareJoining, obj: Json) -> list[Step]:
    plan = command.plan
    coupons = coupons_missing(plan, _known(command, obj), obj["coupons"])
    return [*products_missing(plan, obj["products"]), *coupons]


def _known(command: PrepareJoining, obj: Json) -> dict[str, str]:
    """The product of each entry, also of one that is yet to be made."""
    return {key: obj["products"].get(key) or product_id(key) for key in command.plan["entries"]}


def _prepare_steps(command: PrepareJoining, obj: Json, at: datetime) -> list[Step]:
    return _missing(command, obj)


def missing(gateway: Gateway, command: PrepareJoining) -> bool:
    """Whether Stripe lacks something that it needs. Raises GatewayError."""
    return bool(_missing(command, _needed(gateway, command)))


def _preparing(command: PrepareJoining, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    rows = [
        (step.path.rpartition("/")[2].capitalize(), "–", str(step.params.get("name") or step.params["id"]))
        for step in _missing(command, obj)
    ]
    return Preview(tuple(rows), _needed_seen(obj), at, command.plan["currency"])


def _read(gateway: Gateway, command: JoinSubscription) -> Json:
    """The subscription without what was added to it by the command, and that beside it."""
    whole = read_subscription(gateway, command)
    held, mine = whole["items"]["data"], command.marks.items()
    added = [each for each in held if mine <= (each.get("metadata") or {}).items()]
    schedule = gateway.get(f"{SCHEDULES}/{whole['schedule']}") if whole["schedule"] else None
    asked = {"customer": whole["customer"], "limit": RECENT}
    recent = gateway.page("/v1/invoices", asked).objects
    waiting = everything(gateway, "/v1/invoiceitems", customer=whole["customer"], pending=True)
    return {
        **whole,
        **_needed(gateway, command),
        "items": {**whole["items"], "data": [each for each in held if each not in added]},
        "added": added,
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
    if gone := [str(step.params["id"]) for step in _missing(command, obj)]:
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
    added = {row["key"] for row in rows} - {joins["plan"]}
    return OTHER if added & {key for key, _ in running} else None


def _key(item: Json) -> str | None:
    """The entry of the catalogue that an item is of."""
    product, sold = item["price"]["product"], catalog.current()
    if not isinstance(product, dict):
        return None
    name = sold.recognised(product["id"], product.get("name"), product.get("metadata")).name
    return next((entry.key for entry in sold.entries if entry.name == name), None)


def _day(item: Json, end: str) -> str:
    return f"{datetime.fromtimestamp(item[f'current_period_{end}'], UTC):%Y-%m-%d}"


def _begins(command: JoinSubscription, obj: Json) -> datetime:
    """The day on which it starts, at the subscription's own hour."""
    ends = from_epoch(obj["items"]["data"][0]["current_period_end"])
    assert ends is not None
    return datetime.combine(date.fromisoformat(command.plan["joins"]["start"]), ends.timetz())


def _at_renewal(command: JoinSubscription) -> bool:
    joins = command.plan["joins"]
    return bool(joins["start"] == joins["renews_on"])


def _lines(command: JoinSubscription, obj: Json) -> list[Json]:
    """What is billed once, as invoice items: the part until the renewal by its lines, and the fees."""
    plan, joins = command.plan, command.plan["joins"]
    begins, ends = int(_begins(command, obj).timestamp()), obj["items"]["data"][0]["current_period_end"]
    since, until = (date.fromisoformat(joins[name]) for name in ("start", "renews_on"))
    told = f"{formatting.day(since)} to {formatting.day(until)}"
    part = [
        _line(f"{plan['entries'][each['key']]['name']}, {told}", each["amount"], begins, ends)
        for each in joins["part"]
    ]
    return [
        *(each for each in part if each["amount"]),
        *(_line(fee["name"], fee["amount"], begins, begins) for fee in plan["fees"] if fee["amount"]),
    ]


def _line(description: str, amount: int, start: int, end: int) -> Json:
    period = {"start": start, "end": end}
    return {"description": description[:500], "amount": amount, "period": period, "discountable": False}


def _added(command: JoinSubscription, obj: Json, *, marked: bool = True) -> list[Json]:
    """The items that are put beside those that run."""
    found = items(command.plan["stages"][0], command.plan, _known(command, obj), {})
    return [{**each, "metadata": command.marks} for each in found] if marked else found


def difference(gateway: Gateway, command: JoinSubscription, obj: Json) -> str:
    """Where Stripe's preview of the very change is not what was quoted, in words; else "".

    What the next invoice has more than without it: a whole period, and what is billed once. Raises
    GatewayError.
    """
    code, once = command.plan["currency"], _lines(command, obj)
    details = {"items": _added(command, obj, marked=False), "proration_behavior": "none"}
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
    plan, once, value = command.plan, _lines(command, obj), arr(obj, at)
    begins = _begins(command, obj)
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
    return Preview(
        tuple(rows), _seen(obj), at, plan["currency"], money, value, after, movement(value, after), mails
    )


def _steps(command: JoinSubscription, obj: Json, at: datetime) -> list[Step]:
    """What binds nobody first, then the change, then the invoice goes out."""
    begins, once = _begins(command, obj), _lines(command, obj)
    steps: list[Step] = []
    invoice = 0
    if once and not _at_renewal(command):
        draft = _invoice(command, obj, None if begins <= at else begins)
        steps.append(Step("post", "/v1/invoices", draft, HARMLESS))
        steps += [Step("post", "/v1/invoiceitems", each, HARMLESS) for each in _on(command, once, invoice)]
    if begins <= at:
        change = {"items": _added(command, obj), "proration_behavior": "none"}
        steps.append(Step("post", f"/v1/subscriptions/{command.subscription_id}", change))
    else:
        made = {"from_subscription": command.subscription_id}
        steps.append(Step("post", SCHEDULES, made, f"{SCHEDULES}/{{0}}/release"))
        path = f"{SCHEDULES}/{{{len(steps) - 1}}}"
        steps.append(Step("post", path, {"phases": _phases(command, obj, begins), "end_behavior": "release"}))
    if once and _at_renewal(command):
        of = {"subscription": command.subscription_id}
        steps += [Step("post", "/v1/invoiceitems", {**each, **of}) for each in _on(command, once, None)]
    elif once and begins <= at:
        steps.append(Step("post", f"/v1/invoices/{{{invoice}}}/finalize", {"auto_advance": True}))
    elif once:
        dated = {"auto_advance": True, "automatically_finalizes_at": int(begins.timestamp())}
        steps.append(Step("post", f"/v1/invoices/{{{invoice}}}", dated))
    return steps


def _on(command: JoinSubscription, once: list[Json], invoice: int | None) -> Iterator[Json]:
    """Invoice items on the draft that a step makes; None: they wait for the subscription's next invoice."""
    named = {} if invoice is None else {"invoice": made_by(invoice)}
    for each in once:
        yield {
            **each,
            **named,
            "customer": command.customer_id,
            "currency": command.plan["currency"],
            "metadata": command.marks,
        }


def _invoice(command: JoinSubscription, obj: Json, later: datetime | None) -> Json:
    """The draft of the first part: paid as the quote says, taxed as the subscription is.

    later: when it is sent, if not now; Stripe would count the days to pay from when it was made.
    """
    plan, terms = command.plan, command.plan["terms"]
    found: Json = {
        "customer": command.customer_id,
        "currency": plan["currency"],
        "collection_method": terms["collection_method"],
        "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "description": f"Order form {command.quote_id}-{command.version}",
        "metadata": {**command.marks, "subscription": command.subscription_id},
    }
    if terms["collection_method"] == "send_invoice" and later is None:
        found["days_until_due"] = terms["days_until_due"]
    elif later is not None and terms["collection_method"] == "send_invoice":
        found["due_date"] = int((later + max(timedelta(terms["days_until_due"]), SOON)).timestamp())
    elif card := obj.get("default_payment_method"):
        found["default_payment_method"] = card if isinstance(card, str) else card["id"]
    if rates := [each["id"] for each in obj.get("default_tax_rates") or ()]:
        found["default_tax_rates"] = rates
    if (obj.get("automatic_tax") or {}).get("enabled"):
        found["automatic_tax"] = {"enabled": True}
    return found


def _phases(command: JoinSubscription, obj: Json, begins: datetime) -> list[Json]:
    """What it has until it begins, then with what is added, until the renewal or for a period from it."""
    held = [{**kept(each), "price": each["price"]["id"], **_counted(each)} for each in obj["items"]["data"]]
    first, since = obj["items"]["data"][0], int(begins.timestamp())
    lasts: Json = {"end_date": first["current_period_end"]}
    if _at_renewal(command):
        lasts = {"duration": command.plan["interval"]}
    return [
        {**terms_kept(obj), "items": held, "start_date": first["current_period_start"], "end_date": since},
        {
            **terms_kept(obj),
            "items": [*held, *_added(command, obj)],
            **lasts,
            "proration_behavior": "none",
            "metadata": {ADDITION: command.addition},
        },
    ]


def _counted(item: Json) -> Json:
    """Its quantity; Stripe refuses one where use is metered."""
    return {} if item.get("quantity") is None else {"quantity": item["quantity"]}


def _is_joined(command: JoinSubscription, obj: Json) -> bool:
    if not (obj["added"] or obj["planned"]):
        return False
    once = _lines(command, obj)
    if once and _at_renewal(command):
        return len(obj["waiting"]) == len(once)
    return not once or any(each["status"] != "draft" or each["auto_advance"] for each in obj["invoices"])


HANDLERS: dict[type, Handler[Any]] = {
    PrepareJoining: Handler(
        "Prepare addition at Stripe",
        SEND,
        _needed,
        _needed_seen,
        lambda command, obj: None if _missing(command, obj) else "Nothing is missing at Stripe.",
        _preparing,
        _prepare_steps,
        lambda command, obj: not _missing(command, obj),
        own=frozenset({"products", "coupons"}),
    ),
    JoinSubscription: Handler(
        "Add to subscription", SEND, _read, _seen, _guard, _preview, _steps, _is_joined, own=OWN
    ),
}
"""What each command needs and does."""
