"""How customers come: when, who they are, what they subscribe to first."""

from typing import Any

from data.sandbox.billing import DAY, accepting, invoicing, people, quotes, schedules
from data.sandbox.billing.payments import DECLINED, NO_FUNDS
from data.sandbox.billing.periods import shifted
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.factory import phase
from data.sandbox.factory.quotes import invoice_settings
from data.sandbox.history import business, decisions
from data.sandbox.history.business import HALF_YEAR, MONTH, QUARTER, WEEK, YEAR, Recurring
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story

Json = dict[str, Any]

GOOD_CARDS = ("4242", "1881", "4444", "3222", "0005", "8431", "1117", "9424")
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


def new_customer(story: Story, index: int, kind: str, currency: str | None = None) -> Json:
    """A customer with a made-up company name, address and e-mail."""
    currency = currency or story.choice(business.CURRENCIES)
    country, city, postal = story.one(business.PLACES[currency])
    name = _name(story, index, currency)
    number = story.random.randint(1, 240)
    role = story.one(("billing", "finance", "accounts", "office", "it", "hello"))
    customer = people.create_customer(
        story.billing,
        name,
        f"{role}@company{index:05d}.{story.one(('example.com', 'example.org', 'test'))}",
        address=_address(country, city, postal, f"{number} {story.one(business.NAMES_FIRST)} Street"),
        metadata={"account_id": f"acc_{index:05d}"} if story.chance(0.96) else {},
        tax_exempt=_exemption(story, country, kind),
        preferred_locales=[{"DE": "de", "FR": "fr", "JP": "ja", "ES": "es", "NL": "nl"}.get(country, "en")],
    )
    story.currencies[customer["id"]] = currency
    return customer


def _exemption(story: Story, country: str, kind: str) -> str:
    if country in business.VAT and kind == "enterprise" and story.chance(0.4):
        return "reverse"
    return "exempt" if story.chance(0.02) else "none"


def _address(country: str, city: str, postal: str, street: str) -> Json:
    return {
        "city": city,
        "country": country,
        "line1": street,
        "line2": None,
        "postal_code": postal,
        "state": None,
    }


