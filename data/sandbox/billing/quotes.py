"""Quotes: written, offered, revised, accepted, cancelled, or expired by themselves."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.discounting import coupon_in
from data.sandbox.billing.pricing import amount_of
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.billing.totals import total_up
from data.sandbox.factory import invoice as new_invoice
from data.sandbox.factory import line
from data.sandbox.factory import quote as new_quote
from data.sandbox.factory.invoices import pricing
from data.sandbox.factory.quotes import computed, details_of, quoted

Json = dict[str, Any]
Order = dict[str, Any]
"""One line of a quote: {"price" (id), "quantity", "discounts" (objects that wait to be redeemed)}."""


def create_quote(billing: Billing, customer_id: str, items: Sequence[tuple[str, int]], **fields: Any) -> Json:
    """A draft that quotes (price id, quantity) pairs; see the factory for its fields."""
    orders = [{"price": price, "quantity": quantity, "discounts": []} for price, quantity in items]
    return write_quote(billing, customer_id, orders, **fields)


def write_quote(billing: Billing, customer_id: str, orders: Sequence[Order], **fields: Any) -> Json:
    """A draft of such lines, with its sums."""
    currency = billing.get("prices", orders[0]["price"])["currency"] if orders else "usd"
    quote = new_quote(billing.new_id("qt_1"), billing.now, customer_id, currency, **fields)
    quote["orders"] = list(orders)
    return billing.add("quotes", total(billing, quote), "quote.created")


def change_quote(billing: Billing, quote: Json, **values: Any) -> Json:
    """Write a draft anew, and its sums; Stripe tells of it by no event. Raises RefusedError."""
    if quote["status"] != "draft":
        raise RefusedError(f"Only a draft can be changed; this quote is {quote['status']}.", "status")
    quote.update(values)
    return billing.put("quotes", total(billing, quote))


def total(billing: Billing, quote: Json) -> Json:
    """Fill in a quote's lines and sums from what is ordered."""
    orders = quote["orders"]
    prices = [billing.get("prices", each["price"]) for each in orders]
    recurring = [place for place, price in enumerate(prices) if price["recurring"]]
    later = quote["subscription_data"]["trial_period_days"] or quote["subscription_data"]["effective_date"]
    at_once = [place for place in range(len(orders)) if not later or place not in recurring]
    everything, upfront, again = (
        _offered(billing, quote, places, lasting=places is recurring)
        for places in (range(len(orders)), at_once, recurring)
    )
    rows = [
        quoted(billing.new_id("li_1"), row, price, billing.get("products", price["product"])["name"])
        for row, price in zip(everything["lines"]["data"], prices, strict=True)
    ]
    every = prices[recurring[0]]["recurring"] if recurring else None
    quote.update(
        automatic_tax=_worked_out(billing, quote),
        currency=prices[0]["currency"] if prices else quote["currency"],
        line_items={**quote["line_items"], "data": rows},
        amount_subtotal=everything["subtotal"],
        amount_total=everything["total"],
        computed=computed(upfront, again, (every["interval"], every["interval_count"]) if every else None),
        at_once=[rows[place]["id"] for place in at_once],
        total_details=details_of(everything),
    )
    return quote


def _worked_out(billing: Billing, quote: Json) -> Json:
    """Stripe Tax needs a country; here it then finds that nothing is taxed."""
    asked: Json = quote["automatic_tax"]
    if not asked["enabled"]:
        return asked
    place = billing.get("customers", quote["customer"])["address"] or {}
    return {**asked, "status": "complete" if place.get("country") else "requires_location_inputs"}


def _offered(billing: Billing, quote: Json, places: Sequence[int], *, lasting: bool) -> Json:
    """The invoice that some of a quote's lines would make, not kept; lasting: less what is forever."""
    coupon_of = coupon_in(billing)
    customer = billing.get("customers", quote["customer"])
    invoice = new_invoice("in_quoted", billing.now, customer, quote["currency"])

    def counted(discounts: Sequence[Json]) -> list[Json]:
        return [each for each in discounts if not lasting or coupon_of(each)["duration"] == "forever"]

    invoice.update(discounts=counted(quote["discounts"]), default_tax_rates=rates_of(billing, quote))
    for place in places:
        order = quote["orders"][place]
        price, quantity = billing.get("prices", order["price"]), order["quantity"]
        invoice["lines"]["data"].append(
            line(
                f"il_{place}",
                invoice,
                amount_of(price, quantity),
                (0, 0),
                quantity=quantity,
                discounts=counted(order["discounts"]),
                pricing=pricing(price, price["unit_amount_decimal"]),
            )
        )
    total_up(invoice, coupon_of)
    return invoice


def rates_of(billing: Billing, quote: Json) -> list[Json]:
    """A quote's tax rates, whose ids it keeps."""
    return [billing.get("tax_rates", rate) for rate in quote["default_tax_rates"]]


def move(billing: Billing, quote: Json, status: str, moment: str, allowed: tuple[str, ...]) -> None:
    """From one status to the next. Raises RefusedError from any other."""
    if quote["status"] not in allowed:
        raise RefusedError(f"A quote that is {quote['status']} cannot become {status}.", "status")
    moments = {**quote["status_transitions"], moment: billing.now}
    billing.change("quotes", quote, None, status=status, status_transitions=moments)


def finalize_quote(billing: Billing, quote_id: str, expires_at: int | None = None) -> Json:
    """Give a draft its number; it can be accepted until it expires. A revision ends what it revises."""
    quote = billing.get("quotes", quote_id)
    if not quote["line_items"]["data"]:
        raise RefusedError("A quote needs at least one line item before it is finalized.", "line_items")
    if quote["automatic_tax"]["status"] == "requires_location_inputs":
        raise RefusedError("The customer's location is not known, so taxes cannot be calculated.", "customer")
    move(billing, quote, "open", "finalized_at", ("draft",))
    origin = quote["from_quote"] or {}
    revised = billing.get("quotes", origin["quote"]) if origin.get("is_revision") else None
    revision = _revision(revised) + 1 if revised else 1
    if revised and revised["status"] in ("draft", "open"):
        cancel_quote(billing, revised["id"])
    customer = billing.get("customers", quote["customer"])
    stem = (revised or quote)["id"][-4:].upper()
    if revised and revised["number"]:
        number = f"{revised['number'].rsplit('-', 1)[0]}-{revision}"
    else:
        number = f"QT-{customer['invoice_prefix']}-{stem}-{revision}"
    fields = {} if expires_at is None else {"expires_at": expires_at}
    billing.change("quotes", quote, None, number=number, **fields)
    billing.emit("quote.finalized", quote)
    return quote


def _revision(quote: Json) -> int:
    return int(quote["number"].rsplit("-", 1)[1]) if quote["number"] else 0


def cancel_quote(billing: Billing, quote_id: str) -> Json:
    """Take a quote back."""
    quote = billing.get("quotes", quote_id)
    move(billing, quote, "canceled", "canceled_at", ("draft", "open"))
    billing.emit("quote.canceled", quote)
    return quote


def expire_quote(billing: Billing, quote: Json) -> None:
    """Nobody accepted it in time."""
    cancel_quote(billing, quote["id"])
