"""POST /v1/subscription_schedules: from a running subscription, with new phases, released or canceled."""

from typing import Any

from data.sandbox.api.actions.asked import count, one_of, present, rows
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import only_known, whole
from data.sandbox.billing import Billing, cancellations, schedules, working
from data.sandbox.factory import phase as new_phase
from data.sandbox.store import Store

Json = dict[str, Any]
PHASE = (
    "items",
    "start_date",
    "end_date",
    "proration_behavior",
    "discounts",
    "metadata",
    "collection_method",
)
_RESOURCE = "subscription_schedules"


def create(store: Store, call: Call) -> Json:
    """Put a running subscription under a schedule of one phase: what it has, until its period ends."""
    parameters = call.parameters()
    only_known(parameters, {"from_subscription", "expand"})
    identity = parameters.get("from_subscription")
    with working(store, call.request) as billing:
        subscription = present(billing, "subscriptions", "subscription", identity, "from_subscription")
        if subscription["schedule"]:
            raise invalid(
                "from_subscription",
                "You cannot migrate a subscription that is already attached to a schedule: "
                f"`{subscription['schedule']}`.",
            )
        if subscription["status"] in cancellations.ENDED:
            raise invalid("from_subscription", "You cannot migrate a canceled subscription to a schedule.")
        return {**schedules.schedule_subscription(billing, subscription["id"], [])}


def update(store: Store, call: Call) -> Json:
    """Set all phases anew: the one that runs must be among them, with its start."""
    parameters = call.parameters()
    only_known(parameters, {"phases", "end_behavior", "proration_behavior", "metadata", "expand"})
    with working(store, call.request) as billing:
        schedule = _open(billing, call)
        values: Json = {}
        if "end_behavior" in parameters:
            values["end_behavior"] = one_of("end_behavior", parameters["end_behavior"], ("release", "cancel"))
        if "phases" in parameters:
            values["phases"] = _phases(billing, schedule, parameters["phases"])
            current = next(each for each in values["phases"] if _runs(schedule, each))
            values["current_phase"] = {name: current[name] for name in ("end_date", "start_date")}
        changed = billing.change(_RESOURCE, schedule, "subscription_schedule.updated", **values)
        return {**changed}


def _runs(schedule: Json, phase: Json) -> bool:
    return bool(phase["start_date"] == schedule["current_phase"]["start_date"])


def _phases(billing: Billing, schedule: Json, asked: Any) -> list[Json]:
    found: list[Json] = []
    subscription = billing.get("subscriptions", schedule["subscription"])
    for place, row in enumerate(rows("phases", asked, PHASE)):
        name = f"phases[{place}]"
        start = _start(row, name, found, schedule)
        end = whole(f"{name}[end_date]", row.get("end_date"))
        if end <= start:
            raise invalid(f"{name}[end_date]", "The end date of a phase must be after its start date.")
        items = [
            _item(billing, f"{name}[items][{number}]", each)
            for number, each in enumerate(row.get("items") or ())
        ]
        if not items:
            raise invalid(f"{name}[items]", "A phase needs at least one item.")
        behaviour = row.get("proration_behavior", "create_prorations")
        found.append(new_phase(start, end, subscription["currency"], items, proration_behavior=behaviour))
    if not any(_runs(schedule, each) for each in found):
        raise invalid("phases", "You can not modify or delete the current phase's start date.")
    return found


def _start(row: Json, name: str, earlier: list[Json], schedule: Json) -> int:
    if "start_date" in row:
        start = whole(f"{name}[start_date]", row["start_date"])
    else:
        start = earlier[-1]["end_date"] if earlier else schedule["phases"][0]["start_date"]
    if earlier and start != earlier[-1]["end_date"]:
        raise invalid(f"{name}[start_date]", "Each phase must begin where the one before it ends.")
    return int(start)


def _item(billing: Billing, name: str, row: Any) -> tuple[str, int]:
    price = present(billing, "prices", "price", row.get("price"), f"{name}[price]")
    return price["id"], count(f"{name}[quantity]", row.get("quantity", "1"))


def release(store: Store, call: Call) -> Json:
    """Let the subscription go on without the schedule."""
    only_known(call.parameters(), {"preserve_cancel_date", "expand"})
    with working(store, call.request) as billing:
        return {**schedules.release(billing, _open(billing, call)["id"])}


def cancel(store: Store, call: Call) -> Json:
    """Cancel the schedule, and its subscription with it, now."""
    only_known(call.parameters(), {"invoice_now", "prorate", "expand"})
    with working(store, call.request) as billing:
        schedule = _open(billing, call)
        if schedule["subscription"]:
            cancellations.cancel_now(billing, schedule["subscription"])
        else:
            values = {"status": "canceled", "canceled_at": billing.now}
            billing.change(_RESOURCE, schedule, "subscription_schedule.canceled", **values)
        return {**billing.get(_RESOURCE, schedule["id"])}


def _open(billing: Billing, call: Call) -> Json:
    schedule = present(billing, _RESOURCE, "subscription_schedule", call.path_params["id"], "schedule", 404)
    if schedule["status"] not in ("not_started", "active"):
        raise StripeError(
            400,
            f"You cannot change a subscription schedule that is in status `{schedule['status']}`.",
        )
    return schedule
