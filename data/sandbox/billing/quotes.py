"""Quotes: offered, accepted, cancelled, or expired by themselves."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.discounting import coupon_in
from data.sandbox.billing.pricing import amount_of
from data.sandbox.billing.subscribing import RefusedError, create_subscription
from data.sandbox.billing.totals import total_up
from data.sandbox.factory import invoice as new_invoice
from data.sandbox.factory import line
from data.sandbox.factory import quote as new_quote
from data.sandbox.factory.quotes import computed, quoted

Json = dict[str, Any]


def create_quote(billing: Billing, customer_id: str, items: Sequence[tuple[str, int]], **fields: Any) -> Json:
    """A draft that quotes (price id, quantity) pairs; see the factory for its fields."""
    prices = [billing.get("prices", price_id) for price_id, _ in items]
    identity, currency = billing.new_id("qt_1"), prices[0]["currency"]
    quote = new_quote(identity, billing.now, customer_id, currency, **fields)
    offered = _offered(billing, quote, prices, [quantity for _, quantity in items])
    rows = [
        quoted(billing.new_id("li_1"), row, price, billing.get("products", price["product"])["name"])
        for row, price in zip(offered["lines"]["data"], prices, strict=True)
    ]
    recurring = next((price["recurring"] for price in prices if price["recurring"]), None)
    every = (recurring["interval"], recurring["interval_count"]) if recurring else None
    sums = computed(offered, every)
    quote.update(
        line_items={**quote["line_items"], "data": rows},
        amount_subtotal=offered["subtotal"],
        amount_total=offered["total"],
        computed=sums,
        total_details=sums["upfront"]["total_details"],
    )
    return billing.add("quotes", quote, "quote.created")


def _offered(billing: Billing, quote: Json, prices: Sequence[Json], quantities: Sequence[int]) -> Json:
    """The invoice that the quote would make; it is not kept."""
    customer = billing.get("customers", quote["customer"])
    invoice = new_invoice("in_quoted", billing.now, customer, quote["currency"])
    invoice.update(discounts=quote["discounts"], default_tax_rates=_rates(billing, quote))
    invoice["lines"]["data"] = [
        line(f"il_{place}", invoice, amount_of(price, quantity), (0, 0), quantity=quantity)
        for place, (price, quantity) in enumerate(zip(prices, quantities, strict=True))
    ]
    total_up(invoice, coupon_in(billing))
    return invoice


def _rates(billing: Billing, quote: Json) -> list[Json]:
    return [billing.get("tax_rates", rate) for rate in quote["default_tax_rates"]]


def _move(billing: Billing, quote: Json, status: str, moment: str, allowed: tuple[str, ...]) -> None:
    if quote["status"] not in allowed:
        raise RefusedError(f"A quote that is {quote['status']} cannot become {status}.", "status")
    moments = {**quote["status_transitions"], moment: billing.now}
    billing.change("quotes", quote, None, status=status, status_transitions=moments)


def finalize_quote(billing: Billing, quote_id: str) -> Json:
    """Give a draft its number; the customer can accept it until it expires."""
    quote = billing.get("quotes", quote_id)
    _move(billing, quote, "open", "finalized_at", ("draft",))
    customer = billing.get("customers", quote["customer"])
    number = f"QT-{customer['invoice_prefix']}-{quote['id'][-4:].upper()}-1"
    billing.change("quotes", quote, None, number=number)
    billing.emit("quote.finalized", quote)
    return quote


def accept_quote(billing: Billing, quote_id: str) -> Json:
    """The customer says yes: the subscription begins now, with its first invoice."""
    quote = billing.get("quotes", quote_id)
    _move(billing, quote, "accepted", "accepted_at", ("open",))
    days = quote["invoice_settings"]["days_until_due"]
    subscription = create_subscription(
        billing,
        quote["customer"],
        [(item["price"]["id"], item["quantity"]) for item in quote["line_items"]["data"]],
        collection_method=quote["collection_method"],
        days_until_due=days,
        default_tax_rates=_rates(billing, quote),
        metadata=quote["subscription_data"]["metadata"],
    )
    invoice = subscription["latest_invoice"]
    billing.change("quotes", quote, None, subscription=subscription["id"], invoice=invoice)
    billing.emit("quote.accepted", quote)
    return quote


def cancel_quote(billing: Billing, quote_id: str) -> Json:
    """Take a quote back."""
    quote = billing.get("quotes", quote_id)
    _move(billing, quote, "canceled", "canceled_at", ("draft", "open"))
    billing.emit("quote.canceled", quote)
    return quote


def expire_quote(billing: Billing, quote: Json) -> None:
    """Nobody accepted it in time."""
    cancel_quote(billing, quote["id"])
