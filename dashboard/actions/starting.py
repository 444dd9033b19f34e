"""The command that starts a subscription for a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from dashboard.actions.base import Handler, Money, Preview
from dashboard.actions.limits import Stake, arr_stake
from dashboard.actions.mails import receipt, sent_invoice
from dashboard.actions.marks import everything
from dashboard.actions.objects import (
    arr,
    customer_discount,
    get_whole,
    has_card,
    item_in_words,
    money_of,
    product_name,
)
from dashboard.actions.of_subscription import BEGINS, CHANGE, OVER
from dashboard.actions.quoting_params import taxes
from dashboard.formatting import day
from data.actions import Step
from data.clock import from_epoch
from data.gateway import Gateway
from data.offer_settings import AUTOMATIC
from data.subscription_value import share_taken_off

Json = dict[str, Any]
MARK = "started_by"
"""The metadata key by which a subscription is known to come from a command."""
UNTAXED = "Other subscriptions of this customer are taxed, and this one is not: QUOTE_TAX says which taxes."
DECLINED = {
    "allow_incomplete": "If the card is declined, the subscription waits 23 hours for a payment, counts as "
    "nothing until then, and expires without one.",
    "error_if_incomplete": "If the card is declined, no subscription is started.",
}


@dataclass(frozen=True)
class StartSubscription:
    """Subscribe a customer: (price id, quantity) pairs, perhaps with a trial and a coupon.

    days_until_due: the invoices are sent and due after so many days; 0: the card is charged. tax: as the
    setting QUOTE_TAX has it. mark: a name of the command's own, so that what it made can be found again.
    """

    customer_id: str
    items: tuple[tuple[str, int], ...]
    mark: str
    trial_days: int = 0
    coupon_id: str = ""
    days_until_due: int = 0
    declined: Literal["allow_incomplete", "error_if_incomplete"] = "allow_incomplete"
    tax: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The customer."""
        return self.customer_id


def _read(gateway: Gateway, command: StartSubscription) -> Json:
    """The customer, with all they ever had: what was just started may have ended already."""
    customer = gateway.get(f"/v1/customers/{command.customer_id}")
    had = everything(gateway, "/v1/subscriptions", customer=command.customer_id, status="all")
    return {**customer, "subscriptions": had}


def seen(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    return {
        "subscriptions": sorted(each["id"] for each in obj.get("subscriptions", ())),
        "currency": obj.get("currency"),
        "card": (obj.get("invoice_settings") or {}).get("default_payment_method"),
    }


def _guard(command: StartSubscription, obj: Json) -> str | None:
    if obj.get("deleted"):
        return "This customer is deleted at Stripe."
    if not command.items:
        return "Choose at least one price."
    if not command.days_until_due and not command.trial_days and not has_card(obj):
        return "There is no card on file: send invoices, begin with a trial, or send a card link first."
    return None


def _params(command: StartSubscription) -> Json:
    params: Json = {
        "customer": command.customer_id,
        "items": [{"price": price, "quantity": quantity} for price, quantity in command.items],
        "metadata": {MARK: command.mark},
        "payment_behavior": command.declined,
    }
    if command.trial_days:
        params["trial_period_days"] = command.trial_days
    if command.coupon_id:
        params["discounts"] = [{"coupon": command.coupon_id}]
    if command.days_until_due:
        params |= {"collection_method": "send_invoice", "days_until_due": command.days_until_due}
    return params | _taxes(command)


def _taxes(command: StartSubscription) -> Json:
    return taxes({"tax": list(command.tax)})


def _preview(command: StartSubscription, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    items = [_item(gateway, price, quantity) for price, quantity in command.items]
    currency = items[0]["price"]["currency"]
    coupon = _coupon(gateway, command.coupon_id) if command.coupon_id else None
    after: Json = {
        "status": "active",
        "currency": currency,
        "items": {"data": items},
        "discounts": [coupon] if coupon else [],
        "customer_discount": customer_discount(gateway, obj),
    }
    value = arr(after, at)
    rows = [(product_name(item["price"]), "–", item_in_words(item)) for item in items]
    if command.trial_days:
        ends = from_epoch(int(at.timestamp()) + command.trial_days * 86_400)
        rows.append(("Trial", "–", f"until {day(ends)}, counts as nothing until then"))
    if command.tax:
        how = "Worked out by Stripe Tax" if command.tax == (AUTOMATIC,) else ", ".join(command.tax)
        rows.append(("Taxes", "–", how))
    counts = 0 if command.trial_days else value
    effect = "Nothing until the trial ends" if command.trial_days else BEGINS
    stakes = arr_stake(0, value, currency)
    if coupon:
        stakes = (Stake("discount_percent", share_taken_off(after, at)), *stakes)
    money = None if command.trial_days else _first_invoice(command, gateway)
    charged = not command.trial_days and not command.days_until_due
    warnings = (DECLINED[command.declined],) * charged + (UNTAXED,) * _is_alone_untaxed(command, obj)
    return Preview(
        tuple(rows),
        seen(obj),
        at,
        currency,
        money,
        0,
        counts,
        effect,
        (sent_invoice if command.days_until_due else receipt)(obj.get("email")),
        warnings,
        stakes,
    )


def _is_alone_untaxed(command: StartSubscription, obj: Json) -> bool:
    """Whether others of the customer's subscriptions are taxed, and this one would not be."""
    running = [each for each in obj["subscriptions"] if each["status"] not in OVER]
    return not command.tax and any(
        each.get("default_tax_rates") or (each.get("automatic_tax") or {}).get("enabled") for each in running
    )


def _item(gateway: Gateway, price: str, quantity: int) -> Json:
    found = get_whole(gateway, f"/v1/prices/{price}", "product", "tiers")
    return {"id": "", "price": found, "quantity": quantity}


def _coupon(gateway: Gateway, coupon_id: str) -> Json:
    coupon = get_whole(gateway, f"/v1/coupons/{coupon_id}", "applies_to")
    return {"id": "new", "source": {"coupon": coupon}, "start": None, "end": None, "subscription_item": None}


def _first_invoice(command: StartSubscription, gateway: Gateway) -> Money:
    params: Json = {
        "customer": command.customer_id,
        "subscription_details": {"items": _params(command)["items"]},
    }
    if command.coupon_id:
        params["discounts"] = [{"coupon": command.coupon_id}]
    told = _taxes(command)
    params["subscription_details"] |= {
        each: told.pop(each) for each in ("default_tax_rates",) if each in told
    }
    params |= told
    found = gateway.write("post", "/v1/invoices/create_preview", params, f"preview-{uuid4().hex}").object
    return money_of(found, now=True)


def _steps(command: StartSubscription, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", "/v1/subscriptions", _params(command))]


def _started(command: StartSubscription, obj: Json) -> bool:
    marks = [(each.get("metadata") or {}).get(MARK) for each in obj.get("subscriptions", ())]
    return command.mark in marks


HANDLERS: dict[type, Handler[Any]] = {
    StartSubscription: Handler("Start subscription", CHANGE, _read, seen, _guard, _preview, _steps, _started),
}
"""What each command needs and does."""
