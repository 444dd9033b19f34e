"""POST /v1/checkout/sessions in setup mode: a link by which a customer leaves a card."""

from typing import Any

from data.sandbox.api.actions.asked import mapping, one_of, present, required
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, listing, only_known, whole
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import DAY, working
from data.sandbox.billing import checkout as sessions
from data.sandbox.store import Store

Json = dict[str, Any]
KNOWN = {
    "mode", "customer", "success_url", "cancel_url", "currency", "ui_mode", "payment_method_types",
    "setup_intent_data", "metadata", "client_reference_id", "locale", "expires_at", "expand",
}  # fmt: skip
_SOONEST, _LATEST = 1_800, DAY


def create(store: Store, call: Call) -> Json:
    """A session in setup mode; the sandbox has no other."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    required(parameters, "mode")
    if one_of("mode", parameters["mode"], ("payment", "setup", "subscription")) != "setup":
        raise invalid("mode", "The sandbox makes Checkout sessions in `setup` mode only.")
    _check_page(parameters)
    with working(store, call.request) as billing:
        required(parameters, "customer")
        customer = present(billing, "customers", "customer", parameters["customer"], "customer")
        return {
            **sessions.open_session(
                billing,
                customer,
                _intent(parameters),
                url=f"{call.base}/sandbox/checkout/{{}}",
                metadata=new_metadata("metadata", parameters.get("metadata", ""), None),
                expires_at=_expires(parameters, billing.now),
                **{name: parameters.get(name) for name in _KEPT},
            )
        }


_KEPT = ("success_url", "cancel_url", "currency", "client_reference_id", "locale")


def _check_page(parameters: Parameters) -> None:
    page = parameters.get("ui_mode", "hosted_page")
    if one_of("ui_mode", page, ("elements", "embedded_page", "hosted_page")) != "hosted_page":
        raise invalid("ui_mode", "The sandbox has hosted pages only.")
    required(parameters, "success_url")
    if "payment_method_types" in parameters:
        kinds = listing("payment_method_types", parameters["payment_method_types"])
        if kinds != ["card"]:
            raise invalid("payment_method_types", "The sandbox saves cards only.")
    elif not parameters.get("currency"):
        told = "`currency` is required in `setup` mode when `payment_method_types` is not set."
        raise StripeError(400, told, "parameter_missing", "currency")


def _intent(parameters: Parameters) -> Json:
    asked = mapping("setup_intent_data", parameters.get("setup_intent_data", {}), ("description", "metadata"))
    metadata = new_metadata("setup_intent_data[metadata]", asked.get("metadata", ""), None)
    return {"description": asked.get("description"), "metadata": metadata}


def _expires(parameters: Parameters, now: int) -> int:
    if "expires_at" not in parameters:
        return now + DAY
    at = whole("expires_at", parameters["expires_at"])
    if not now + _SOONEST <= at <= now + _LATEST:
        told = "The `expires_at` timestamp must be 30 minutes to 24 hours from Checkout Session creation."
        raise invalid("expires_at", told)
    return at


def expire(store: Store, call: Call) -> Json:
    """Take an open session back."""
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        identity = call.path_params["id"]
        session = present(billing, sessions.SESSIONS, "checkout.session", identity, "session", 404)
        if session["status"] != "open":
            told = 'Only Checkout Sessions with a status in ["open"] can be expired.'
            told += f" This Checkout Session has a status of {session['status']}."
            raise StripeError(400, told)
        return {**sessions.expire(billing, session)}