def _name(story: Story, index: int, currency: str) -> str:
    if index % 31 == 7 and index // 31 < len(business.HOSTILE_NAMES):
        return business.HOSTILE_NAMES[index // 31]
    first, second = business.NAMES_FIRST, business.NAMES_SECOND
    serial = index * 7_919 % (len(first) * len(second))
    words = [first[serial % len(first)], second[serial // len(first)]]
    last = story.one(business.NAMES_LAST[currency])
    return " ".join([*words, last] if last else words)


def give_card(story: Story, customer: Json, last4: str | None = None) -> Json:
    """A card that usually works, expires some day, and is usually renewed before."""
    expires = story.in_days(40, 1_500)
    year, month = decisions.year_and_month(expires)
    if last4 is None:
        last4 = NO_FUNDS if story.chance(0.03) else story.one(GOOD_CARDS)
    card = people.attach_card(
        story.billing,
        customer["id"],
        last4=last4,
        brand=story.choice({"visa": 60, "mastercard": 30, "amex": 10}),
        country=(customer["address"] or {}).get("country") or "US",
        exp_month=month,
        exp_year=year,
    )
    if story.chance(0.75):
        story.plan(expires - 12 * DAY, _renew_card, card["id"])
    return card


def _renew_card(story: Story, card_id: str) -> None:
    card = story.billing.get("payment_methods", card_id)["card"]
    people.renew_card(story.billing, card_id, card["exp_month"], card["exp_year"] + 3)


def tax_rates(shop: Shop, customer: Json) -> list[Json]:
    """The VAT that a customer's subscription carries."""
    country = customer["address"]["country"]
    return [shop.tax_rates[country]] if country in shop.tax_rates else []


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
        items += _addons(story, shop, currency, recurring, 0.22)
    fields: Json = {"metadata": {"capacity": str(story.one((50, 100, 100, 150, 250)))}}
    if story.chance(0.22):
        fields |= {"collection_method": "send_invoice", "days_until_due": story.one((14, 30))}
    else:
        fields |= _trial(story, customer)
    subscribe(story, shop, customer, "business", items, **fields, **_coupon(story, shop, currency))


def _addons(
    story: Story, shop: Shop, currency: str, recurring: Recurring, probability: float
) -> list[tuple[str, int]]:
    return [(shop.price(key, currency, recurring), 1) for key in business.ADDONS if story.chance(probability)]


def enterprise(story: Story, shop: Shop, customer: Json) -> None:
    """A contract: its own price, invoiced net 30 by the quarter or year, sometimes with a yearly uplift."""
    currency, recurring = story.currencies[customer["id"]], story.choice({QUARTER: 38, YEAR: 62})
    size = story.random.lognormvariate(0, 0.5)
    monthly = next(each for each in business.OFFERS if each.key == "enterprise").monthly[currency]
    amount = round(monthly * size, -3) * business.MONTHS_IN[recurring]
    amount = int(round(amount * (0.9 if recurring == YEAR else 1), -3))
    price = shop.contract_price("enterprise", currency, amount, recurring, f"Enterprise, {customer['name']}")
    items = [(price, 1), *_addons(story, shop, currency, recurring, 0.5)]
    if story.chance(0.5):
        fee = 250_000 if currency != "jpy" else 350_000
        invoicing.create_invoiceitem(story.billing, customer["id"], currency, fee, "Implementation fee")
    if story.chance(0.35):
        contract = _contract_with_uplift if recurring == YEAR else _pilot
        contract(story, shop, customer, items, amount)
        return
    _quote(story, shop, customer, items)


def _quote(story: Story, shop: Shop, customer: Json, items: list[tuple[str, int]]) -> None:
    """A written quote for 30 days, which most customers accept."""
    quote = quotes.create_quote(
        story.billing,
        customer["id"],
        items,
        collection_method="send_invoice",
        invoice_settings=invoice_settings(30),
        default_tax_rates=[rate["id"] for rate in tax_rates(shop, customer)],
        description="Enterprise contract",
    )
    capacity = story.one((300, 500, 750, 1_000, 2_000))
    terms = {"metadata": {"capacity": str(capacity), **business.AGREED[capacity]}}
    quote["subscription_data"] = {**quote["subscription_data"], **terms}
    story.plan(story.in_hours(2, 70), _send_quote, shop, quote["id"])


def _send_quote(story: Story, shop: Shop, quote_id: str) -> None:
    quotes.finalize_quote(story.billing, quote_id)
    answer = story.choice({_accept: 82, _refuse: 7, None: 11})
    if answer is not None:
        story.plan(story.in_days(2, 26), answer, shop, quote_id)


def _accept(story: Story, shop: Shop, quote_id: str) -> None:
    quote = accepting.accept_quote(story.billing, quote_id)
    follow(story, shop, quote["subscription"], "enterprise")


def _refuse(story: Story, shop: Shop, quote_id: str) -> None:
    quotes.cancel_quote(story.billing, quote_id)


def _contract_with_uplift(
    story: Story, shop: Shop, customer: Json, items: list[tuple[str, int]], amount: int
) -> None:
    now, currency = story.billing.now, story.currencies[customer["id"]]
    later = shop.contract_price(
        "enterprise", currency, amount * 105 // 100, YEAR, f"Enterprise year 2, {customer['name']}"
    )
    terms = _terms(shop, customer)
    middle, last = shifted(now, "year", 1), shifted(now, "year", 2)
    phases = [
        phase(now, middle, currency, items, **terms),
        phase(middle, last, currency, [(later, 1), *items[1:]], **terms),
    ]
    ends = "cancel" if story.chance(0.2) else "release"
    schedule = schedules.create_schedule(story.billing, customer["id"], phases, ends)
    follow(story, shop, schedule["subscription"], "enterprise")


def _pilot(story: Story, shop: Shop, customer: Json, items: list[tuple[str, int]], amount: int) -> None:
    """Two or four quarters for a fixed term; some end with it, the others go on as they are."""
    now = story.billing.now
    ends = shifted(now, "month", story.one((6, 12)))
    phases = [phase(now, ends, story.currencies[customer["id"]], items, **_terms(shop, customer))]
    behaviour = "cancel" if story.chance(0.5) else "release"
    schedule = schedules.create_schedule(story.billing, customer["id"], phases, behaviour)
    follow(story, shop, schedule["subscription"], "enterprise")


def _terms(shop: Shop, customer: Json) -> Json:
    """What all phases of a contract share: invoiced, due in 30 days, no proration."""
    return {
        "collection_method": "send_invoice",
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "days_until_due": 30,
            "description": None,
            "footer": None,
            "issuer": None,
        },
        "default_tax_rates": tax_rates(shop, customer),
        "metadata": {"capacity": "500", "notice_days": "30"},
        "proration_behavior": "none",
    }


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
