"""A few customers whose story is told on purpose, so that every state of a subscription can be seen."""

from collections.abc import Callable
from typing import Any

from data.sandbox.billing import DAY, HOUR, cancellations, changes, givebacks, people, quotes, schedules
from data.sandbox.billing.payments import DECLINED
from data.sandbox.billing.periods import shifted
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.factory import phase
from data.sandbox.history import newcomers
from data.sandbox.history.business import MONTH, YEAR
from data.sandbox.history.decisions import pause, year_and_month
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story

Json = dict[str, Any]
Role = Callable[[Story, Shop, Json], None]


def plan_cast(story: Story, shop: Shop, first: int) -> None:
    """Plan all roles; their customers are numbered from `first`."""
    for number, (days_before, role) in enumerate(_ROLES):
        moment = max(story.until - int(days_before * DAY), story.start + number * HOUR)
        story.plan(moment, _enter, shop, first + number, role)


def _enter(story: Story, shop: Shop, index: int, role: Role) -> None:
    customer = newcomers.new_customer(story, index, "professional", "usd")
    story.cast.add(customer["id"])
    role(story, shop, customer)


def _subscribe(story: Story, shop: Shop, customer: Json, **fields: Any) -> Json:
    price = shop.price("professional", "usd", fields.pop("recurring", MONTH))
    return create_subscription(story.billing, customer["id"], [(price, fields.pop("seats", 4))], **fields)


def _with_card(story: Story, shop: Shop, customer: Json, **fields: Any) -> Json:
    people.attach_card(story.billing, customer["id"], exp_year=2035)
    return _subscribe(story, shop, customer, **fields)


def _incomplete(story: Story, shop: Shop, customer: Json) -> None:
    people.attach_card(story.billing, customer["id"], last4=DECLINED, exp_year=2035)
    _subscribe(story, shop, customer)


def _trialing(story: Story, shop: Shop, customer: Json) -> None:
    _with_card(story, shop, customer, trial_days=14)


def _paused(story: Story, shop: Shop, customer: Json) -> None:
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    _subscribe(story, shop, customer, trial_days=7, trial_settings=settings)


def _card_fails(story: Story, shop: Shop, customer: Json) -> None:
    _with_card(story, shop, customer)
    people.attach_card(story.billing, customer["id"], last4=DECLINED, exp_year=2035)


def _leaving(story: Story, shop: Shop, customer: Json) -> None:
    subscription = _with_card(story, shop, customer)
    details = {"feedback": "too_expensive", "comment": "The price rise was too much for us."}
    cancellations.cancel_at_period_end(story.billing, subscription["id"], **details)


def _leaving_at_date(story: Story, shop: Shop, customer: Json) -> None:
    subscription = _with_card(story, shop, customer, recurring=YEAR, seats=12)
    moment = story.billing.now + 75 * DAY
    cancellations.cancel_at(story.billing, subscription["id"], moment, feedback="switched_service")


def _left(story: Story, shop: Shop, customer: Json) -> None:
    subscription = _with_card(story, shop, customer)
    cancellations.cancel_now(story.billing, subscription["id"], feedback="unused")


def _collection_paused(story: Story, shop: Shop, customer: Json) -> None:
    pause(story, shop, _with_card(story, shop, customer))


def _scheduled_change(story: Story, shop: Shop, customer: Json) -> None:
    subscription = _with_card(story, shop, customer)
    begins = cancellations.last_period_end(subscription)
    price = shop.price("business", "usd", MONTH)
    terms = {**schedules.terms_of(subscription), "proration_behavior": "none"}
    later = phase(begins, shifted(begins, "year", 1), "usd", [(price, 1)], **terms)
    schedules.schedule_subscription(story.billing, subscription["id"], [later])


def _scheduled_start(story: Story, shop: Shop, customer: Json) -> None:
    people.attach_card(story.billing, customer["id"], exp_year=2035)
    begins = story.until + 20 * DAY
    price = shop.price("business", "usd", YEAR)
    first = phase(begins, shifted(begins, "year", 1), "usd", [(price, 1)])
    schedules.create_schedule(story.billing, customer["id"], [first])


def _given_back(story: Story, shop: Shop, customer: Json) -> None:
    """Half of the first invoice back to the card, a tenth as credit."""
    subscription = _with_card(story, shop, customer)
    invoice = story.billing.get("invoices", subscription["latest_invoice"])
    half, tenth = invoice["total"] // 2, invoice["total"] // 10
    givebacks.create_credit_note(
        story.billing, invoice["id"], half, refund_amount=half, reason="product_unsatisfactory"
    )
    givebacks.create_credit_note(
        story.billing, invoice["id"], tenth, credit_amount=tenth, reason="order_change"
    )


def _open_quote(story: Story, shop: Shop, customer: Json) -> None:
    price = shop.contract_price("enterprise", "usd", 2_160_000, YEAR, "Enterprise offer")
    quote = quotes.create_quote(story.billing, customer["id"], [(price, 1)])
    quotes.finalize_quote(story.billing, quote["id"])


def _draft_quote(story: Story, shop: Shop, customer: Json) -> None:
    price = shop.contract_price("enterprise", "usd", 960_000, YEAR, "Enterprise draft")
    quotes.create_quote(story.billing, customer["id"], [(price, 1)])


def _more_seats_now(story: Story, shop: Shop, customer: Json) -> None:
    subscription = _with_card(story, shop, customer)
    change = {"id": subscription["items"]["data"][0]["id"], "quantity": 9}
    changes.change_items(story.billing, subscription["id"], [change])


def _card_expires_soon(story: Story, shop: Shop, customer: Json) -> None:
    year, month = year_and_month(story.until)
    people.attach_card(story.billing, customer["id"], exp_month=month, exp_year=year)
    _subscribe(story, shop, customer, recurring=YEAR, seats=20)


# How many days before the end each role begins.
_ROLES: list[tuple[float, Role]] = [
    (0.2, _incomplete),
    (20, _incomplete),
    (4, _trialing),
    (12, _paused),
    (36, _card_fails),
    (2_000, _card_fails),
    (9, _leaving),
    (40, _leaving_at_date),
    (16, _left),
    (8, _collection_paused),
    (14, _scheduled_change),
    (3, _scheduled_start),
    (6, _more_seats_now),
    (10, _given_back),
    (5, _open_quote),
    (1, _draft_quote),
    (350, _card_expires_soon),
]
SIZE = len(_ROLES)
