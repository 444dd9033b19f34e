"""POST /v1/payment_methods/...: cards attached to a customer, taken off, and changed."""

from typing import Any

from data.sandbox.api.actions.asked import mapping, present, required
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import only_known, whole
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, working
from data.sandbox.billing.people import attach_card, detach_card
from data.sandbox.store import Store

Json = dict[str, Any]
TEST_CARDS = {
    "pm_card_visa": ("visa", "4242"),
    "pm_card_mastercard": ("mastercard", "5555"),
    "pm_card_chargeCustomerFail": ("visa", "0341"),
}
"""Stripe's names for test cards; attaching one makes a new card."""


def attach(store: Store, call: Call) -> Json:
    """Give a card to a customer; it is not the default until it is made that."""
    parameters = call.parameters()
    only_known(parameters, {"customer", "expand"})
    required(parameters, "customer")
    with working(store, call.request) as billing:
        customer = present(billing, "customers", "customer", parameters["customer"], "customer")
        if (known := TEST_CARDS.get(call.path_params["id"])) is not None:
            fields: Json = {"brand": known[0], "last4": known[1]}
            return {**attach_card(billing, customer["id"], default=False, **fields)}
        card = _found(billing, call)
        if card["customer"] not in (None, customer["id"]):
            told = "The payment method you provided has already been attached to a customer."
            raise StripeError(400, told, "payment_method_unexpected_state")
        if card["customer"] is None:
            told = "This PaymentMethod was previously used or detached, and may not be used again."
            raise StripeError(400, told)
        return {**card}


def detach(store: Store, call: Call) -> Json:
    """Take a card off its customer for good."""
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        card = _found(billing, call)
        if card["customer"] is None:
            told = (
                "The payment method you provided is not attached to a customer so detachment is impossible."
            )
            raise StripeError(400, told, "payment_method_unexpected_state")
        return {**detach_card(billing, card)}


def update(store: Store, call: Call) -> Json:
    """Change a card's expiry or metadata."""
    parameters = call.parameters()
    only_known(parameters, {"card", "metadata", "expand"})
    with working(store, call.request) as billing:
        method = _found(billing, call)
        values: Json = {}
        if "metadata" in parameters:
            values["metadata"] = new_metadata("metadata", parameters["metadata"], method["metadata"])
        if "card" in parameters:
            asked = mapping("card", parameters["card"], ("exp_month", "exp_year"))
            told = {name: whole(f"card[{name}]", value) for name, value in asked.items()}
            if not 1 <= told.get("exp_month", 1) <= 12:
                raise invalid("card[exp_month]", "Your card's expiration month is invalid.")
            values["card"] = {**method["card"], **told}
        return {**billing.change("payment_methods", method, "payment_method.updated", **values)}


def _found(billing: Billing, call: Call) -> Json:
    identity = call.path_params["id"]
    return present(billing, "payment_methods", "PaymentMethod", identity, "payment_method", 404)
