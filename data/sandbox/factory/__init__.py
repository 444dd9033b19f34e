"""Complete Stripe objects, every field that the real shape has, from the few that differ."""

from data.sandbox.factory.catalog import coupon, price, product, promotion_code, tax_rate
from data.sandbox.factory.credits import credit_note, refund
from data.sandbox.factory.customers import card, customer
from data.sandbox.factory.invoices import invoice, invoiceitem, line
from data.sandbox.factory.payments import charge, invoice_payment
from data.sandbox.factory.quotes import quote
from data.sandbox.factory.subscriptions import discount, phase, schedule, subscription, subscription_item

__all__ = [
    "card",
    "charge",
    "coupon",
    "credit_note",
    "customer",
    "discount",
    "invoice",
    "invoice_payment",
    "invoiceitem",
    "line",
    "phase",
    "price",
    "product",
    "promotion_code",
    "quote",
    "refund",
    "schedule",
    "subscription",
    "subscription_item",
    "tax_rate",
]
