"""Checkout sessions in setup mode: opened, completed by the customer's card, or over after a day."""

from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.people import attach_card
from data.sandbox.factory.checkout import setup_intent, setup_session

Json = dict[str, Any]
SESSIONS = "checkout/sessions"


def open_session(billing: Billing, customer: Json, intent: Json, **fields: Any) -> Json:
    """A session that waits for a card; intent and fields: see the factory; url takes the session's id."""
    made = setup_intent(billing.new_id("seti_1"), billing.now, customer["id"], **intent)
    billing.add("setup_intents", made, "setup_intent.created")
    identity = billing.new_id("cs_test_")
    url = fields.pop("url").format(identity)
    session = setup_session(identity, billing.now, customer, made["id"], url=url, **fields)
    return billing.put(SESSIONS, session)


def complete(billing: Billing, session: Json, **card: Any) -> Json:
    """The customer entered a card: it is attached, and not the default until somebody makes it that."""
    method = attach_card(billing, session["customer"], default=False, **card)
    intent = billing.get("setup_intents", session["setup_intent"])
    billing.change("setup_intents", intent, None, status="succeeded", payment_method=method["id"])
    billing.emit("setup_intent.succeeded", intent)
    billing.change(SESSIONS, session, None, status="complete", url=None)
    billing.emit("checkout.session.completed", session)
    return session


def expire(billing: Billing, session: Json) -> Json:
    """Nobody came, or somebody took it back."""
    billing.change(SESSIONS, session, None, status="expired", url=None)
    intent = billing.get("setup_intents", session["setup_intent"])
    billing.change("setup_intents", intent, None, status="canceled", cancellation_reason="abandoned")
    billing.emit("setup_intent.canceled", intent)
    billing.emit("checkout.session.expired", session)
    return session
