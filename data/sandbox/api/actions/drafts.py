"""POST and DELETE /v1/invoices, and the lines of a draft: what people write before it is finalised."""

from collections.abc import Callable, Mapping
from typing import Any

from data.sandbox.api.actions import invoiceitems
from data.sandbox.api.actions.asked import (
    count,
    flag,
    mapping,
    one_of,
    present,
    required,
    rows,
    tax_rates,
    to_come,
)
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid, missing
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import DAY, Billing, drafting, working
from data.sandbox.billing.discounting import given
from data.sandbox.billing.invoicing import FINALIZES_AFTER
from data.sandbox.store import Store

Json = dict[str, Any]
Field = Callable[[Billing, Json, str, Any], Json]
METHODS = ("charge_automatically", "send_invoice")
_MOST_CUSTOM_FIELDS = 4


def create(store: Store, call: Call) -> Json:
    """A one-off draft; it takes up what waits for the customer only where it is told to."""
    parameters = call.parameters()
    known = {"customer", "currency", "subscription", "pending_invoice_items_behavior", "expand"}
    only_known(parameters, {*FIELDS, *known})
    required(parameters, "customer")
    behaviour = parameters.get("pending_invoice_items_behavior", "exclude")
    one_of("pending_invoice_items_behavior", behaviour, ("exclude", "include"))
    with working(store, call.request) as billing:
        customer = present(billing, "customers", "customer", parameters["customer"], "customer")
        subscription = _subscription(billing, parameters, customer)
        currency = parameters.get("currency") or customer["currency"] or "usd"
        inherited = {"discounts": [customer["discount"]]} if customer["discount"] else {}
        start = {"auto_advance": False, "collection_method": METHODS[0], **inherited}
        fields = _fields(billing, {**start, "customer": customer["id"], "discounts": []}, parameters)
        takes = behaviour == "include" or subscription is not None
        invoice = drafting.create_invoice(
            billing, customer, currency, subscription=subscription, pending=takes, **{**start, **fields}
        )
        return {**invoice}


def _subscription(billing: Billing, parameters: Parameters, customer: Json) -> Json | None:
    if "subscription" not in parameters:
        return None
    found = present(billing, "subscriptions", "subscription", parameters["subscription"], "subscription")
    if found["customer"] != customer["id"]:
        raise invalid("subscription", "The subscription does not belong to the customer.")
    return found


def update(store: Store, call: Call) -> Json:
    """Change a draft; of a finalised invoice only what is no money."""
    parameters = call.parameters()
    only_known(parameters, {*FIELDS, "expand"})
    with working(store, call.request) as billing:
        invoice = present(billing, "invoices", "invoice", call.path_params["id"], "invoice", 404)
        values = _fields(billing, invoice, parameters)
        if invoice["status"] == "draft":
            return {**drafting.retotal(billing, invoice, **values)}
        if set(parameters) - FINAL - {"expand"}:
            told = "Finalized invoices can't be updated in this way"
            raise StripeError(400, told, "invoice_not_editable")
        return {**billing.change("invoices", invoice, "invoice.updated", **values)}


def delete(store: Store, call: Call) -> Json:
    """Delete a one-off draft."""
    only_known(call.parameters(), set())
    with working(store, call.request) as billing:
        invoice = present(billing, "invoices", "invoice", call.path_params["id"], "invoice", 404)
        if invoice["status"] != "draft" or invoice["parent"] is not None:
            told = "You can only delete draft invoices that are not for a subscription."
            raise StripeError(400, told, "invoice_not_editable")
        drafting.delete_draft(billing, invoice)
        return {"id": invoice["id"], "object": "invoice", "deleted": True}


def update_line(store: Store, call: Call) -> Json:
    """Change a line of a draft, and the invoice item behind it."""
    parameters = call.parameters()
    only_known(parameters, {*invoiceitems.CHANGEABLE, "expand"} - {"unit_amount_decimal"})
    identity = call.path_params["line"]
    with working(store, call.request) as billing:
        invoice = present(billing, "invoices", "invoice", call.path_params["id"], "invoice", 404)
        line = drafting.line_in(invoice, identity)
        if line is None:
            raise missing("line_item", identity, "line_item_id")
        if invoice["status"] != "draft":
            raise StripeError(400, invoiceitems.NOT_EDITABLE, "invoice_not_editable")
        asked = {name: value for name, value in parameters.items() if name != "expand"}
        if (item := drafting.item_on(line)) is not None:
            invoiceitems.change(billing, billing.get("invoiceitems", item), asked)
        else:
            drafting.change_line(billing, invoice, line, _line_values(billing, invoice, line, asked))
        return {**(drafting.line_in(invoice, identity) or line)}


