"""POST /v1/customers, and sessions in which they change their card."""

from typing import Any

from data.sandbox.api.actions.asked import mapping, one_of, present
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError
from data.sandbox.api.parameters import only_known
from data.sandbox.api.writes import CHANGEABLE, changed_fields
from data.sandbox.billing import working
from data.sandbox.billing.people import create_customer
from data.sandbox.store import Store

Json = dict[str, Any]
SESSIONS = "billing_portal_sessions"
FLOWS = ("customer_update", "payment_method_update", "subscription_cancel", "subscription_update")


def create(store: Store, call: Call) -> Json:
    """A new customer, with the fields that one may be changed in."""
    parameters = call.parameters()
    fields = CHANGEABLE["customers"]
    only_known(parameters, {*fields, "expand"})
    given = {name: value for name, value in parameters.items() if name != "expand"}
    with working(store, call.request) as billing:
        return create_customer(billing, **changed_fields("customers", {}, given))


def drop_discount(store: Store, call: Call) -> Json:
    """Take a customer's own discount off."""
    only_known(call.parameters(), set())
    with working(store, call.request) as billing:
        customer = present(billing, "customers", "customer", call.path_params["id"], "customer", 404)
        gone = customer["discount"]
        if gone is None:
            raise StripeError(404, "This customer has no discount.", "resource_missing")
        billing.change("customers", customer, None, discount=None)
        billing.emit("customer.discount.deleted", gone)
        return {**gone, "deleted": True}


def create_session(store: Store, call: Call) -> Json:
    """A portal session: an address at which the customer enters a card, here a page of the sandbox."""
    parameters = call.parameters()
    only_known(parameters, {"customer", "configuration", "return_url", "locale", "flow_data", "expand"})
    flow = mapping(
        "flow_data", parameters.get("flow_data", {}), ("type", "after_completion", "subscription_cancel")
    )
    if flow:
        one_of("flow_data[type]", flow.get("type"), FLOWS)
    with working(store, call.request) as billing:
        customer = present(billing, "customers", "customer", parameters.get("customer"), "customer")
        identity = billing.new_id("bps_1")
        session = {
            "id": identity,
            "object": "billing_portal.session",
            "configuration": parameters.get("configuration") or "bpc_sandbox",
            "created": billing.now,
            "customer": customer["id"],
            "customer_account": None,
            "flow": _flow(flow, parameters.get("return_url")),
            "livemode": False,
            "locale": parameters.get("locale"),
            "on_behalf_of": None,
            "return_url": parameters.get("return_url"),
            "url": f"{call.base}/sandbox/portal/{identity}",
        }
        billing.put(SESSIONS, session)
        return session


def _flow(flow: Json, return_url: str | None) -> Json | None:
    if not flow:
        return None
    after: Json = {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"}
    if return_url:
        after = {
            "hosted_confirmation": None,
            "redirect": {"return_url": return_url},
            "type": "redirect",
        }
    others = dict.fromkeys(("subscription_cancel", "subscription_update", "subscription_update_confirm"))
    return {"after_completion": after, "type": flow["type"], **others}
