"""POST and DELETE /v1/subscriptions/{id}: items and proration, the end, discounts, trial, collection."""

from collections.abc import Callable, Mapping
from typing import Any

from data.sandbox.api.actions import paying
from data.sandbox.api.actions.asked import (
    count,
    flag,
    mapping,
    one_of,
    present,
    tax_rates,
    to_come,
    trial_settings,
)
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.actions.items import PRORATION, behaviour_of, change_items, proration_date
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, cancellations, changes, renewals, working
from data.sandbox.billing.payments import collect
from data.sandbox.store import Store

Json = dict[str, Any]

FEEDBACK = (
    "customer_service", "low_quality", "missing_features", "other",
    "switched_service", "too_complex", "too_expensive", "unused",
)  # fmt: skip
DETAILS = ("comment", "feedback")
KNOWN = {
    "items", "proration_behavior", "proration_date",
    "cancel_at_period_end", "cancel_at", "cancellation_details",
    "pause_collection", "trial_end", "discounts", "collection_method", "days_until_due", "metadata",
    "default_payment_method", "default_tax_rates", "description", "payment_behavior", "off_session",
    "trial_settings", "expand",
}  # fmt: skip
CANCELED = {"cancellation_details", "metadata", "expand"}


def update(store: Store, call: Call) -> Json:
    """Change a running subscription; of a canceled one only why it was, and its metadata."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    with working(store, call.request) as billing:
        paying.choose(billing, parameters, changing=True)
        subscription = _found(billing, call.path_params["id"])
        if subscription["status"] in cancellations.ENDED and set(parameters) - CANCELED:
            raise invalid(
                None, "A canceled subscription can only update its cancellation_details and metadata."
            )
        apply(billing, subscription, parameters)
        return {**billing.get("subscriptions", subscription["id"])}


def cancel(store: Store, call: Call) -> Json:
    """End a subscription now, with credit for unused time where `prorate` says so."""
    parameters = call.parameters()
    only_known(parameters, {"prorate", "invoice_now", "cancellation_details", "expand"})
    with working(store, call.request) as billing:
        subscription = _found(billing, call.path_params["id"])
        if subscription["status"] in cancellations.ENDED:
            raise StripeError(404, f"No such subscription: '{subscription['id']}'", "resource_missing", "id")
        details = _details(parameters)
        prorated, invoiced = flag(parameters, "prorate"), flag(parameters, "invoice_now")
        return end_now(billing, subscription, details, prorate=bool(prorated), invoice=bool(invoiced))


def end_now(
    billing: Billing,
    subscription: Json,
    details: Json,
    *,
    prorate: bool,
    invoice: bool,
    at: int | None = None,
) -> Json:
    """Cancel at once; prorate: give unused time back, counted from `at`, invoice: bill what waits, the
    credit too, now. With neither, prorations that wait are gone.
    """
    if prorate:
        changes.give_back(billing, subscription, at)
    elif not invoice:
        changes.drop_prorations(billing, subscription)
    drafted = changes.bill_pending(billing, subscription) if invoice else None
    ended = cancellations.cancel_now(billing, subscription["id"], **details)
    if drafted is not None:
        collect(billing, drafted)
    return {**ended}


def resume(store: Store, call: Call) -> Json:
    """Wake a subscription that is paused: a new period begins now."""
    parameters = call.parameters()
    only_known(parameters, {"billing_cycle_anchor", "proration_behavior", "expand"})
    anchor = parameters.get("billing_cycle_anchor", "now")
    if isinstance(anchor, dict):  # as later versions say it
        anchor = anchor.get("type")
    if one_of("billing_cycle_anchor", anchor, ("now", "unchanged")) == "unchanged":
        raise invalid("billing_cycle_anchor", "The sandbox resumes with a new billing cycle only.")
    one_of("proration_behavior", parameters.get("proration_behavior", "none"), PRORATION)
    with working(store, call.request) as billing:
        subscription = _found(billing, call.path_params["id"])
        if subscription["status"] != "paused":
            told = f"This subscription is not paused: its status is `{subscription['status']}`."
            raise StripeError(400, told)
        return {**renewals.resume(billing, subscription["id"])}


def drop_discount(store: Store, call: Call) -> Json:
    """Take the discounts off a subscription."""
    only_known(call.parameters(), set())
    with working(store, call.request) as billing:
        subscription = _found(billing, call.path_params["id"])
        if not subscription["discounts"]:
            raise StripeError(404, "This subscription has no discount.", "resource_missing")
        gone = subscription["discounts"][-1]
        changes.set_discounts(billing, subscription["id"], [])
        return {**gone, "deleted": True}


def _found(billing: Billing, identity: str) -> Json:
    return present(billing, "subscriptions", "subscription", identity, "id", 404)


def apply(billing: Billing, subscription: Json, parameters: Parameters) -> None:
    """Everything a request to update asks for, checked first and done in one order."""
    asked = {name: value for name, value in parameters.items() if name != "expand"}
    steps = [(step, asked) for name, step in STEPS.items() if set(name.split()) & set(asked)]
    for step, given in steps:
        step(billing, subscription, given)


def _details(given: Mapping[str, Any]) -> Json:
    details = mapping("cancellation_details", given.get("cancellation_details", {}), DETAILS)
    if feedback := details.get("feedback"):
        one_of("cancellation_details[feedback]", feedback, FEEDBACK)
    return {name: value or None for name, value in details.items()}


def _explain(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    known = {**subscription["cancellation_details"], **_details(given)}
    changes.update_subscription(billing, subscription["id"], cancellation_details=known)


def _cancellation(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    if subscription["schedule"]:
        raise invalid(
            None,
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and "
            "updating any cancelation behavior directly is not allowed. Please update the schedule instead.",
        )
    at_end = flag(given, "cancel_at_period_end")
    moment = given.get("cancel_at")
    if at_end and moment:
        raise invalid(
            "cancel_at", "You may only specify one of these parameters: cancel_at, cancel_at_period_end."
        )
    if moment:
        ends = [item["current_period_end"] for item in subscription["items"]["data"]]
        named = {"min_period_end": min(ends), "max_period_end": max(ends)}
        instant = named.get(moment) or to_come("cancel_at", moment, billing.now)
        cancellations.cancel_at(billing, subscription["id"], instant, **_details(given))
    elif at_end:
        cancellations.cancel_at_period_end(billing, subscription["id"], **_details(given))
    elif subscription["cancel_at"] is not None:
        cancellations.keep(billing, subscription["id"])


def _discounts(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    of_customer = billing.get("customers", subscription["customer"])["discount"]
    held = [*subscription["discounts"], *([of_customer] if of_customer else [])]
    asked = discounts_asked(billing, "discounts", given["discounts"], held)
    changes.set_discounts(billing, subscription["id"], asked)


def _trial(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    if given["trial_end"] == "now":
        if subscription["status"] == "trialing":
            changes.end_trial(billing, subscription["id"])
        return
    until = to_come("trial_end", given["trial_end"], billing.now)
    at = proration_date(subscription, given, billing.now)
    changes.extend_trial(billing, subscription["id"], until, at, prorate=behaviour_of(given) != "none")


def _collection(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    method = one_of(
        "collection_method",
        given.get("collection_method", subscription["collection_method"]),
        ("charge_automatically", "send_invoice"),
    )
    days = given.get("days_until_due", subscription["days_until_due"])
    if method == "send_invoice" and days in (None, ""):
        raise invalid(
            "days_until_due", "You must pass `days_until_due` when `collection_method` is `send_invoice`."
        )
    due = count("days_until_due", str(days)) if method == "send_invoice" else None
    changes.update_subscription(billing, subscription["id"], collection_method=method, days_until_due=due)


def _pause(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    if given["pause_collection"] == "":
        changes.update_subscription(billing, subscription["id"], pause_collection=None)
        return
    asked = mapping("pause_collection", given["pause_collection"], ("behavior", "resumes_at"))
    behaviour = one_of(
        "pause_collection[behavior]", asked.get("behavior"), ("keep_as_draft", "mark_uncollectible", "void")
    )
    resumes = asked.get("resumes_at")
    at = to_come("pause_collection[resumes_at]", resumes, billing.now) if resumes else None
    changes.update_subscription(
        billing, subscription["id"], pause_collection={"behavior": behaviour, "resumes_at": at}
    )


def _plain(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    fields: Json = {}
    if "metadata" in given:
        fields["metadata"] = new_metadata("metadata", given["metadata"], subscription["metadata"])
    if "description" in given:
        fields["description"] = given["description"] or None
    if method := given.get("default_payment_method"):
        found = present(billing, "payment_methods", "PaymentMethod", method, "default_payment_method")
        if found["customer"] != subscription["customer"]:
            raise invalid(
                "default_payment_method", "The customer does not have a payment method with this ID."
            )
        fields["default_payment_method"] = method
    if "default_tax_rates" in given:
        fields["default_tax_rates"] = tax_rates(billing, "default_tax_rates", given["default_tax_rates"])
    if "trial_settings" in given:
        fields["trial_settings"] = trial_settings(given["trial_settings"])
    changes.update_subscription(billing, subscription["id"], **fields)


Step = Callable[[Billing, Json, Mapping[str, Any]], None]
STEPS: Mapping[str, Step] = {
    "metadata description default_payment_method default_tax_rates trial_settings": _plain,
    "collection_method days_until_due": _collection,
    "pause_collection": _pause,
    "discounts": _discounts,
    "items": change_items,
    "trial_end": _trial,
    "cancel_at cancel_at_period_end": _cancellation,
    "cancellation_details": _explain,
}
"""What each group of parameters does, in the order in which it is done."""
