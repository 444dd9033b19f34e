"""The command that changes what a subscription has: plan, interval, capacity, add-ons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.actions.base import Handler, Money, Preview
from dashboard.actions.limits import arr_stake
from dashboard.actions.mails import of_change
from dashboard.actions.objects import (
    arr,
    credit_stake,
    discount_ids,
    get_whole,
    invoice_of,
    is_metered,
    item_rows,
    product_name,
    quantity_of,
    read_subscription,
    seen_subscription,
)
from dashboard.actions.of_subscription import (
    CHANGE,
    OfSubscription,
    movement,
    path,
    unscheduled,
)
from dashboard.formatting import day
from data.actions import Step
from data.clock import from_epoch
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
DECLINED = {
    "allow_incomplete": "If the card is declined, the change stays, its invoice is open and the subscription "
    "past due.",
    "error_if_incomplete": "If the card is declined, nothing is changed.",
}


@dataclass(frozen=True)
class ChangeItems(OfSubscription):
    """Change plan, interval, capacity or add-ons.

    items: (item id or "", price id, quantity) of everything that the subscription shall have.
    """

    items: tuple[tuple[str, str, int], ...]
    when: Literal["now", "period_end"] = "now"
    proration: Literal["create_prorations", "always_invoice", "none"] = "create_prorations"
    declined: Literal["allow_incomplete", "error_if_incomplete"] = "allow_incomplete"


def _read(gateway: Gateway, command: ChangeItems) -> Json:
    """The subscription, with the prices that it shall have, by id."""
    names = {price for _, price, _ in command.items}
    prices = {name: get_whole(gateway, f"/v1/prices/{name}", "product", "tiers") for name in names}
    return {**read_subscription(gateway, command), "prices": prices}


def _can_change(command: ChangeItems, obj: Json) -> str | None:
    if refusal := unscheduled(command, obj):  # its next phase would take back what is changed now
        return refusal
    if not command.items:
        return "A subscription needs at least one item: cancel it instead."
    held = {(item["id"], item["price"]["id"], quantity_of(item)) for item in obj["items"]["data"]}
    if refusal := _cannot_have(sorted(set(command.items) - held), obj):
        return refusal
    if command.when == "period_end" and obj["cancel_at"]:
        return "It is set to end: take that back first."
    if command.when == "period_end" and obj["status"] == "trialing":
        return "It is in a trial: change it now, or let the trial end first."
    return "That is what the subscription has already." if held == set(command.items) else None


def _cannot_have(changed: list[tuple[str, str, int]], obj: Json) -> str | None:
    """Why a subscription cannot have what is new or different."""
    had = {item["id"]: item["price"]["id"] for item in obj["items"]["data"]}
    for item_id, name, quantity in changed:
        price = obj["prices"][name]
        if quantity < 1:
            return "The quantity must be 1 or more."
        if quantity != 1 and is_metered(price):
            return "What is billed by use has no quantity of its own."
        if had.get(item_id) != name and not price.get("active", True):
            return f"The price of {product_name(price)} is archived at Stripe: choose another one."
    return None


def _item_params(command: ChangeItems, obj: Json) -> list[Json]:
    wanted = {item_id for item_id, _, _ in command.items}
    gone = [{"id": item["id"], "deleted": True} for item in obj["items"]["data"] if item["id"] not in wanted]
    held = {item["id"]: item for item in obj["items"]["data"]}
    kept = [
        _item(held.get(item_id), _wanted(obj, price, quantity)) for item_id, price, quantity in command.items
    ]
    return [*kept, *gone]


def _item(held: Json | None, wanted: Json) -> Json:
    """An item in a request; a price that stays is not named, since Stripe takes no archived one again."""
    if held is None:
        return wanted
    if held["price"]["id"] != wanted["price"]:
        return {"id": held["id"], **wanted}
    return {"id": held["id"]} | ({} if _same_quantity(held, wanted) else {"quantity": wanted["quantity"]})


def _same_quantity(held: Json, wanted: Json) -> bool:
    return "quantity" not in wanted or quantity_of(held) == wanted["quantity"]


def _wanted(obj: Json, price: str, quantity: int) -> Json:
    """A price with its quantity; Stripe refuses one where use is metered."""
    return {"price": price} if is_metered(obj["prices"][price]) else {"price": price, "quantity": quantity}


def _change_steps(command: ChangeItems, obj: Json, at: datetime) -> list[Step]:
    if command.when == "now":
        params: Json = {"items": _item_params(command, obj), "proration_behavior": command.proration}
        if command.proration != "none":
            params["proration_date"] = int(at.timestamp())
        params["payment_behavior"] = command.declined
        return [Step("post", path(command), params)]
    create = Step(
        "post",
        "/v1/subscription_schedules",
        {"from_subscription": command.subscription_id},
        "/v1/subscription_schedules/{0}/release",
    )
    return [create, Step("post", "/v1/subscription_schedules/{0}", {"phases": _phases(command, obj)})]


def _phases(command: ChangeItems, obj: Json) -> list[Json]:
    """What it has until its period ends, then what it shall have for a period of its own.

    Discounts and tax rates are named in each: Stripe takes away what a phase does not name.
    """
    items = obj["items"]["data"]
    held = {item["id"]: item for item in items}
    start, end = items[0]["current_period_start"], items[0]["current_period_end"]
    now = [kept(item) | _as_held(item) for item in items]
    then = [
        kept(held.get(item_id, {})) | _wanted(obj, price, quantity)
        for item_id, price, quantity in command.items
    ]
    return [
        {**terms_kept(obj), "items": now, "start_date": start, "end_date": end},
        {
            **terms_kept(obj),
            "items": then,
            "duration": _period(command, obj),
            "proration_behavior": "none",
        },
    ]


def _as_held(item: Json) -> Json:
    quantity = {} if item.get("quantity") is None else {"quantity": item["quantity"]}
    return {"price": item["price"]["id"], **quantity}


def _period(command: ChangeItems, obj: Json) -> Json:
    """The period of what it shall have: a month of a monthly price, a year of a yearly one."""
    recurring = next(obj["prices"][price]["recurring"] for _, price, _ in command.items)
    return {"interval": recurring["interval"], "interval_count": recurring.get("interval_count") or 1}


def terms_kept(obj: Json) -> Json:
    """Discounts, taxes and the card of a subscription's own, as a phase names them."""
    card = reference(obj.get("default_payment_method"))
    rates = [each["id"] for each in obj.get("default_tax_rates") or ()]
    automatic = (obj.get("automatic_tax") or {}).get("enabled")
    return (
        _discounts(obj)
        | ({"default_tax_rates": rates} if rates else {})
        | ({"automatic_tax": {"enabled": True}} if automatic else {})
        | ({"default_payment_method": card} if card else {})
    )


