"""A customer subscribes, and from then on decides about it."""

from typing import Any

from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.history import business, decisions
from data.sandbox.history.business import Recurring
from data.sandbox.history.newcomers import tax_rates
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story

Json = dict[str, Any]


def subscribe(
    story: Story, shop: Shop, customer: Json, kind: str, items: list[tuple[str, int]], **fields: Any
) -> Json:
    """Subscribe, with the customer's VAT, and let decisions follow."""
    subscription = create_subscription(
        story.billing, customer["id"], items, default_tax_rates=tax_rates(shop, customer), **fields
    )
    follow(story, shop, subscription["id"], kind)
    return subscription


def follow(story: Story, shop: Shop, subscription_id: str, kind: str) -> None:
    """From now on the customer thinks about the subscription about once a month."""
    story.kinds[subscription_id] = kind
    story.plan(story.in_days(12, 45), decisions.decide, shop, subscription_id)


def addons(
    story: Story, shop: Shop, currency: str, recurring: Recurring, probability: float
) -> list[tuple[str, int]]:
    """The add-ons that a customer takes, each with a probability."""
    return [(shop.price(key, currency, recurring), 1) for key in business.ADDONS if story.chance(probability)]
