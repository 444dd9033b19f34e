"""The command that plans the term of an accepted quote: its later stages, and its end where it ends.

These are phases of its subscription's schedule.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.objects import discount_ids, get_whole, quantity_of
from dashboard.actions.quoting import SEND
from dashboard.actions.quoting_params import Wanting, made_by, mark, phase, taxes, tiered_price, tiered_rows
from dashboard.actions.quoting_reading import prices, products
from dashboard.formatting import day
from data.actions import Step
from data.clock import from_epoch, to_epoch
from data.contracts import add_months
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
SCHEDULES = "/v1/subscription_schedules"


@dataclass(frozen=True)
class PlanRamp(Wanting):
    """Plan what the years after the first stage bill, or that nothing does; wanted: as for WriteQuote."""

    customer_id: str
    quote_id: str
    offer_id: str
    wanted: str

    @property
    def subject(self) -> str:
        """The quote, Stripe's."""
        return self.offer_id


def _read(gateway: Gateway, command: PlanRamp) -> Json:
    """The subscription that the quote made, with its schedule; or the schedule that will make it."""
    quote = gateway.get(f"/v1/quotes/{command.offer_id}")
    subscription, schedule = None, reference(quote.get("subscription_schedule"))
    if identity := reference(quote.get("subscription")):
        subscription = get_whole(
            gateway, f"/v1/subscriptions/{identity}", "discounts", "items.data.discounts"
        )
        schedule = reference(subscription.get("schedule")) or schedule
    known = products(gateway, command.plan)
    return {
        "quote": quote,
        "subscription": subscription,
        "schedule": gateway.get(f"{SCHEDULES}/{schedule}") if schedule else None,
        "products": known,
        "prices": prices(gateway, command.plan, known),
    }


def _seen(obj: Json) -> Json:
    schedule = obj["schedule"]
    return {
        "status": obj["quote"]["status"],
        "schedule": schedule["id"] if schedule else None,
        "phases": len(schedule["phases"]) if schedule else 0,
    }


def _guard(command: PlanRamp, obj: Json) -> str | None:
    if obj["quote"]["status"] != "accepted":
        return "The quote is not accepted."
    subscription, schedule = obj["subscription"], obj["schedule"]
    if subscription is None and schedule is None:
        return "The accepted quote made neither a subscription nor a schedule."
    if subscription and subscription["status"] in ("canceled", "incomplete_expired"):
        return "The subscription has ended: nothing can be planned for it."
    if schedule and schedule["status"] not in ("active", "not_started"):
        return "The subscription's schedule has ended: plan the later years by hand."
    return None


def _preview(command: PlanRamp, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    rows = tuple(
        (f"From month {stage['month'] + 1}", "–", f"{stage['capacity']:,} units, {stage['months']} months")
        for stage in command.plan["stages"][1:]
    )
    begins = from_epoch(_start(obj))
    if _ends(command.plan):
        rows = (*rows, ("After the term", "–", "nothing: the subscription ends"))
    return Preview((("Begins", "–", day(begins)), *rows), _seen(obj), at, command.plan["currency"])


def _start(obj: Json) -> int:
    """When the term began or begins, epoch seconds."""
    if obj["subscription"]:
        return int(obj["subscription"]["billing_cycle_anchor"])
    return int(obj["schedule"]["phases"][0]["start_date"])


def _steps(command: PlanRamp, obj: Json, at: datetime) -> list[Step]:
    plan, by_word = command.plan, dict(obj["prices"])
    steps: list[Step] = []
    path = f"{SCHEDULES}/{obj['schedule']['id']}" if obj["schedule"] else f"{SCHEDULES}/{{0}}"
    if not obj["schedule"]:
        made = {"from_subscription": obj["subscription"]["id"]}
        steps.append(Step("post", SCHEDULES, made, f"{SCHEDULES}/{{0}}/release"))
    for name, row in tiered_rows(plan).items():
        if name not in by_word:
            by_word[name] = made_by(len(steps))
            steps.append(tiered_price(plan, row, obj["products"]))
    later = [phase(stage, plan, obj["products"], by_word) for stage in plan["stages"][1:]]
    phases = {"phases": [_running(plan, obj), *later], "end_behavior": "cancel" if _ends(plan) else "release"}
    return [*steps, Step("post", path, phases)]


def _ends(plan: Json) -> bool:
    """Whether nothing is billed after the term."""
    return bool(plan["terms"].get("ends"))


def _running(plan: Json, obj: Json) -> Json:
    """The first stage as it is at Stripe, until the second begins."""
    begun = from_epoch(_start(obj))
    assert begun is not None
    ends = to_epoch(add_months(begun, plan["stages"][0]["months"]))
    if obj["subscription"]:
        found = _of_subscription(obj["subscription"])
    else:
        found = _of_schedule(obj["schedule"]["phases"][0])
    terms = plan["terms"]
    found |= {"end_date": ends, "collection_method": terms["collection_method"], "metadata": _metadata(plan)}
    if terms["collection_method"] == "send_invoice":
        found["invoice_settings"] = {"days_until_due": terms["days_until_due"]}
    return found | taxes(plan)


def _metadata(plan: Json) -> Json:
    return {**plan["terms"]["metadata"], **mark(plan["stages"][0])}


def _of_subscription(subscription: Json) -> Json:
    items = subscription["items"]["data"]
    return {
        "start_date": items[0]["current_period_start"],
        "items": [
            {"price": item["price"]["id"], "quantity": quantity_of(item), **_held(item)} for item in items
        ],
        **_held(subscription),
    }


def _held(obj: Json) -> Json:
    ids = discount_ids(obj)
    return {"discounts": [{"discount": each} for each in ids]} if ids else {}


def _of_schedule(first: Json) -> Json:
    items = [
        {"price": reference(item["price"]), "quantity": item["quantity"], **_promised(item)}
        for item in first["items"]
    ]
    return {"start_date": first["start_date"], "items": items, **_promised(first)}


def _promised(obj: Json) -> Json:
    named = [
        {"coupon": reference(each["coupon"])} for each in obj.get("discounts") or () if each.get("coupon")
    ]
    return {"discounts": named} if named else {}


def _is_planned(command: PlanRamp, obj: Json) -> bool:
    if not obj["schedule"]:
        return False
    last = mark(command.plan["stages"][-1]).items()
    return any(
        last <= each["metadata"].items() and each["metadata"].get("quote") == command.quote_id
        for each in obj["schedule"]["phases"]
    )


HANDLERS: dict[type, Handler[Any]] = {
    PlanRamp: Handler(
        "Plan ramp",
        SEND,
        _read,
        _seen,
        _guard,
        _preview,
        _steps,
        _is_planned,
        own=frozenset({"schedule", "phases"}),
    )
}
"""What the command needs and does."""
