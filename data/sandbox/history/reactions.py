"""What customers do when something happens: pay what was sent, mend their card, come back."""

from collections.abc import Callable
from typing import Any

from data.sandbox.billing import cancellations, invoicing, payments
from data.sandbox.history import newcomers
from data.sandbox.history.business import MONTH
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story
from data.sandbox.history.subscribing import subscribe

Json = dict[str, Any]


class Reactions:
    """The ear of the history: hears each event when it happens and plans what people do about it."""

    def __init__(self, story: Story, shop: Shop) -> None:
        """From now on events lead to plans of the story."""
        self.story = story
        self.shop = shop

    def __call__(self, kind: str, obj: Json) -> None:
        """Hear of an event; objects are only looked at, what is done is planned for later."""
        reaction = _REACTIONS.get(kind)
        if reaction and obj["customer"] not in self.story.cast:
            reaction(self.story, self.shop, obj)


def _on_sent(story: Story, shop: Shop, invoice: Json) -> None:
    patience = story.choice({"early": 35, "in time": 47, "late": 15, "never": 3})
    if patience == "never":
        story.plan(story.in_days(95, 130), _give_up, invoice["id"])
        return
    least, most = {"early": (2, 12), "in time": (12, 30), "late": (31, 75)}[patience]
    story.plan(story.in_days(least, most), _transfer, invoice["id"])


def _transfer(story: Story, invoice_id: str) -> None:
    invoice = story.billing.get("invoices", invoice_id)
    if invoice["status"] == "open":
        payments.pay(story.billing, invoice_id, out_of_band=True)


def _give_up(story: Story, invoice_id: str) -> None:
    invoice = story.billing.get("invoices", invoice_id)
    if invoice["status"] != "open":
        return
    invoicing.mark_uncollectible(story.billing, invoice)
    subscription = payments.subscription_of(story.billing, invoice)
    if subscription is not None and subscription["status"] not in cancellations.ENDED:
        cancellations.end(story.billing, subscription, reason="payment_failed")


def _on_failure(story: Story, shop: Shop, invoice: Json) -> None:
    if invoice["attempt_count"] != 1:
        return
    first = invoice["billing_reason"] == "subscription_create"
    if story.chance(0.45 if first else 0.6):
        delay = story.in_hours(1, 20) if first else story.in_days(0.3, 16)
        story.plan(delay, _mend_card, invoice["id"])


def _mend_card(story: Story, invoice_id: str) -> None:
    invoice = story.billing.get("invoices", invoice_id)
    if invoice["status"] == "open":
        customer = story.billing.get("customers", invoice["customer"])
        newcomers.give_card(story, customer, story.one(newcomers.GOOD_CARDS))
        payments.pay(story.billing, invoice_id)


def _on_trial_notice(story: Story, shop: Shop, subscription: Json) -> None:
    customer = story.billing.get("customers", subscription["customer"])
    if customer["invoice_settings"]["default_payment_method"] is None:
        if story.chance(0.5):
            story.plan(story.in_hours(2, 60), _bring_card, customer["id"])
    elif story.chance(0.25):
        story.plan(story.in_hours(2, 60), _lapse, subscription["id"])


def _bring_card(story: Story, customer_id: str) -> None:
    newcomers.give_card(story, story.billing.get("customers", customer_id))


def _lapse(story: Story, subscription_id: str) -> None:
    if story.billing.get("subscriptions", subscription_id)["status"] == "trialing":
        cancellations.cancel_at_period_end(story.billing, subscription_id, feedback="unused")


def _on_end(story: Story, shop: Shop, subscription: Json) -> None:
    if subscription["customer"] in story.currencies and story.chance(0.17):
        story.plan(story.in_days(35, 220), _come_back, shop, subscription["customer"])


def _come_back(story: Story, shop: Shop, customer_id: str) -> None:
    customer = story.billing.get("customers", customer_id)
    newcomers.give_card(story, customer)
    price = shop.price("professional", story.currencies[customer_id], MONTH)
    subscribe(story, shop, customer, "professional", [(price, story.random.randint(1, 8))])


_REACTIONS: dict[str, Callable[[Story, Shop, Json], None]] = {
    "invoice.sent": _on_sent,
    "invoice.payment_failed": _on_failure,
    "customer.subscription.trial_will_end": _on_trial_notice,
    "customer.subscription.deleted": _on_end,
}