def kept(item: Json) -> Json:
    """Discounts and tax rates of an item, as a phase's item names them."""
    rates = [each["id"] for each in item.get("tax_rates") or ()]
    return _discounts(item) | ({"tax_rates": rates} if rates else {})


def _discounts(obj: Json) -> Json:
    ids = discount_ids(obj)
    return {"discounts": [{"discount": each} for each in ids]} if ids else {}


def _preview_change(command: ChangeItems, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    held = {item["id"]: item for item in obj["items"]["data"]}
    wanted = [
        {**held.get(name, {"id": name}), "price": obj["prices"][price], "quantity": quantity}
        for name, price, quantity in command.items
    ]
    after = {**obj, "items": {"data": wanted}}
    value, new = arr(obj, at), arr(after, at)
    money = None
    if command.when == "now":
        details: Json = {"items": _item_params(command, obj), "proration_behavior": command.proration}
        if command.proration != "none":
            details["proration_date"] = int(at.timestamp())
        money = invoice_of(gateway, command.subscription_id, details, at)
    when = (
        ""
        if command.when == "now"
        else f" from {day(from_epoch(obj['items']['data'][0]['current_period_end']))}"
    )
    return Preview(
        item_rows(obj, after),
        seen_subscription(obj),
        at,
        obj["currency"],
        money,
        value,
        new,
        f"{movement(value, new)}{when}",
        of_change(obj, money),
        _warnings(command, obj, money),
        (*arr_stake(value, new, obj["currency"]), *credit_stake(money)),
    )


def _warnings(command: ChangeItems, obj: Json, money: Money | None) -> tuple[str, ...]:
    if command.when == "period_end":
        return ("Nothing is billed or credited before then.",)
    billed = money is not None and money.now and money.due > 0
    charged = billed and obj["collection_method"] == "charge_automatically"
    return (DECLINED[command.declined],) if charged else ()


def _is_changed(command: ChangeItems, obj: Json) -> bool | None:
    if command.when == "period_end":  # that there is a schedule does not tell what is in it
        return None if obj["schedule"] else False
    held = sorted((item["price"]["id"], quantity_of(item)) for item in obj["items"]["data"])
    return held == sorted((price, quantity) for _, price, quantity in command.items)


HANDLERS: dict[type, Handler[Any]] = {
    ChangeItems: Handler(
        "Change plan and capacity",
        CHANGE,
        _read,
        seen_subscription,
        guard=_can_change,
        preview=_preview_change,
        steps=_change_steps,
        achieved=_is_changed,
        own=frozenset({"schedule"}),
    ),
}
"""What each command needs and does."""
