"""Drafts that people edit: one-off invoices, the items on them, and their sums made anew."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.discounting import Row, coupon_in, taken_off
from data.sandbox.billing.invoicing import draft, line_of_pending
from data.sandbox.billing.totals import total_up
from data.sandbox.factory.invoices import product_in

Json = dict[str, Any]
_ON_BOTH = ("amount", "description", "discountable", "discounts", "metadata", "period", "pricing", "quantity")
"""What an invoice item and its line share."""


def create_invoice(
    billing: Billing,
    customer: Json,
    currency: str,
    *,
    subscription: Json | None,
    pending: bool,
    **fields: Any,
) -> Json:
    """A one-off draft; pending: it takes up what waits for the customer, or for the subscription alone."""
    return draft(billing, customer, currency, "manual", subscription=subscription, pending=pending, **fields)


def retotal(billing: Billing, invoice: Json, lines: Sequence[Json] | None = None, **values: Any) -> Json:
    """Set a draft's fields and lines and make its sums anew."""
    before = {**invoice}
    rows = [{**line} for line in (invoice["lines"]["data"] if lines is None else lines)]
    invoice.update(values, lines={**invoice["lines"], "data": rows})
    total_up(invoice, coupon_in(billing))
    billing.put("invoices", invoice)
    if invoice != before:
        billing.emit("invoice.updated", invoice, before)
    return invoice


def add_to_draft(billing: Billing, invoice: Json, item: Json) -> None:
    """Put an invoice item on a draft, behind the lines that it has."""
    retotal(billing, invoice, [*invoice["lines"]["data"], line_of_pending(billing, invoice, item)])


def change_item(billing: Billing, item: Json, values: Json) -> Json:
    """Change an invoice item, and the line that carries it where a draft has one."""
    billing.change("invoiceitems", item, None, **values)
    billing.change("invoiceitems", item, None, net_amount=net_amount(billing, item))
    if item["invoice"] is not None:
        invoice = billing.get("invoices", item["invoice"])
        shared = {name: item[name] for name in _ON_BOTH}
        shared |= {"subtotal": item["amount"], "quantity_decimal": item["quantity_decimal"]}
        rows = [{**row, **shared} if item_on(row) == item["id"] else row for row in invoice["lines"]["data"]]
        retotal(billing, invoice, rows)
    return item


def remove_item(billing: Billing, item: Json) -> None:
    """Delete an invoice item, and the line that carries it where a draft has one."""
    if item["invoice"] is not None:
        invoice = billing.get("invoices", item["invoice"])
        retotal(billing, invoice, [row for row in invoice["lines"]["data"] if item_on(row) != item["id"]])
    billing.remove("invoiceitems", item)
    billing.emit("invoiceitem.deleted", item)


def change_line(billing: Billing, invoice: Json, line: Json, values: Json) -> Json:
    """Change a line that no invoice item stands behind; returns it as it then is."""
    rows = [{**row, **values} if row["id"] == line["id"] else row for row in invoice["lines"]["data"]]
    retotal(billing, invoice, rows)
    return line_in(invoice, line["id"]) or line


def delete_draft(billing: Billing, invoice: Json) -> None:
    """Delete a one-off draft; the items on it wait for another invoice again."""
    for identity in filter(None, map(item_on, invoice["lines"]["data"])):
        if (item := billing.find("invoiceitems", identity)) is not None:
            billing.change("invoiceitems", item, None, invoice=None)
    billing.remove("invoices", invoice)
    billing.emit("invoice.deleted", invoice)


def item_on(line: Json) -> str | None:
    """The id of the invoice item that a line carries."""
    parent = line["parent"] or {}
    details = parent.get("invoice_item_details") or parent.get("subscription_item_details") or {}
    name: str | None = details.get("invoice_item")
    return name


def line_in(invoice: Json, identity: str) -> Json | None:
    """A line of an invoice by its id."""
    return next((row for row in invoice["lines"]["data"] if row["id"] == identity), None)


def net_amount(billing: Billing, item: Json) -> int:
    """An invoice item's amount less its own discounts, minor units."""
    if not item["discountable"]:
        return int(item["amount"])
    row = Row(item["amount"], product_in(item["pricing"]), item["discounts"])
    (taken,) = taken_off([row], (), coupon_in(billing), item["currency"])
    return row.amount - sum(off for off, _ in taken)
