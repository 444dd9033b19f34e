"""What commands about a subscription share: whom they are about, where it is, and whether it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.objects import arr, read_subscription, seen_subscription
from data.actions import Step

Json = dict[str, Any]
OVER = ("canceled", "incomplete_expired")
STAYS = "No change of run rate"
BEGINS = "New, reactivation where they paid before, or expansion where they pay already"
CHANGE, CANCEL, DISCOUNT = "change subscriptions", "cancel subscriptions", "give discounts"


@dataclass(frozen=True)
class OfSubscription:
    """A command about one subscription of a customer."""

    customer_id: str
    subscription_id: str

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription_id


def path(command: OfSubscription) -> str:
    """Where the subscription is."""
    return f"/v1/subscriptions/{command.subscription_id}"


def there(command: OfSubscription, obj: Json) -> str | None:
    """Why a subscription cannot even be ended."""
    if obj["customer"] != command.customer_id:
        return "This subscription belongs to another customer."
    return "This subscription has ended." if obj["status"] in OVER else None


def running(command: OfSubscription, obj: Json) -> str | None:
    """Why a subscription cannot be changed at all."""
    waits = "It waits for its first payment: until then Stripe lets nothing be changed, only canceled now."
    return there(command, obj) or (waits if obj["status"] == "incomplete" else None)


def unscheduled(command: OfSubscription, obj: Json) -> str | None:
    """The same, where a schedule is in the way too."""
    if obj["schedule"]:
        return "A change is planned for this subscription: drop the planned change first."
    return running(command, obj)


def movement(before: int | None, after: int | None) -> str:
    """What the ledger calls a change of ARR, in words."""
    if before is None or after is None:
        return "Not known: Stripe does not show what a price is worth"
    if before == 0 < after:
        return BEGINS
    if after == 0 < before:
        return "Churn, unless the customer has other subscriptions"
    return "Expansion" if after > before else "Contraction" if after < before else STAYS


def unbilled(obj: Json, at: datetime, row: tuple[str, str, str], effect: str = STAYS, **more: Any) -> Preview:
    """A preview of what moves neither money now nor run rate; more: its mails, warnings, stakes."""
    value = arr(obj, at)
    return Preview((row,), seen_subscription(obj), at, obj["currency"], None, value, value, effect, **more)


def post(params: Callable[[Any, Json], Json]) -> Callable[[Any, Json, datetime], list[Step]]:
    """One request to change the subscription."""

    def steps(command: OfSubscription, obj: Json, at: datetime) -> list[Step]:
        return [Step("post", path(command), params(command, obj))]

    return steps


def handler(name: str, permission: str, **parts: Any) -> Handler[Any]:
    """A handler of subscriptions; parts: guard, preview, steps, achieved."""
    return Handler(name, permission, read_subscription, seen_subscription, **parts)
