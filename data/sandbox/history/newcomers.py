"""Who comes: a name, a place, a card, and the VAT that applies."""

from typing import Any

from data.sandbox.billing import DAY, people
from data.sandbox.billing.payments import NO_FUNDS
from data.sandbox.history import business, decisions
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story

Json = dict[str, Any]

GOOD_CARDS = ("4242", "1881", "4444", "3222", "0005", "8431", "1117", "9424")


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
    awkward = index % 31 == 7 and index // 31 < len(business.HOSTILE_NAMES)
    if awkward and not story.plain_names:
        return business.HOSTILE_NAMES[index // 31]
    first, second = business.NAMES_FIRST, business.NAMES_SECOND
    serial = index * 7_919 % (len(first) * len(second))
    words = [first[serial % len(first)], second[serial // len(first)]]
    lasts = business.NAMES_LAST[currency]
    last = lasts[0] if awkward else story.one(lasts)  # the same dice are thrown with plain names
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
