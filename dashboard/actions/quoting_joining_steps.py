"""What an addition to a running subscription changes and bills at Stripe, as steps.

The part until the renewal is billed by an invoice of its own, of just the amounts of the order form: Stripe
prorates by the second, a contract by days. What renews is put beside what runs, and nothing is prorated.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from dashboard import formatting
from dashboard.actions.items import kept, terms_kept
from dashboard.actions.quoting_params import items, made_by
from dashboard.actions.quoting_preparing import PrepareJoining, product_ids
from data.actions import HARMLESS, Step
from data.clock import from_epoch

Json = dict[str, Any]
SCHEDULES = "/v1/subscription_schedules"
ADDITION = "addition"
SOON = timedelta(hours=1)  # a draft cannot be due before it is sent


def begins_at(command: PrepareJoining, obj: Json) -> datetime:
    """The day on which it starts, at the subscription's own hour."""
    ends = from_epoch(obj["items"]["data"][0]["current_period_end"])
    assert ends is not None
    return datetime.combine(date.fromisoformat(command.plan["joins"]["start"]), ends.timetz())


def at_renewal(command: PrepareJoining) -> bool:
    """Whether it starts on the very day on which the subscription renews."""
    joins = command.plan["joins"]
    return bool(joins["start"] == joins["renews_on"])


def lines(command: PrepareJoining, obj: Json) -> list[Json]:
    """What is billed once, as invoice items: the part until the renewal by its lines, and the fees."""
    plan, joins = command.plan, command.plan["joins"]
    begins, ends = int(begins_at(command, obj).timestamp()), obj["items"]["data"][0]["current_period_end"]
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


def added(command: PrepareJoining, obj: Json, *, marked: bool = True) -> list[Json]:
    """The items that are put beside those that run."""
    found = items(command.plan["stages"][0], command.plan, product_ids(command, obj), {})
    return [{**each, "metadata": command.marks} for each in found] if marked else found


def steps(command: PrepareJoining, obj: Json, at: datetime) -> list[Step]:
    """What binds nobody first, then the change, then the invoice goes out."""
    begins, once = begins_at(command, obj), lines(command, obj)
    found: list[Step] = []
    invoice = 0
    if once and not at_renewal(command):
        draft = _invoice(command, obj, None if begins <= at else begins)
        found.append(Step("post", "/v1/invoices", draft, HARMLESS))
        found += [Step("post", "/v1/invoiceitems", each, HARMLESS) for each in _on(command, once, invoice)]
    if begins <= at:
        change = {"items": added(command, obj), "proration_behavior": "none"}
        found.append(Step("post", f"/v1/subscriptions/{command.subscription_id}", change))
    else:
        made = {"from_subscription": command.subscription_id}
        found.append(Step("post", SCHEDULES, made, f"{SCHEDULES}/{{0}}/release"))
        path = f"{SCHEDULES}/{{{len(found) - 1}}}"
        found.append(Step("post", path, {"phases": _phases(command, obj, begins), "end_behavior": "release"}))
    if once and at_renewal(command):
        of = {"subscription": command.subscription_id}
        found += [Step("post", "/v1/invoiceitems", {**each, **of}) for each in _on(command, once, None)]
    elif once and begins <= at:
        found.append(Step("post", f"/v1/invoices/{{{invoice}}}/finalize", {"auto_advance": True}))
    elif once:
        dated = {"auto_advance": True, "automatically_finalizes_at": int(begins.timestamp())}
        found.append(Step("post", f"/v1/invoices/{{{invoice}}}", dated))
    return found


def _on(command: PrepareJoining, once: list[Json], invoice: int | None) -> Iterator[Json]:
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


def _invoice(command: PrepareJoining, obj: Json, later: datetime | None) -> Json:
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
        "description": f"Order form {plan.get('name') or command.addition}",
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


def _phases(command: PrepareJoining, obj: Json, begins: datetime) -> list[Json]:
    """What it has until it begins, then with what is added, until the renewal or for a period from it."""
    held = [{**kept(each), "price": each["price"]["id"], **_counted(each)} for each in obj["items"]["data"]]
    first, since = obj["items"]["data"][0], int(begins.timestamp())
    lasts: Json = {"end_date": first["current_period_end"]}
    if at_renewal(command):
        lasts = {"duration": command.plan["interval"]}
    return [
        {**terms_kept(obj), "items": held, "start_date": first["current_period_start"], "end_date": since},
        {
            **terms_kept(obj),
            "items": [*held, *added(command, obj)],
            **lasts,
            "proration_behavior": "none",
            "metadata": {ADDITION: command.addition},
        },
    ]


def _counted(item: Json) -> Json:
    """Its quantity; Stripe refuses one where use is metered."""
    return {} if item.get("quantity") is None else {"quantity": item["quantity"]}
