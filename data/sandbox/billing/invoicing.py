"""Invoices: drafted from pending items and subscription items, finalised, voided, written off."""

from collections.abc import Sequence
from typing import Any

from data.money import decimals
from data.sandbox.billing import DAY, Billing
from data.sandbox.billing.discounting import coupon_in, in_force
from data.sandbox.billing.pricing import amount_of
from data.sandbox.billing.totals import settle_balance, total_up
from data.sandbox.conditions import Condition
from data.sandbox.factory import invoice as new_invoice
from data.sandbox.factory import invoiceitem, line
from data.sandbox.factory.invoices import (
    bill_to,
    of_invoiceitem,
    of_subscription_item,
    pricing,
    subscription_parent,
)

Json = dict[str, Any]
Period = tuple[int, int]
Charged = tuple[Json, int]

FINALIZES_AFTER = 3_601  # seconds that a draft stays open, as recorded from Stripe
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def shown(amount: int | str, currency: str) -> str:
    """Minor units as an invoice line prints them, such as "$29.00"."""
    places = decimals(currency)
    value = float(amount) / 10**places
    return f"{_SIGNS.get(currency, currency.upper() + ' ')}{value:.{places}f}"


def describe(item: Json, product_name: str) -> str:
    """A subscription line's words: "2 × Professional (at $29.00 / month)"."""
    price, quantity = item["price"], item.get("quantity", 1)
    recurring = price["recurring"]
    count = recurring["interval_count"]
    every = recurring["interval"] if count == 1 else f"{count} {recurring['interval']}s"
    unit = price["unit_amount_decimal"] or "0"
    return f"{quantity} × {product_name} (at {shown(unit, price['currency'])} / {every})"


def draft(
    billing: Billing,
    customer: Json,
    currency: str,
    reason: str,
    *,
    subscription: Json | None = None,
    charged: Sequence[Charged] = (),
    looks_back: Period | None = None,
    free: bool = False,
    pending: bool = True,
    **fields: Any,
) -> Json:
    """A new draft: the customer's pending items, then the charged subscription items (item, amount).

    looks_back: the invoice's own period, which lies before its lines'; free: a trial's lines cost nothing;
    pending: whether it takes the pending items up. Fields come before what the subscription says.
    """
    period = looks_back or (billing.now, billing.now)
    invoice = new_invoice(
        billing.new_id("in_1"), billing.now, customer, currency, billing_reason=reason, **fields
    )
    invoice.update(period_start=period[0], period_end=period[1], starting_balance=customer["balance"])
    if subscription is not None:
        _of_subscription(billing, invoice, subscription)
        invoice.update(fields)
    taken = _pending_lines(billing, invoice, subscription) if pending else []
    lines = [*taken, *_item_lines(billing, invoice, charged, free)]
    invoice["lines"] = {**invoice["lines"], "data": lines}
    total_up(invoice, coupon_in(billing))
    return billing.add("invoices", invoice, "invoice.created")


def whole(items: Sequence[Json]) -> list[Charged]:
    """Subscription items with what they cost for a whole period."""
    return [(item, amount_of(item["price"], item["quantity"])) for item in items]


def _of_subscription(billing: Billing, invoice: Json, subscription: Json) -> None:
    days = subscription["days_until_due"]
    invoice.update(
        parent=subscription_parent(subscription),
        discounts=in_force(billing, subscription),
        default_tax_rates=subscription["default_tax_rates"],
        collection_method=subscription["collection_method"],
        due_date=None if days is None else billing.now + days * DAY,
    )


def _item_lines(billing: Billing, invoice: Json, charged: Sequence[Charged], free: bool) -> list[Json]:
    lines = []
    for item, amount in charged:
        price, quantity = item["price"], item["quantity"]
        name = billing.get("products", price["product"])["name"]
        lines.append(
            line(
                billing.new_id("il_1"),
                invoice,
                0 if free else amount,
                (item["current_period_start"], item["current_period_end"]),
                description=f"Free trial for {quantity} × {name}" if free else describe(item, name),
                discounts=item["discounts"],
                parent=of_subscription_item(item),
                pricing=pricing(price, "0" if free else price["unit_amount_decimal"]),
                quantity=quantity,
                subscription=item["subscription"],
            )
        )
    return lines


def _pending_lines(billing: Billing, invoice: Json, subscription: Json | None) -> list[Json]:
    update = invoice["billing_reason"] in ("subscription_update", "manual")
    pending = [
        each
        for each in pending_items(billing, invoice["customer"])
        if each["currency"] == invoice["currency"] and _belongs(each, subscription, update)
    ]
    lines = []
    for each in reversed(pending):
        billing.change("invoiceitems", each, None, invoice=invoice["id"])
        lines.append(line_of_pending(billing, invoice, each))
    return lines


def _belongs(pending: Json, subscription: Json | None, update: bool) -> bool:
    owner = (pending["parent"] or {}).get("subscription_details", {}).get("subscription")
    if subscription is None:
        return owner is None
    return owner == subscription["id"] or (owner is None and not update)


def pending_items(billing: Billing, customer_id: str) -> list[Json]:
    """A customer's invoice items that no invoice has taken up, oldest first."""
    return billing.where(
        "invoiceitems", Condition("customer", "=", customer_id), Condition("invoice", "is", None)
    )


