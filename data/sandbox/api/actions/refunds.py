"""POST /v1/refunds: a charge's money goes back, all of it or a part."""

from typing import Any

from data.sandbox.api.actions.asked import count, one_of, present
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, working
from data.sandbox.billing.givebacks import refund
from data.sandbox.billing.invoicing import shown
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Json = dict[str, Any]
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(store: Store, call: Call) -> Json:
    """Refund a charge, or the one that paid a payment intent."""
    parameters = call.parameters()
    only_known(parameters, {"charge", "payment_intent", "amount", "reason", "metadata", "expand"})
    reason = parameters.get("reason")
    if reason is not None:
        one_of("reason", reason, REASONS)
    metadata = new_metadata("metadata", parameters.get("metadata", ""), None)
    with working(store, call.request) as billing:
        charge = _charge(billing, parameters)
        made = refund(billing, charge["id"], _amount(charge, parameters), reason)
        return {**billing.change("refunds", made, None, metadata=metadata)}


def update(store: Store, call: Call) -> Json:
    """Change a refund's metadata."""
    parameters = call.parameters()
    only_known(parameters, {"metadata", "expand"})
    with working(store, call.request) as billing:
        found = present(billing, "refunds", "refund", call.path_params["id"], "id", 404)
        values = {}
        if "metadata" in parameters:
            values["metadata"] = new_metadata("metadata", parameters["metadata"], found["metadata"])
        return {**billing.change("refunds", found, "refund.updated", **values)}


def _charge(billing: Billing, parameters: Parameters) -> Json:
    if "charge" in parameters:
        return present(billing, "charges", "charge", parameters["charge"], "charge")
    if not (intent := parameters.get("payment_intent")):
        raise invalid(
            None, "One of the following params should be provided for this request: payment_intent or charge."
        )
    found = billing.where("charges", Condition("payment_intent", "=", intent))
    if not found:
        raise StripeError(400, f"No such payment_intent: '{intent}'", "resource_missing", "payment_intent")
    paid = [each for each in found if each["status"] == "succeeded"]
    if not paid:
        told = f"This PaymentIntent ({intent}) does not have a successful charge to refund."
        raise StripeError(400, told, None, "payment_intent")
    return paid[-1]


def _amount(charge: Json, parameters: Parameters) -> int | None:
    """Minor units to refund, None for all that is left. Raises StripeError."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise StripeError(400, f"Charge {charge['id']} did not succeed, so it cannot be refunded.")
    if left == 0:
        told = f"Charge {charge['id']} has already been refunded."
        raise StripeError(400, told, "charge_already_refunded")
    if "amount" not in parameters:
        return None
    amount = count("amount", parameters["amount"])
    if amount == 0:
        raise invalid("amount", "This value must be greater than or equal to 1.", "parameter_invalid_integer")
    if amount > left:
        sums = (shown(each, charge["currency"]) for each in (amount, left))
        told = "Refund amount ({}) is greater than unrefunded amount on charge ({})"
        raise invalid("amount", told.format(*sums))
    return amount
