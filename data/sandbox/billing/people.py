"""Customers, the cards they pay with, and the catalogue they buy from."""

from typing import Any

from data.sandbox import factory
from data.sandbox.billing import Billing
from data.sandbox.conditions import Condition

Json = dict[str, Any]


def create_customer(
    billing: Billing, name: str | None = None, email: str | None = None, **fields: Any
) -> Json:
    """A new customer; fields: address, phone, metadata, tax_exempt, preferred_locales."""
    customer = factory.customer(billing.new_id("cus_"), billing.now, name=name, email=email, **fields)
    return billing.add("customers", customer, "customer.created")


def attach_card(billing: Billing, customer_id: str, *, default: bool = True, **fields: Any) -> Json:
    """Attach a card (brand, last4, exp_month, exp_year, country) and make it the customer's default."""
    customer = billing.get("customers", customer_id)
    fields = {"name": customer["name"], "email": customer["email"], **fields}
    card = factory.card(billing.new_id("pm_1"), billing.now, customer_id, **fields)
    billing.add("payment_methods", card, "payment_method.attached")
    if default:
        chosen = {**customer["invoice_settings"], "default_payment_method": card["id"]}
        billing.change("customers", customer, "customer.updated", invoice_settings=chosen)
    return card


def detach_card(billing: Billing, card: Json) -> Json:
    """Take a card off its customer; it is nobody's default any more."""
    customer = billing.get("customers", card["customer"])
    chosen = customer["invoice_settings"]
    if chosen["default_payment_method"] == card["id"]:
        none = {**chosen, "default_payment_method": None}
        billing.change("customers", customer, "customer.updated", invoice_settings=none)
    for subscription in billing.where("subscriptions", Condition("customer", "=", customer["id"])):
        if subscription["default_payment_method"] == card["id"]:
            fields = {"default_payment_method": None}
            billing.change("subscriptions", subscription, "customer.subscription.updated", **fields)
    billing.change("payment_methods", card, None, customer=None)
    billing.emit("payment_method.detached", card, {**card, "customer": customer["id"]})
    return card


def tax_ids_of(billing: Billing, customer_id: str) -> list[Json]:
    """A customer's tax ids, oldest first."""
    return billing.where("tax_ids", Condition("customer", "=", customer_id))


def renew_card(billing: Billing, card_id: str, exp_month: int, exp_year: int) -> Json:
    """The bank sent a new card: its expiry is updated by itself."""
    method = billing.get("payment_methods", card_id)
    renewed = {**method["card"], "exp_month": exp_month, "exp_year": exp_year}
    return billing.change("payment_methods", method, "payment_method.automatically_updated", card=renewed)


def create_product(billing: Billing, name: str, **fields: Any) -> Json:
    """A new product; fields: description, metadata, unit_label."""
    identity = fields.pop("id", None) or billing.new_id("prod_")
    product = factory.product(identity, billing.now, name, **fields)
    return billing.add("products", product, "product.created")


def create_price(
    billing: Billing,
    product_id: str,
    currency: str,
    unit_amount: int | None,
    recurring: tuple[str, int] | None,
    **fields: Any,
) -> Json:
    """A new price in minor units; recurring is (interval, count), None for a one-off price."""
    price = factory.price(
        billing.new_id("price_1"), billing.now, product_id, currency, unit_amount, recurring, **fields
    )
    return billing.add("prices", price, "price.created")


def transfer_lookup_key(billing: Billing, price: Json) -> None:
    """Another price takes the lookup key over."""
    billing.change("prices", price, "price.updated", lookup_key=None)


def create_coupon(billing: Billing, identity: str, duration: str, **fields: Any) -> Json:
    """A new coupon with its own id; see the factory for its fields."""
    return billing.add("coupons", factory.coupon(identity, billing.now, duration, **fields), "coupon.created")


def create_promotion_code(billing: Billing, code: str, coupon_id: str, **fields: Any) -> Json:
    """A code that gives a coupon."""
    promotion = factory.promotion_code(billing.new_id("promo_1"), billing.now, code, coupon_id, **fields)
    return billing.add("promotion_codes", promotion, "promotion_code.created")


def create_tax_rate(billing: Billing, country: str, percentage: str, name: str, **fields: Any) -> Json:
    """A VAT rate; percentage as a decimal number in text."""
    rate = factory.tax_rate(billing.new_id("txr_1"), billing.now, country, percentage, name, **fields)
    return billing.add("tax_rates", rate, "tax_rate.created")
