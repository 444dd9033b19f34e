"""How customers come: when, and what they subscribe to first."""

from typing import Any

from data.sandbox.billing import DAY, invoicing
from data.sandbox.billing.payments import DECLINED
from data.sandbox.history import business, decisions
from data.sandbox.history.business import HALF_YEAR, MONTH, WEEK, YEAR
from data.sandbox.history.contracts import enterprise
from data.sandbox.history.newcomers import give_card, new_customer
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story
from data.sandbox.history.subscribing import addons, subscribe

Json = dict[str, Any]

KINDS = {"professional": 54, "business": 20, "enterprise": 10, "free": 7, "looker": 4, "bad_card": 3}


def plan_signups(story: Story, shop: Shop, customers: int) -> None:
    """Spread sign-ups over the history: growth of 3% a month, seasons, and a bad quarter."""
    midnight = story.start - story.start % DAY
    days = max((story.until - midnight) // DAY, 1)
    weights = [_popularity(story, midnight + day * DAY) for day in range(days)]
    chosen = sorted(story.random.choices(range(days), weights=weights, k=customers))
    for index, day in enumerate(chosen):
        second = int(story.random.gauss(14, 3) * 3_600) % DAY
        story.plan(midnight + day * DAY + second, sign_up, shop, index)


def _popularity(story: Story, moment: int) -> float:
    month = int((moment % (365.2425 * DAY)) // (30.44 * DAY))
    season = (1.25, 1.1, 1.1, 1, 1, 0.9, 0.75, 0.7, 1.2, 1.25, 1.15, 0.6)[min(month, 11)]
    growth = float(1.03 ** ((moment - story.start) / (30 * DAY)))
    return season * growth * (0.5 if decisions.is_bad_quarter(story, moment) else 1)


def sign_up(story: Story, shop: Shop, index: int) -> None:
    """A customer comes and usually subscribes."""
    kinds = {**KINDS, "starter": 14} if story.progress < 0.3 else KINDS
    kind = story.choice(kinds)
    customer = new_customer(story, index, kind)
    _FIRST[kind](story, shop, customer)


def professional(story: Story, shop: Shop, customer: Json) -> None:
    """Seats by the month or year."""
    recurring = story.choice({MONTH: 70, YEAR: 30})
    seats = max(1, min(int(story.random.lognormvariate(1.6, 0.9)), 120))
    price = shop.price("professional", story.currencies[customer["id"]], recurring)
    fields = {**_trial(story, customer), **_coupon(story, shop, story.currencies[customer["id"]])}
    subscribe(story, shop, customer, "professional", [(price, seats)], **fields)


def company(story: Story, shop: Shop, customer: Json) -> None:
    """Business at its flat price, sometimes with add-ons, sometimes invoiced."""
    currency = story.currencies[customer["id"]]
    recurring = story.choice({MONTH: 52, HALF_YEAR: 12, YEAR: 36})
    items = [(shop.price("business", currency, recurring), 1)]
    if recurring != HALF_YEAR:
        items += addons(story, shop, currency, recurring, 0.22)
    fields: Json = {"metadata": {"capacity": str(story.one((50, 100, 100, 150, 250)))}}
    if story.chance(0.22):
        fields |= {"collection_method": "send_invoice", "days_until_due": story.one((14, 30))}
    else:
        fields |= _trial(story, customer)
    subscribe(story, shop, customer, "business", items, **fields, **_coupon(story, shop, currency))


def free(story: Story, shop: Shop, customer: Json) -> None:
    """A subscription that costs nothing; some become paying customers later."""
    price = shop.price("free", story.currencies[customer["id"]], MONTH)
    subscribe(story, shop, customer, "free", [(price, 1)])


def starter(story: Story, shop: Shop, customer: Json) -> None:
    """The plan that was sold in the beginning."""
    give_card(story, customer)
    recurring = story.choice({MONTH: 80, WEEK: 20})
    price = shop.price("starter", story.currencies[customer["id"]], recurring)
    subscribe(story, shop, customer, "starter", [(price, story.random.randint(1, 4))])


def looker(story: Story, shop: Shop, customer: Json) -> None:
    """Never subscribes; now and then buys a workshop."""
    if story.chance(0.5):
        give_card(story, customer)
        fee = 49_000 if story.currencies[customer["id"]] != "jpy" else 70_000
        invoicing.create_invoiceitem(
            story.billing, customer["id"], story.currencies[customer["id"]], fee, "Training workshop"
        )
        invoicing.invoice_pending(story.billing, customer["id"], story.currencies[customer["id"]])


def bad_card(story: Story, shop: Shop, customer: Json) -> None:
    """The first payment is declined; some try again in time."""
    give_card(story, customer, DECLINED)
    price = shop.price("professional", story.currencies[customer["id"]], MONTH)
    subscribe(story, shop, customer, "professional", [(price, story.random.randint(1, 5))])


_FIRST = {
    "professional": professional,
    "business": company,
    "enterprise": enterprise,
    "free": free,
    "starter": starter,
    "looker": looker,
    "bad_card": bad_card,
}


def _coupon(story: Story, shop: Shop, currency: str) -> Json:
    if not story.chance(0.16):
        return {}
    weights = {
        identity: weight
        for identity, _, fields, weight, _ in business.COUPONS
        if fields.get("currency", currency) == currency
    }
    chosen = story.choice(weights)
    return {"coupons": [chosen], "promotion_code": shop.promotions.get(chosen)}


def _trial(story: Story, customer: Json) -> Json:
    if not story.chance(0.35):
        give_card(story, customer)
        return {}
    if story.chance(0.55):
        give_card(story, customer)
    behaviour = story.choice({"cancel": 70, "pause": 15, "create_invoice": 15})
    return {
        "trial_days": story.one((7, 14, 14, 14, 30)),
        "trial_settings": {"end_behavior": {"missing_payment_method": behaviour}},
    }
