"""payment_behavior: what becomes of a change whose payment fails or waits for the customer."""

from typing import Any

from data.sandbox.api.actions.asked import flag, one_of
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters
from data.sandbox.billing import Billing, payments

Json = dict[str, Any]
BEHAVIOURS = ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
NO_CARD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default"
    " payment method. For more information, visit"
    " https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority."
)


def choose(billing: Billing, parameters: Parameters, *, changing: bool) -> str:
    """Let the payments of this request go as it asks for; returns the behaviour."""
    flag(parameters, "off_session")
    asked = parameters.get("payment_behavior", "allow_incomplete")
    chosen = one_of("payment_behavior", asked, BEHAVIOURS)
    if chosen == "pending_if_incomplete":
        told = "The sandbox keeps no pending updates." if changing else "Only an update can be pending."
        raise invalid("payment_behavior", told)
    if chosen == "error_if_incomplete":
        billing.listener = _refuse_failure
    billing.confirming = chosen == "default_incomplete"
    return chosen


def _refuse_failure(kind: str, _invoice: Json) -> None:
    """Whatever the request did is undone, as the error leaves its transaction."""
    if kind == "invoice.payment_failed":
        raise declined()


def declined(kind: type[StripeError] = StripeError) -> StripeError:
    """A card that the bank refused."""
    told = "Your card was declined."
    return kind(402, told, "card_declined", None, "card_error", "generic_decline")


def refuse_without_card(billing: Billing, subscription: Json) -> None:
    """A subscription that is charged needs a card, unless it starts with a trial."""
    automatic = subscription["collection_method"] == "charge_automatically"
    invoice = billing.get("invoices", subscription["latest_invoice"])
    if automatic and invoice["status"] == "open" and payments.payment_method_of(billing, invoice) is None:
        raise StripeError(400, NO_CARD, "resource_missing")
