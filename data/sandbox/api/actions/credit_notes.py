"""POST /v1/credit_notes: an amount or lines of an invoice given back, split as Stripe requires; voided."""

from typing import Any

from data.sandbox.api.actions.asked import count, one_of, present, required, rows
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, working
from data.sandbox.billing.drafting import line_in
from data.sandbox.billing.givebacks import create_credit_note, void_credit_note
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.store import Store

Json = dict[str, Any]
REASONS = ("duplicate", "fraudulent", "order_change", "product_unsatisfactory")
SPLIT = ("credit_amount", "refund_amount", "out_of_band_amount")
KNOWN = {"invoice", "amount", "lines", *SPLIT, "reason", "memo", "metadata", "email_type", "expand"}


def create(store: Store, call: Call) -> Json:
    """Credit an amount, or lines, of an invoice; what was paid of it must be split."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    required(parameters, "invoice")
    split = {name: count(name, parameters[name]) for name in SPLIT if name in parameters}
    fields: Json = {"metadata": new_metadata("metadata", parameters.get("metadata", ""), None)}
    fields["memo"] = parameters.get("memo") or None
    fields["reason"] = None
    if "reason" in parameters:
        fields["reason"] = one_of("reason", parameters["reason"], REASONS)
    one_of("email_type", parameters.get("email_type", "credit_note"), ("credit_note", "none"))
    with working(store, call.request) as billing:
        invoice = present(billing, "invoices", "invoice", parameters["invoice"], "invoice")
        amount, lines = _what(invoice, parameters)
        try:
            return {**create_credit_note(billing, invoice["id"], amount, lines=lines, **split, **fields)}
        except RefusedError as refused:
            raise invalid(refused.args[1], refused.args[0]) from None


def _what(invoice: Json, parameters: Parameters) -> tuple[int, list[Json]]:
    """A note's amount in minor units, and the lines that make it up; none where only an amount is said."""
    if ("amount" in parameters) == ("lines" in parameters):
        raise invalid("amount", "One of `amount`, `lines`, or `shipping_cost` must be provided.")
    if "amount" in parameters:
        return count("amount", parameters["amount"]), []
    known = ("type", "amount", "description", "invoice_line_item", "quantity", "unit_amount")
    asked = rows("lines", parameters["lines"], known)
    lines = [_line(invoice, f"lines[{place}]", row) for place, row in enumerate(asked)]
    return sum(line["amount"] for line in lines), lines


def _line(invoice: Json, name: str, row: Json) -> Json:
    kind = one_of(f"{name}[type]", row.get("type"), ("custom_line_item", "invoice_line_item"))
    quantity = count(f"{name}[quantity]", row.get("quantity", "1"))
    if kind == "custom_line_item":
        if "amount" in row:
            amount = count(f"{name}[amount]", row["amount"])
        else:
            amount = count(f"{name}[unit_amount]", row.get("unit_amount")) * quantity
        return {"amount": amount, "description": row.get("description"), "quantity": max(quantity, 1)}
    line = line_in(invoice, str(row.get("invoice_line_item")))
    if line is None:
        told = f"No such invoice line item: '{row.get('invoice_line_item')}'"
        raise StripeError(400, told, "resource_missing", f"{name}[invoice_line_item]")
    amount = count(f"{name}[amount]", row["amount"]) if "amount" in row else line["amount"]
    if amount > line["amount"]:
        raise invalid(f"{name}[amount]", f"The line item has {line['amount']} to credit.")
    found = {"amount": amount, "description": line["description"], "quantity": 1}
    return {**found, "invoice_line_item": line["id"]}


def update(store: Store, call: Call) -> Json:
    """Another memo or metadata."""
    parameters = call.parameters()
    only_known(parameters, {"memo", "metadata", "expand"})
    with working(store, call.request) as billing:
        note = _found(billing, call)
        values: Json = {}
        if "memo" in parameters:
            values["memo"] = parameters["memo"] or None
        if "metadata" in parameters:
            values["metadata"] = new_metadata("metadata", parameters["metadata"], note["metadata"])
        return {**billing.change("credit_notes", note, "credit_note.updated", **values)}


def void(store: Store, call: Call) -> Json:
    """Take back a credit note of an invoice that is still open."""
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        try:
            return {**void_credit_note(billing, _found(billing, call))}
        except RefusedError as refused:
            raise invalid(refused.args[1], refused.args[0]) from None


def _found(billing: Billing, call: Call) -> Json:
    return present(billing, "credit_notes", "credit note", call.path_params["id"], "id", 404)
