"""Enterprise customers: quotes that are accepted or not, yearly uplifts, pilots."""

from typing import Any

from data.sandbox.billing import accepting, invoicing, quotes, schedules
from data.sandbox.billing.periods import shifted
from data.sandbox.factory import phase
from data.sandbox.factory.quotes import invoice_settings
from data.sandbox.history import business
from data.sandbox.history.business import QUARTER, YEAR
from data.sandbox.history.newcomers import tax_rates
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story
from data.sandbox.history.subscribing import addons, follow

Json = dict[str, Any]


def enterprise(story: Story, shop: Shop, customer: Json) -> None:
    """A contract: its own price, invoiced net 30 by the quarter or year, sometimes with a yearly uplift."""
    currency, recurring = story.currencies[customer["id"]], story.choice({QUARTER: 38, YEAR: 62})
    size = story.random.lognormvariate(0, 0.5)
    monthly = next(each for each in business.OFFERS if each.key == "enterprise").monthly[currency]
    amount = round(monthly * size, -3) * business.MONTHS_IN[recurring]
    amount = int(round(amount * (0.9 if recurring == YEAR else 1), -3))
    price = shop.contract_price("enterprise", currency, amount, recurring, f"Enterprise, {customer['name']}")
    items = [(price, 1), *addons(story, shop, currency, recurring, 0.5)]
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
