"""POST and DELETE of tax ids, under a customer or by themselves."""

import re
from typing import Any

from data.sandbox.api.actions.asked import mapping, one_of, present, required
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid, missing
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.billing import Billing, working
from data.sandbox.billing.people import tax_ids_of
from data.sandbox.store import Store

Json = dict[str, Any]
# Words of Stripe's type names: a country (or eu) and what the number is called there.
_TYPE = re.compile(r"[a-z]{2}(_[a-z]{2,9}){1,2}")
_FORMS = {
    "eu_vat": r"[A-Z]{2}[0-9A-Z]{2,12}",
    "gb_vat": r"GB(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "ch_vat": r"CHE-?(\d{9}|\d{3}\.\d{3}\.\d{3}) ?(MWST|TVA|IVA)?",
    "us_ein": r"\d{2}-\d{7}",
    "no_vat": r"\d{9}MVA",
    "au_abn": r"\d{11}",
    "ca_bn": r"\d{9}",
    "de_stn": r"[\d /]{10,13}",
}
"""The forms of some types' values; of the others any value is taken."""
_MOST = 5


def create_for_customer(store: Store, call: Call) -> Json:
    """Add a tax id to the customer in the path."""
    parameters = call.parameters()
    only_known(parameters, {"type", "value", "expand"})
    return _created(store, call, call.path_params["id"], parameters, 404)


def create(store: Store, call: Call) -> Json:
    """Add a tax id to the customer that owns it."""
    parameters = call.parameters()
    only_known(parameters, {"type", "value", "owner", "expand"})
    owner = mapping("owner", parameters.get("owner", {}), ("customer", "type"))
    if one_of("owner[type]", owner.get("type"), ("account", "application", "customer", "self")) != "customer":
        raise invalid("owner[type]", "The sandbox keeps tax ids of customers only.")
    return _created(store, call, owner.get("customer"), parameters, 400)


def _created(store: Store, call: Call, customer_id: Any, parameters: Parameters, status: int) -> Json:
    required(parameters, "type", "value")
    kind, value = str(parameters["type"]), str(parameters["value"]).strip()
    if not _TYPE.fullmatch(kind):
        raise invalid("type", f"Invalid type: {kind} is not a type of tax ID.")
    if kind in _FORMS and not re.fullmatch(_FORMS[kind], value):
        raise invalid("value", f"Invalid value for {kind}.", "tax_id_invalid")
    with working(store, call.request) as billing:
        customer = present(billing, "customers", "customer", customer_id, "customer", status)
        held = tax_ids_of(billing, customer["id"])
        if any((each["type"], each["value"]) == (kind, value) for each in held):
            raise StripeError(
                400, "The customer already has this tax ID.", "resource_already_exists", "value"
            )
        if len(held) >= _MOST:
            raise invalid(None, f"A customer may have up to {_MOST} tax IDs.")
        return billing.add("tax_ids", _new(billing, customer, kind, value), "customer.tax_id.created")


def _new(billing: Billing, customer: Json, kind: str, value: str) -> Json:
    country = value[:2].upper() if kind == "eu_vat" else kind[:2].upper()
    checked = kind in ("eu_vat", "gb_vat", "au_abn")
    status = "pending" if checked else "unavailable"
    return {
        "id": billing.new_id("txi_1"),
        "object": "tax_id",
        "country": country,
        "created": billing.now,
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
        "owner": {"type": "customer", "customer": customer["id"]},
        "type": kind,
        "value": value,
        "verification": {"status": status, "verified_address": None, "verified_name": None},
    }


def delete(store: Store, call: Call) -> Json:
    """Take a tax id off its customer."""
    only_known(call.parameters(), set())
    identity = call.path_params["tax_id"]
    with working(store, call.request) as billing:
        found = billing.find("tax_ids", identity)
        if found is None or call.path_params.get("id", found["customer"]) != found["customer"]:
            raise missing("tax_id", identity, "id")
        billing.remove("tax_ids", found)
        billing.emit("customer.tax_id.deleted", found)
        return {"id": identity, "object": "tax_id", "deleted": True}
