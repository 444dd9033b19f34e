"""POST and DELETE /v1/invoiceitems: amounts that wait for an invoice, or stand on a draft."""

from typing import Any

from data.sandbox.api.actions.asked import count, decimal, flag, mapping, present
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known, truth, whole
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, drafting, working
from data.sandbox.billing.discounting import given
from data.sandbox.billing.invoicing import create_invoiceitem
from data.sandbox.billing.people import create_price
from data.sandbox.billing.pricing import amount_of
from data.sandbox.factory.invoices import pricing
from data.sandbox.store import Store

Json = dict[str, Any]
CHANGEABLE = {
    "amount", "description", "discountable", "discounts", "metadata", "period", "price_data", "pricing",
    "quantity", "unit_amount_decimal",
}  # fmt: skip
_PRICED = ("pricing", "price_data", "unit_amount_decimal")
NOT_EDITABLE = "This invoice is no longer editable"


def create(store: Store, call: Call) -> Json:
    """An amount for a customer's next invoice, or for the draft that is named."""
    parameters = call.parameters()
    only_known(parameters, {*CHANGEABLE, "customer", "currency", "invoice", "subscription", "expand"})
    with working(store, call.request) as billing:
        return {**make(billing, parameters)}


def make(billing: Billing, parameters: Parameters) -> Json:
    """The item that a request asks for, on the draft that is named. Raises StripeError."""
    invoice = _draft(billing, parameters)
    customer = _customer(billing, parameters, invoice)
    currency = parameters.get("currency") or (invoice or customer)["currency"]
    values = _values(billing, parameters, {}, currency)
    if "amount" not in values:
        raise invalid(None, "You must specify either amount, pricing, price_data or unit_amount_decimal.")
    asked = discounts_asked(billing, "discounts", parameters.get("discounts", ""))
    item = create_invoiceitem(
        billing,
        customer["id"],
        _matching(invoice, values.pop("currency", currency) or "usd"),
        values.pop("amount"),
        values.pop("description", None),
        discounts=given(billing, asked, customer=customer["id"]),
        invoice=invoice and invoice["id"],
        parent=_parent(billing, parameters),
        **values,
    )
    billing.change("invoiceitems", item, None, net_amount=drafting.net_amount(billing, item))
    if invoice is not None:
        drafting.add_to_draft(billing, invoice, item)
    return item


def update(store: Store, call: Call) -> Json:
    """Change an item that no finalised invoice has taken up."""
    parameters = call.parameters()
    only_known(parameters, {*CHANGEABLE, "expand"})
    with working(store, call.request) as billing:
        return {**change(billing, _editable(billing, call), parameters)}


def change(billing: Billing, item: Json, parameters: Parameters) -> Json:
    """Set what is asked on an item, and on the line that carries it."""
    frozen = [name for name in item["frozen_fields"] if name in parameters]
    if frozen:
        raise invalid(frozen[0], f"You cannot update `{frozen[0]}` of this invoice item: it is frozen.")
    if item["proration"] and flag(parameters, "discountable"):
        raise invalid("discountable", "Prorations cannot be discountable.")
    values = _values(billing, parameters, item, item["currency"])
    values.pop("currency", None)
    if "discounts" in parameters:
        asked = discounts_asked(billing, "discounts", parameters["discounts"], item["discounts"])
        values["discounts"] = given(billing, asked, customer=item["customer"], invoice_item=item["id"])
    return drafting.change_item(billing, item, values)


def delete(store: Store, call: Call) -> Json:
    """Take an item away, off the draft that has it too."""
    only_known(call.parameters(), set())
    with working(store, call.request) as billing:
        item = _editable(billing, call)
        drafting.remove_item(billing, item)
        return {"id": item["id"], "object": "invoiceitem", "deleted": True}


def _editable(billing: Billing, call: Call) -> Json:
    item = present(billing, "invoiceitems", "invoiceitem", call.path_params["id"], "invoiceitem", 404)
    if item["invoice"] and billing.get("invoices", item["invoice"])["status"] != "draft":
        raise StripeError(400, NOT_EDITABLE, "invoice_not_editable")
    return item


def _draft(billing: Billing, parameters: Parameters) -> Json | None:
    if "invoice" not in parameters:
        return None
    invoice = present(billing, "invoices", "invoice", parameters["invoice"], "invoice")
    if invoice["status"] != "draft":
        raise StripeError(400, NOT_EDITABLE, "invoice_not_editable", "invoice")
    return invoice


def _customer(billing: Billing, parameters: Parameters, invoice: Json | None) -> Json:
    identity = parameters.get("customer") or (invoice and invoice["customer"])
    if not identity:
        raise StripeError(400, "Missing required param: customer.", "parameter_missing", "customer")
    if invoice is not None and identity != invoice["customer"]:
        raise invalid("invoice", f"The invoice {invoice['id']} does not belong to customer {identity}.")
    return present(billing, "customers", "customer", identity, "customer")


