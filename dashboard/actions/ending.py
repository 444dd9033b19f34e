"""Commands that end a subscription, and take that back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.actions.base import Handler, Preview
from dashboard.actions.limits import arr_stake
from dashboard.actions.mails import of_end
from dashboard.actions.objects import arr, credit_stake, invoice_of, seen_subscription
from dashboard.actions.of_subscription import (
    CANCEL,
    OVER,
    OfSubscription,
    handler,
    path,
    post,
    there,
    unscheduled,
)
from dashboard.formatting import day, word
from data.actions import Step
from data.clock import from_epoch
from data.gateway import Gateway

Json = dict[str, Any]
NOT_GIVEN_BACK = "Nothing is given back for the time that was paid."
LAST_PERIOD = "The period in which it ends is billed up to that day only."
OPEN_INVOICES = (
    "Stripe stops charging the customer's open invoices by itself: they stay owed, and can be charged here."
)
DROPPED = "The change that is planned for it is dropped."


@dataclass(frozen=True)
class CancelSubscription(OfSubscription):
    """End a subscription: when its period ends, now, or at an instant (epoch seconds)."""

    when: Literal["period_end", "now"] | int = "period_end"
    feedback: str = ""  # one of Stripe's values
    comment: str = ""
    credit: bool = False  # now only: give unused time back


@dataclass(frozen=True)
class KeepSubscription(OfSubscription):
    """Take a planned cancellation back."""


def _can_cancel(command: CancelSubscription, obj: Json) -> str | None:
    if command.when == "now":
        return there(command, obj)
    if refusal := unscheduled(command, obj):
        return refusal
    return "It is set to end already." if _is_canceled(command, obj) else None


def _cancel_params(command: CancelSubscription) -> Json:
    details = {name: value for name, value in _details(command).items() if value}
    told: Json = {"cancellation_details": details} if details else {}
    if command.when == "now":  # without invoice_now Stripe drops what was used or changed and not billed yet
        return told | {"prorate": command.credit, "invoice_now": True}
    if command.when == "period_end":
        return told | {"cancel_at_period_end": True}
    return told | {"cancel_at": command.when, "proration_behavior": "none"}


def _details(command: CancelSubscription) -> Json:
    return {"feedback": command.feedback, "comment": command.comment}


def _cancel_steps(command: CancelSubscription, obj: Json, at: datetime) -> list[Step]:
    return [Step("delete" if command.when == "now" else "post", path(command), _cancel_params(command))]


def _ends(command: CancelSubscription, obj: Json) -> datetime | None:
    if command.when == "period_end":
        return from_epoch(min(item["current_period_end"] for item in obj["items"]["data"]))
    return None if command.when == "now" else from_epoch(int(command.when))


def _preview_cancel(command: CancelSubscription, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    ends = _ends(command, obj)
    when = "now" if ends is None else day(ends)
    details: Json = {
        "cancel_now": True,
        "proration_behavior": "create_prorations" if command.credit else "none",
        **({"proration_date": int(at.timestamp())} if command.credit else {}),
    }
    money = invoice_of(gateway, command.subscription_id, details, at) if command.when == "now" else None
    before = arr(obj, at)
    return Preview(
        (
            ("Ends", _planned(obj), when),
            ("Status", word(obj["status"]), "Canceled" if ends is None else word(obj["status"])),
        ),
        seen_subscription(obj),
        at,
        obj["currency"],
        money,
        before,
        0 if ends is None else before,
        "Churn, unless the customer has other subscriptions"
        if ends is None
        else f"Scheduled churn until {when}",
        of_end(obj, money),
        _losses(command, obj, ends),
        (*arr_stake(before, 0, obj["currency"]), *credit_stake(money)),
    )


def _losses(command: CancelSubscription, obj: Json, ends: datetime | None) -> tuple[str, ...]:
    if ends is None:
        credit = "Stripe counts the unused time to the second, so the credit shrinks until you confirm."
        return (
            credit if command.credit else NOT_GIVEN_BACK,
            OPEN_INVOICES,
            *(DROPPED,) * bool(obj["schedule"]),
        )
    back = f"It can be taken back until {day(ends)}."
    if command.when == "period_end":
        return (back,)
    paid_until = from_epoch(min(item["current_period_end"] for item in obj["items"]["data"]))
    return (back, NOT_GIVEN_BACK if paid_until is None or ends <= paid_until else LAST_PERIOD)


def _planned(obj: Json) -> str:
    return day(from_epoch(obj["cancel_at"])) if obj["cancel_at"] else "Not planned"


def _is_canceled(command: CancelSubscription, obj: Json) -> bool:
    if command.when == "now":
        return bool(obj["status"] in OVER)
    if command.when == "period_end":
        return bool(obj["cancel_at_period_end"])
    return bool(obj["cancel_at"] == command.when)


def _can_keep(command: KeepSubscription, obj: Json) -> str | None:
    return unscheduled(command, obj) or (None if obj["cancel_at"] else "It is not set to end.")


def _preview_keep(command: KeepSubscription, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    value = arr(obj, at)
    rows = (("Ends", _planned(obj), "Goes on"),)
    money = invoice_of(gateway, command.subscription_id, _keep_params(obj), at)
    return Preview(
        rows,
        seen_subscription(obj),
        at,
        obj["currency"],
        money,
        value,
        value,
        "Scheduled churn is taken back",
    )


def _keep_params(obj: Json) -> Json:
    return {"cancel_at_period_end": False} if obj["cancel_at_period_end"] else {"cancel_at": ""}


HANDLERS: dict[type, Handler[Any]] = {
    CancelSubscription: handler(
        "Cancel subscription",
        CANCEL,
        guard=_can_cancel,
        preview=_preview_cancel,
        steps=_cancel_steps,
        achieved=_is_canceled,
    ),
    KeepSubscription: handler(
        "Keep subscription",
        CANCEL,
        guard=_can_keep,
        preview=_preview_keep,
        steps=post(lambda _, obj: _keep_params(obj)),
        achieved=lambda _, obj: obj["cancel_at"] is None,
    ),
}
"""What each command needs and does."""