def line_of_pending(billing: Billing, invoice: Json, pending: Json) -> Json:
    """The line that carries an invoice item."""
    period = pending["period"]
    return line(
        billing.new_id("il_1"),
        invoice,
        pending["amount"],
        (period["start"], period["end"]),
        description=pending["description"],
        discountable=pending["discountable"],
        discounts=pending["discounts"],
        parent=of_invoiceitem(pending),
        pricing=pending["pricing"],
        quantity=pending["quantity"],
        subscription=(pending["parent"] or {}).get("subscription_details", {}).get("subscription"),
    )


def create_invoiceitem(
    billing: Billing, customer_id: str, currency: str, amount: int, description: str, **fields: Any
) -> Json:
    """A one-off amount (minor units, may be negative) that waits for the customer's next invoice."""
    identity = billing.new_id("ii_1")
    item = invoiceitem(
        identity, billing.now, customer_id, currency, amount, description=description, **fields
    )
    return billing.add("invoiceitems", item, "invoiceitem.created")


def invoice_pending(billing: Billing, customer_id: str, currency: str, **fields: Any) -> Json:
    """A one-off invoice of what waits and belongs to no subscription; it finalises by itself in an hour."""
    return draft(
        billing,
        billing.get("customers", customer_id),
        currency,
        "manual",
        automatically_finalizes_at=billing.now + FINALIZES_AFTER,
        **fields,
    )


def finalize(billing: Billing, invoice: Json) -> Json:
    """Give a draft its number and take the customer's balance into account; nothing due means paid."""
    customer = billing.get("customers", invoice["customer"])
    before = {**invoice}
    balance = settle_balance(invoice, customer["balance"])
    sequence = customer["next_invoice_sequence"]
    invoice.update(
        **{**bill_to(customer), "customer_tax_ids": _tax_ids(billing, customer["id"])},
        status="open",
        attempted=invoice["amount_due"] == 0,
        number=f"{customer['invoice_prefix']}-{sequence:04d}",
        automatically_finalizes_at=None,
        effective_at=billing.now,
        hosted_invoice_url=f"https://invoice.stripe.com/i/{invoice['id']}",
        invoice_pdf=f"https://pay.stripe.com/invoice/{invoice['id']}/pdf",
        status_transitions={**invoice["status_transitions"], "finalized_at": billing.now},
        webhooks_delivered_at=invoice["created"],
    )
    billing.put("invoices", invoice)
    event = "customer.updated" if balance != customer["balance"] else None
    billing.change("customers", customer, event, balance=balance, next_invoice_sequence=sequence + 1)
    billing.emit("invoice.updated", invoice, before)
    billing.emit("invoice.finalized", invoice)
    return invoice


def _tax_ids(billing: Billing, customer_id: str) -> list[Json]:
    held = billing.where("tax_ids", Condition("customer", "=", customer_id))
    return [{"type": each["type"], "value": each["value"]} for each in held]


def mark_paid(billing: Billing, invoice: Json, paid: int, off_stripe: int = 0) -> None:
    """Set an invoice paid, by so much money, a part of it outside of Stripe; the events of a success."""
    invoice["amount_paid_off_stripe"] += off_stripe
    _close(billing, invoice, "paid", "paid_at", amount_paid=invoice["amount_paid"] + paid, amount_remaining=0)
    billing.emit("invoice.paid", invoice)
    billing.emit("invoice.payment_succeeded", invoice)


def void(billing: Billing, invoice: Json) -> None:
    """Void a finalised invoice; what it took from the balance goes back."""
    customer = billing.get("customers", invoice["customer"])
    back = (invoice["starting_balance"] or 0) - (invoice["ending_balance"] or 0)
    if back:
        billing.change("customers", customer, "customer.updated", balance=customer["balance"] + back)
    _close(billing, invoice, "void", "voided_at")
    close_payment(billing, invoice, "canceled", "canceled_at")
    billing.emit("invoice.voided", invoice)


def mark_uncollectible(billing: Billing, invoice: Json) -> None:
    """Write an open invoice off; it can still be paid later."""
    _close(billing, invoice, "uncollectible", "marked_uncollectible_at")
    billing.emit("invoice.marked_uncollectible", invoice)


def payment_id(invoice: Json) -> str:
    """The id of the invoice payment that cards pay an invoice by."""
    return f"inpay_1{invoice['id'][4:]}"


def close_payment(billing: Billing, invoice: Json, status: str, moment: str, paid: int | None = None) -> None:
    """The invoice payment, where there is one, is paid or canceled."""
    payment = billing.find("invoice_payments", payment_id(invoice))
    if payment is None:
        return
    moments = {**payment["status_transitions"], moment: billing.now}
    billing.change(
        "invoice_payments", payment, None, status=status, amount_paid=paid, status_transitions=moments
    )
    if status == "paid":
        billing.emit("invoice_payment.paid", payment)


def _close(billing: Billing, invoice: Json, status: str, moment: str, **values: Any) -> None:
    billing.change(
        "invoices",
        invoice,
        "invoice.updated",
        status=status,
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], moment: billing.now},
        **values,
    )