def _matching(invoice: Json | None, currency: str) -> str:
    if invoice is not None and invoice["currency"] != currency:
        told = f"The currency of the invoice item ({currency}) does not match the currency of the invoice"
        raise invalid("currency", f"{told} ({invoice['currency']}).")
    return currency


def _parent(billing: Billing, parameters: Parameters) -> Json | None:
    if "subscription" not in parameters:
        return None
    found = present(billing, "subscriptions", "subscription", parameters["subscription"], "subscription")
    return {"subscription_details": {"subscription": found["id"]}, "type": "subscription_details"}


def _values(billing: Billing, parameters: Parameters, before: Json, currency: str) -> Json:
    """What a request sets on an item, as it then is; `currency` where a price decides it."""
    values = {**_priced(billing, parameters, before, currency), **plain_values(parameters, before)}
    if "discountable" not in parameters and values.get("amount", 0) < 0:
        values["discountable"] = False
    return values


def plain_values(parameters: Parameters, before: Json) -> Json:
    """What is no money: words, metadata, period, and whether discounts apply."""
    values: Json = {}
    if "description" in parameters:
        values["description"] = parameters["description"] or None
    if "metadata" in parameters:
        values["metadata"] = new_metadata("metadata", parameters["metadata"], before.get("metadata"))
    if "period" in parameters:
        values["period"] = _period(parameters["period"])
    if "discountable" in parameters:
        values["discountable"] = truth("discountable", parameters["discountable"])
    return values


def _period(value: Any) -> Json:
    asked = mapping("period", value, ("start", "end"))
    start, end = (whole(f"period[{name}]", asked.get(name)) for name in ("start", "end"))
    if end < start:
        raise invalid("period[end]", "The period's end must be greater than or equal to its start.")
    return {"end": end, "start": start}


def _priced(billing: Billing, parameters: Parameters, before: Json, currency: str) -> Json:
    """Amount, quantity and pricing, which belong together."""
    ways = [name for name in ("amount", *_PRICED) if name in parameters]
    if len(ways) > 1:
        raise invalid(ways[1], f"You may only specify one of these parameters: {', '.join(ways)}.")
    if ways == ["amount"]:
        if "quantity" in parameters:
            raise invalid("quantity", "You may only specify one of these parameters: amount, quantity.")
        return {
            "amount": whole("amount", parameters["amount"]),
            "pricing": None,
            "quantity": 1,
            "quantity_decimal": "1",
        }
    if not ways and "quantity" not in parameters:
        return {}
    quantity = count("quantity", parameters.get("quantity", str(before.get("quantity", 1))))
    price = _price(billing, parameters, ways, before, currency)
    return {
        "amount": amount_of(price, quantity),
        "currency": price["currency"],
        "pricing": _pricing(price),
        "quantity": quantity,
        "quantity_decimal": str(quantity),
    }


def _price(billing: Billing, parameters: Parameters, ways: list[str], before: Json, currency: str) -> Json:
    if "pricing" in ways:
        asked = mapping("pricing", parameters["pricing"], ("price",))
        return _one_time(present(billing, "prices", "price", asked.get("price"), "pricing[price]"))
    if "price_data" in ways:
        return _inline(billing, parameters["price_data"])
    if "unit_amount_decimal" in ways:
        return _custom(currency, decimal("unit_amount_decimal", parameters["unit_amount_decimal"]))
    if (known := before.get("pricing")) is not None:
        details = known.get("price_details")
        unit = known["unit_amount_decimal"]
        return billing.get("prices", details["price"]) if details else _custom(currency, unit)
    raise invalid("quantity", "You cannot set the quantity of an invoice item that has only an amount.")


def _one_time(price: Json) -> Json:
    if price["type"] != "one_time":
        raise invalid(
            "pricing[price]",
            "The price specified is set to `type=recurring` but this field only accepts prices with"
            f" `type=one_time`: {price['id']}",
        )
    return price


def _inline(billing: Billing, value: Any) -> Json:
    known = ("currency", "product", "tax_behavior", "unit_amount", "unit_amount_decimal")
    asked = mapping("price_data", value, known)
    product = present(billing, "products", "product", asked.get("product"), "price_data[product]")
    amount = decimal("price_data[unit_amount]", asked.get("unit_amount_decimal", asked.get("unit_amount")))
    whole_amount = int(amount) if "." not in amount else None
    fields = {"active": False, "unit_amount_decimal": amount}
    return create_price(billing, product["id"], str(asked.get("currency")), whole_amount, None, **fields)


def _custom(currency: str, unit: str) -> Json:
    """An amount for one unit as billing reads prices; it has no product."""
    return {"currency": currency, "billing_scheme": "per_unit", "unit_amount_decimal": unit}


def _pricing(price: Json) -> Json:
    unit = price["unit_amount_decimal"]
    return pricing(price, unit) if "id" in price else {"type": "price_details", "unit_amount_decimal": unit}
