"""POST /v1/subscription_schedules: new ones or from a running subscription; phases, release, the end."""

from typing import Any

from data.sandbox.api.actions.asked import count, flag, mapping, one_of, present, required
from data.sandbox.api.actions.items import PRORATION
from data.sandbox.api.actions.phases import METHODS, phases_asked
from data.sandbox.api.actions.subscriptions import end_now
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known, whole
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, cancellations, schedules, working
from data.sandbox.billing.discounting import carried
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.store import Store

Json = dict[str, Any]
_RESOURCE = "subscription_schedules"
_SET = {"phases", "end_behavior", "metadata", "default_settings", "expand"}
_ENDS = ("cancel", "none", "release", "renew")


def create(store: Store, call: Call) -> Json:
    """A schedule of phases for a customer; or one of a running subscription, with what that has now."""
    parameters = call.parameters()
    only_known(parameters, {*_SET, "from_subscription", "customer", "start_date"})
    with working(store, call.request) as billing:
        if "from_subscription" in parameters:
            return {**_of_subscription(billing, parameters)}
        required(parameters, "customer", "phases")
        customer = present(billing, "customers", "customer", parameters["customer"], "customer")
        given = parameters.get("start_date", "now")
        begins = billing.now if given == "now" else whole("start_date", given)
        phases = phases_asked(billing, parameters["phases"], begins, ())
        try:
            made = schedules.create_schedule(billing, customer["id"], phases, **_settings(parameters, {}))
        except RefusedError as refused:
            raise invalid(refused.args[1], refused.args[0]) from None
        return {**made}


def _of_subscription(billing: Billing, parameters: Parameters) -> Json:
    others = sorted(set(parameters) - {"from_subscription", "expand"})
    if others:
        raise invalid(others[0], f"You cannot set `{others[0]}` if `from_subscription` is set.")
    param = "from_subscription"
    subscription = present(billing, "subscriptions", "subscription", parameters[param], param)
    if subscription["schedule"]:
        raise invalid(
            param,
            "You cannot migrate a subscription that is already attached to a schedule: "
            f"`{subscription['schedule']}`.",
        )
    if subscription["status"] in cancellations.ENDED:
        raise invalid(param, "You cannot migrate a canceled subscription to a schedule.")
    return schedules.schedule_subscription(billing, subscription["id"], [])


def _settings(parameters: Parameters, before: Json) -> Json:
    """What a request sets on a schedule besides its phases."""
    values: Json = {}
    if "end_behavior" in parameters:
        wanted = one_of("end_behavior", parameters["end_behavior"], _ENDS)
        if wanted not in ("release", "cancel"):
            raise invalid("end_behavior", "The sandbox knows the end behaviors `release` and `cancel`.")
        values["end_behavior"] = wanted
    if "metadata" in parameters:
        values["metadata"] = new_metadata("metadata", parameters["metadata"], before.get("metadata"))
    if "default_settings" in parameters:
        values["default_settings"] = _defaults(parameters["default_settings"], before)
    return values


def _defaults(value: Any, before: Json) -> Json:
    asked = mapping("default_settings", value, ("collection_method", "invoice_settings", "description"))
    known = before.get("default_settings") or schedules.default_settings()
    method = asked.get("collection_method", known["collection_method"])
    settings = known["invoice_settings"]
    if "invoice_settings" in asked:
        name = "default_settings[invoice_settings]"
        inside = mapping(name, asked["invoice_settings"], ("days_until_due",))
        days = count(f"{name}[days_until_due]", inside.get("days_until_due"))
        settings = {**settings, "days_until_due": days}
    return {
        **known,
        "collection_method": one_of("default_settings[collection_method]", method, METHODS),
        "description": asked.get("description", known["description"]) or None,
        "invoice_settings": settings,
    }


def update(store: Store, call: Call) -> Json:
    """Set all phases anew: the one that runs must be among them, with its start."""
    parameters = call.parameters()
    only_known(parameters, {*_SET, "proration_behavior"})
    with working(store, call.request) as billing:
        return {**change(billing, _open(billing, call.path_params["id"]), parameters)}


def change(billing: Billing, schedule: Json, parameters: Parameters) -> Json:
    """What a request to update a schedule asks for; the running phase's changes take effect now."""
    values = _settings(parameters, schedule)
    given = parameters.get("proration_behavior", "create_prorations")
    behaviour = one_of("proration_behavior", given, PRORATION)
    if "phases" not in parameters:
        return billing.change(_RESOURCE, schedule, "subscription_schedule.updated", **values)
    identity = schedule["subscription"]
    held = carried(billing.get("subscriptions", identity)) if identity else []
    phases = phases_asked(billing, parameters["phases"], schedule["phases"][0]["start_date"], held)
    current = next((each for each in phases if _runs(schedule, each)), None)
    if current is None and schedule["current_phase"]:
        raise invalid("phases", "You can not modify or delete the current phase's start date.")
    return schedules.set_phases(billing, schedule, phases, current, behaviour, **values)


def _runs(schedule: Json, phase: Json) -> bool:
    running = schedule["current_phase"]
    return bool(running and phase["start_date"] == running["start_date"])


def release(store: Store, call: Call) -> Json:
    """Let the subscription go on without the schedule."""
    parameters = call.parameters()
    only_known(parameters, {"preserve_cancel_date", "expand"})
    flag(parameters, "preserve_cancel_date")
    with working(store, call.request) as billing:
        return {**schedules.release(billing, _open(billing, call.path_params["id"])["id"])}


def cancel(store: Store, call: Call) -> Json:
    """Cancel the schedule and its subscription now; unused time is given back unless told not to."""
    parameters = call.parameters()
    only_known(parameters, {"invoice_now", "prorate", "expand"})
    prorate, invoice = (flag(parameters, name) is not False for name in ("prorate", "invoice_now"))
    with working(store, call.request) as billing:
        schedule = _open(billing, call.path_params["id"])
        if schedule["subscription"]:
            subscription = billing.get("subscriptions", schedule["subscription"])
            end_now(billing, subscription, {}, prorate=prorate, invoice=invoice)
        else:
            values = {"status": "canceled", "canceled_at": billing.now}
            billing.change(_RESOURCE, schedule, "subscription_schedule.canceled", **values)
        return {**billing.get(_RESOURCE, schedule["id"])}


def _open(billing: Billing, identity: str) -> Json:
    schedule = present(billing, _RESOURCE, "subscription_schedule", identity, "schedule", 404)
    if schedule["status"] not in ("not_started", "active"):
        raise StripeError(
            400,
            f"You cannot change a subscription schedule that is in status `{schedule['status']}`.",
        )
    return schedule
