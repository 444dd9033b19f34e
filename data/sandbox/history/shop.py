"""The catalogue in Stripe: products, prices, coupons and tax rates, and how list prices changed."""

from typing import Any

from data.sandbox.billing import Billing, people
from data.sandbox.history import business
from data.sandbox.history.business import Offer, Recurring

Json = dict[str, Any]


class Shop:
    """The list prices now in force, by product key, currency and interval."""

    def __init__(self, billing: Billing) -> None:
        """Create the whole catalogue at the billing's present moment."""
        self.billing = billing
        self.products: dict[str, str] = {}
        self.prices: dict[tuple[str, str, Recurring], str] = {}
        self.promotions: dict[str, str] = {}
        for offer in business.OFFERS:
            self._offer(offer)
        self.tax_rates = {
            country: people.create_tax_rate(billing, country, percentage, name)
            for country, (percentage, name) in business.VAT.items()
        }
        for identity, duration, fields, _, code in business.COUPONS:
            people.create_coupon(billing, identity, duration, **fields)
            if code:
                self.promotions[identity] = people.create_promotion_code(billing, code, identity)["id"]
        people.create_coupon(
            billing,
            business.RETENTION_COUPON,
            "repeating",
            percent_off=30,
            duration_in_months=3,
            name="30% off to stay",
        )

    def _offer(self, offer: Offer) -> None:
        self.products[offer.key] = people.create_product(
            self.billing,
            offer.name,
            description=offer.description,
            metadata=dict(offer.metadata),
            unit_label=offer.unit_label,
        )["id"]
        for currency, monthly in offer.monthly.items():
            for recurring in offer.intervals:
                self._list(offer.key, offer.name, currency, monthly, recurring)

    def _list(self, key: str, name: str, currency: str, monthly: int, recurring: Recurring) -> None:
        interval, count = recurring
        price = people.create_price(
            self.billing,
            self.products[key],
            currency,
            business.list_price(monthly, recurring),
            recurring,
            nickname=f"{name} {count} {interval} {currency.upper()}",
        )
        self.prices[key, currency, recurring] = price["id"]

    def price(self, key: str, currency: str, recurring: Recurring) -> str:
        """The id of the list price in force."""
        return self.prices[key, currency, recurring]

    def contract_price(self, key: str, currency: str, amount: int, recurring: Recurring, name: str) -> str:
        """A price made for one customer's contract."""
        price = people.create_price(
            self.billing, self.products[key], currency, amount, recurring, nickname=name[:80]
        )
        return str(price["id"])

    def raise_professional(self) -> None:
        """New list prices for Professional; who has the old one keeps it, nobody new gets it."""
        offer = next(each for each in business.OFFERS if each.key == "professional")
        for currency, monthly in business.NEW_PROFESSIONAL.items():
            for recurring in offer.intervals:
                self._close_price(offer.key, currency, recurring)
                self._list(offer.key, offer.name, currency, monthly, recurring)

    def retire(self, key: str) -> None:
        """Stop selling a product; who has it keeps it."""
        product = self.billing.get("products", self.products[key])
        self.billing.change("products", product, "product.updated", active=False, updated=self.billing.now)
        for known, currency, recurring in list(self.prices):
            if known == key:
                self._close_price(key, currency, recurring)

    def _close_price(self, key: str, currency: str, recurring: Recurring) -> None:
        price = self.billing.get("prices", self.prices[key, currency, recurring])
        self.billing.change("prices", price, "price.updated", active=False)
