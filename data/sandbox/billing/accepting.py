"""What an accepted quote makes: a subscription or its schedule, a change of one, or a one-off invoice."""

from typing import Any

from data.sandbox.billing import DAY, Billing
from data.sandbox.billing.discounting import Asked
from data.sandbox.billing.invoicing import FINALIZES_AFTER, create_invoiceitem, draft
from data.sandbox.billing.periods import shifted
from data.sandbox.billing.pricing import amount_of
from data.sandbox.billing.quotes import move, rates_of
from data.sandbox.billing.schedules import apply_phase, create_schedule
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.factory import phase as new_phase
from data.sandbox.factory.invoices import pricing
from data.sandbox.factory.subscriptions import automatic_tax

Json = dict[str, Any]


def accept_quote(billing: Billing, quote_id: str) -> Json:
    """The customer says yes. Raises RefusedError when it is not open."""
    quote = billing.get("quotes", quote_id)
    move(billing, quote, "accepted", "accepted_at", ("open",))
    orders = ordered(quote)
    prices = {each["price"]: billing.get("prices", each["price"]) for each in orders}
    recurring = [each for each in orders if prices[each["price"]]["recurring"]]
    once = [each for each in orders if each not in recurring]
    _charge_once(billing, quote, once)
    values = _begin(billing, quote, recurring) if recurring else _invoice(billing, quote)
    billing.change("quotes", quote, None, **values)
    billing.emit("quote.accepted", quote)
    return quote


def ordered(quote: Json) -> list[Json]:
    """What is ordered; of a quote made elsewhere, what its lines say."""
    known: list[Json] | None = quote.get("orders")
    if known is not None:
        return known
    rows = quote["line_items"]["data"]
    return [{"price": row["price"]["id"], "quantity": row["quantity"], "discounts": []} for row in rows]


def _asked(discounts: list[Json]) -> list[Asked]:
    return [Asked(None, each["source"]["coupon"], each["promotion_code"]) for each in discounts]


def _charge_once(billing: Billing, quote: Json, orders: list[Json]) -> None:
    """One-off lines wait for the invoice that comes next."""
    for order in orders:
        price = billing.get("prices", order["price"])
        create_invoiceitem(
            billing,
            quote["customer"],
            price["currency"],
            amount_of(price, order["quantity"]),
            billing.get("products", price["product"])["name"],
            discounts=order["discounts"],
            pricing=pricing(price, price["unit_amount_decimal"]),
            quantity=order["quantity"],
            quantity_decimal=str(order["quantity"]),
        )


def _begin(billing: Billing, quote: Json, orders: list[Json]) -> Json:
    """What the quote then names: its subscription and invoice, or its schedule."""
    data = quote["subscription_data"]
    if (running := _revised(billing, quote)) is not None:
        apply_phase(billing, running, _phase(billing, quote, orders, billing.now))
        return {"subscription": running}
    begins = data["effective_date"]
    if isinstance(begins, int) and begins > billing.now:
        made = create_schedule(billing, quote["customer"], [_phase(billing, quote, orders, begins)])
        return {"subscription_schedule": made["id"]}
    days = data["trial_period_days"]
    subscription = create_subscription(
        billing,
        quote["customer"],
        [(each["price"], each["quantity"]) for each in orders],
        discounts=_asked(quote["discounts"]),
        item_discounts=[_asked(each["discounts"]) for each in orders],
        trial_end=billing.now + days * DAY if days else None,
        collection_method=quote["collection_method"],
        days_until_due=quote["invoice_settings"]["days_until_due"],
        default_tax_rates=rates_of(billing, quote),
        automatic_tax=automatic_tax(quote["automatic_tax"]["enabled"]),
        metadata=data["metadata"],
        description=data["description"],
    )
    return {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}


def _revised(billing: Billing, quote: Json) -> str | None:
    """The running subscription that a revision changes."""
    origin = quote["from_quote"] or {}
    earlier = billing.get("quotes", origin["quote"]) if origin.get("is_revision") else {}
    identity: str | None = earlier.get("subscription")
    return identity


def _phase(billing: Billing, quote: Json, orders: list[Json], begins: int) -> Json:
    every = billing.get("prices", orders[0]["price"])["recurring"]
    phase = new_phase(
        begins,
        shifted(begins, every["interval"], every["interval_count"]),
        quote["currency"],
        [(each["price"], each["quantity"]) for each in orders],
        collection_method=quote["collection_method"],
        invoice_settings={
            "account_tax_ids": None,
            "days_until_due": quote["invoice_settings"]["days_until_due"],
            "issuer": None,
        },
        default_tax_rates=rates_of(billing, quote),
        automatic_tax=automatic_tax(quote["automatic_tax"]["enabled"]),
        discounts=_of_phase(quote["discounts"]),
        metadata=quote["subscription_data"]["metadata"],
        description=quote["subscription_data"]["description"],
    )
    for row, order in zip(phase["items"], orders, strict=True):
        row["discounts"] = _of_phase(order["discounts"])
    return phase


def _of_phase(discounts: list[Json]) -> list[Json]:
    return [
        {
            "coupon": None if each["promotion_code"] else each["source"]["coupon"],
            "discount": None,
            "promotion_code": each["promotion_code"],
        }
        for each in discounts
    ]


def _invoice(billing: Billing, quote: Json) -> Json:
    """A one-off invoice of what was ordered once; it finalises by itself in an hour."""
    days = quote["invoice_settings"]["days_until_due"]
    made = draft(
        billing,
        billing.get("customers", quote["customer"]),
        quote["currency"],
        "quote_accept",
        automatically_finalizes_at=billing.now + FINALIZES_AFTER,
        collection_method=quote["collection_method"],
        due_date=None if days is None else billing.now + days * DAY,
        discounts=quote["discounts"],
        default_tax_rates=rates_of(billing, quote),
        parent={
            "quote_details": {"quote": quote["id"]},
            "subscription_details": None,
            "type": "quote_details",
        },
    )
    return {"invoice": made["id"]}