def _line_values(billing: Billing, invoice: Json, line: Json, asked: Parameters) -> Json:
    """What may be said anew of a subscription's own line: not what it charges for."""
    fixed = sorted({"amount", "price_data", "pricing", "quantity"} & set(asked))
    if fixed:
        raise invalid(fixed[0], f"You cannot update `{fixed[0]}` on a line item of a subscription.")
    values = invoiceitems.plain_values(asked, {})
    if "discounts" in asked:
        wanted = discounts_asked(billing, "discounts", asked["discounts"], line["discounts"])
        values["discounts"] = given(billing, wanted, customer=invoice["customer"], invoice=invoice["id"])
    return values


def _fields(billing: Billing, invoice: Json, parameters: Parameters) -> Json:
    """The fields that a request sets on an invoice, as they then are."""
    values: Json = {}
    for name, field in FIELDS.items():
        if name in parameters:
            values |= field(billing, {**invoice, **values}, name, parameters[name])
    method = values.get("collection_method", invoice["collection_method"])
    dated = [name for name in ("days_until_due", "due_date") if name in parameters]
    if dated and method != METHODS[1]:
        told = f"`{dated[0]}` can only be set when `collection_method` is `send_invoice`."
        raise invalid(dated[0], told)
    if method == METHODS[1] and not dated and not invoice.get("due_date"):
        told = "You must pass `days_until_due` or `due_date` when `collection_method` is `send_invoice`."
        raise invalid("days_until_due", told)
    if method == METHODS[0] and "collection_method" in values:
        values["due_date"] = None
    return values


def _text(_billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    if not isinstance(value, str):
        raise invalid(name, f"Invalid string: {value}")
    return {name: value or None}


def _method(_billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    return {name: one_of(name, value, METHODS)}


def _advance(billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    wanted = bool(flag({name: value}, name))
    return {name: wanted, "automatically_finalizes_at": billing.now + FINALIZES_AFTER if wanted else None}


def _days(billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    return {"due_date": billing.now + count(name, value) * DAY}


def _due(billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    return {name: to_come(name, value, billing.now)}


def _card(billing: Billing, invoice: Json, name: str, value: Any) -> Json:
    if value == "":
        return {name: None}
    found = present(billing, "payment_methods", "PaymentMethod", value, name)
    if found["customer"] != invoice["customer"]:
        raise invalid(name, "The customer does not have a payment method with this ID.")
    return {name: found["id"]}


def _rates(billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    return {name: tax_rates(billing, name, value)}


def _discounts(billing: Billing, invoice: Json, name: str, value: Any) -> Json:
    asked = discounts_asked(billing, name, value, invoice["discounts"])
    owner = {"customer": invoice["customer"], "invoice": invoice.get("id")}
    return {name: given(billing, asked, **owner)}


def _metadata(_billing: Billing, invoice: Json, name: str, value: Any) -> Json:
    return {name: new_metadata(name, value, invoice.get("metadata"))}


def _custom_fields(_billing: Billing, _invoice: Json, name: str, value: Any) -> Json:
    found = rows(name, value, ("name", "value"))
    if len(found) > _MOST_CUSTOM_FIELDS:
        raise invalid(name, f"Array {name} exceeds maximum {_MOST_CUSTOM_FIELDS} allowed elements.")
    for place, row in enumerate(found):
        required({f"{name}[{place}][{key}]": row.get(key) for key in ("name", "value")},
                 f"{name}[{place}][name]", f"{name}[{place}][value]")  # fmt: skip
    return {name: [mapping(name, row, ("name", "value")) for row in found] or None}


FIELDS: Mapping[str, Field] = {
    "collection_method": _method,
    "auto_advance": _advance,
    "automatically_finalizes_at": _due,
    "days_until_due": _days,
    "due_date": _due,
    "default_payment_method": _card,
    "default_tax_rates": _rates,
    "discounts": _discounts,
    "metadata": _metadata,
    "custom_fields": _custom_fields,
    "description": _text,
    "footer": _text,
    "number": _text,
}
"""What can be set on an invoice."""
FINAL = frozenset(("auto_advance", "default_payment_method", "metadata", "description", "footer"))
"""What can still be set on a finalised one."""
