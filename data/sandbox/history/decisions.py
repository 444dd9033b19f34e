"""What customers decide about a subscription from month to month: grow, shrink, add, pause, leave."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from data.sandbox.billing import DAY, cancellations, changes, givebacks, payments, people, schedules
from data.sandbox.billing.payments import DECLINED
from data.sandbox.billing.periods import shifted
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.factory import phase
from data.sandbox.history import business
from data.sandbox.history.business import HALF_YEAR, MONTH, YEAR
from data.sandbox.history.shop import Shop
from data.sandbox.history.story import Story

Json = dict[str, Any]
Decision = Callable[[Story, Shop, Json], None]

_CHURN = {"professional": 0.026, "business": 0.014, "enterprise": 0.008, "starter": 0.035, "free": 0.02}


def year_and_month(moment: int) -> tuple[int, int]:
    """The calendar year and month of an instant."""
    day = datetime.fromtimestamp(moment, UTC)
    return day.year, day.month


def is_bad_quarter(story: Story, moment: int) -> bool:
    """Three months, somewhat after the middle, in which many leave and few come."""
    begins = story.start + int((story.until - story.start) * 0.58)
    return begins <= moment < begins + 91 * DAY


def decide(story: Story, shop: Shop, subscription_id: str) -> None:
    """Once a month or so: stay, leave, or change something."""
    subscription = story.billing.get("subscriptions", subscription_id)
    if subscription["status"] in cancellations.ENDED:
        return
    story.plan(story.in_days(24, 38), decide, shop, subscription_id)
    if subscription["status"] == "unpaid" and story.chance(0.2):
        cancellations.end(story.billing, subscription, reason="payment_failed")
    if subscription["status"] != "active" or subscription["cancel_at"] is not None:
        return
    kind = story.kinds[subscription_id]
    churn = _CHURN[kind] * (4 if is_bad_quarter(story, story.billing.now) else 1)
    if story.chance(churn):
        leave(story, shop, subscription)
    elif subscription["schedule"] is None:
        for decision, likelihoods in _DECISIONS:
            if story.chance(likelihoods.get(kind, 0)):
                decision(story, shop, subscription)
                return


def leave(story: Story, shop: Shop, subscription: Json) -> None:
    """Cancel: mostly at the period's end, sometimes at once or at a date; some think again."""
    feedback, _, comments = story.random.choices(
        business.FEEDBACK, weights=[weight for _, weight, _ in business.FEEDBACK]
    )[0]
    details: Json = {}
    if story.chance(0.8):
        details = {"feedback": feedback, "comment": story.one(comments) or None}
    how = story.random.random()
    identity, billing = subscription["id"], story.billing
    if subscription["schedule"] is not None:
        schedules.release(billing, subscription["schedule"])
    if how < 0.2:
        cancellations.cancel_now(billing, identity, **details)
    elif how < 0.85:
        cancellations.cancel_at_period_end(billing, identity, **details)
        if story.chance(0.22):
            story.plan(story.in_days(1, 12), _think_again, identity)
    else:
        cancellations.cancel_at(billing, identity, story.in_days(10, 80), **details)


def _think_again(story: Story, subscription_id: str) -> None:
    subscription = story.billing.get("subscriptions", subscription_id)
    if subscription["status"] in ("active", "past_due") and subscription["cancel_at"] is not None:
        cancellations.keep(story.billing, subscription_id)
        if story.chance(0.7):
            changes.set_coupons(story.billing, subscription_id, [business.RETENTION_COUPON])


def _main(subscription: Json) -> Json:
    item: Json = subscription["items"]["data"][0]
    return item


def _proration(story: Story) -> str:
    return story.choice({"create_prorations": 65, "always_invoice": 25, "none": 10})


def _more_seats(story: Story, shop: Shop, subscription: Json) -> None:
    item = _main(subscription)
    quantity = item["quantity"] + max(1, int(item["quantity"] * story.random.uniform(0.05, 0.5)))
    change = {"id": item["id"], "quantity": quantity}
    changes.change_items(story.billing, subscription["id"], [change], _proration(story))


def _fewer_seats(story: Story, shop: Shop, subscription: Json) -> None:
    item = _main(subscription)
    if item["quantity"] > 1:
        quantity = max(1, int(item["quantity"] * story.random.uniform(0.5, 0.9)))
        change = {"id": item["id"], "quantity": quantity}
        changes.change_items(story.billing, subscription["id"], [change], _proration(story))


def _interval(subscription: Json) -> tuple[str, int]:
    recurring = _main(subscription)["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _upgrade(story: Story, shop: Shop, subscription: Json) -> None:
    recurring = _interval(subscription)
    recurring = recurring if recurring in (MONTH, HALF_YEAR, YEAR) else MONTH
    _move(story, shop, subscription, "business", recurring, 1)


def _downgrade(story: Story, shop: Shop, subscription: Json) -> None:
    if len(subscription["items"]["data"]) == 1 and _interval(subscription) in (MONTH, YEAR):
        _move(story, shop, subscription, "professional", _interval(subscription), 3)


def _start_to_pay(story: Story, shop: Shop, subscription: Json) -> None:
    people.attach_card(story.billing, subscription["customer"], exp_year=2031)
    _move(story, shop, subscription, "professional", MONTH, story.random.randint(1, 9))


def _move(
    story: Story, shop: Shop, subscription: Json, key: str, recurring: tuple[str, int], quantity: int
) -> None:
    price = shop.price(key, subscription["currency"], recurring)
    change = {"id": _main(subscription)["id"], "price": price, "quantity": quantity}
    changes.change_items(story.billing, subscription["id"], [change], _proration(story))
    story.kinds[subscription["id"]] = key


def _to_yearly(story: Story, shop: Shop, subscription: Json) -> None:
    if _interval(subscription) == MONTH and len(subscription["items"]["data"]) == 1:
        key, quantity = story.kinds[subscription["id"]], _main(subscription)["quantity"]
        if story.chance(0.5):
            _move(story, shop, subscription, key, YEAR, quantity)
        else:
            _to_yearly_later(story, shop, subscription, key, quantity)


def _to_yearly_later(story: Story, shop: Shop, subscription: Json, key: str, quantity: int) -> None:
    begins = cancellations.last_period_end(subscription)
    price = shop.price(key, subscription["currency"], YEAR)
    later = phase(
        begins,
        shifted(begins, "year", 1),
        subscription["currency"],
        [(price, quantity)],
        proration_behavior="none",
        **schedules.terms_of(subscription),
    )
    schedules.schedule_subscription(story.billing, subscription["id"], [later])


def _ramp(story: Story, shop: Shop, subscription: Json) -> None:
    """A growing team agrees to more seats in two steps."""
    if _interval(subscription) != MONTH:
        return
    item, begins = _main(subscription), cancellations.last_period_end(subscription)
    middle, last = shifted(begins, "month", 3), shifted(begins, "month", 6)
    steps = [(begins, middle, item["quantity"] + 2), (middle, last, item["quantity"] * 2 + 2)]
    terms = schedules.terms_of(subscription)
    later = [
        phase(start, finish, subscription["currency"], [(item["price"]["id"], quantity)], **terms)
        for start, finish, quantity in steps
    ]
    schedules.schedule_subscription(story.billing, subscription["id"], later)


def _add_addon(story: Story, shop: Shop, subscription: Json) -> None:
    owned = {item["price"]["product"] for item in subscription["items"]["data"]}
    key, recurring = story.one(business.ADDONS), _interval(subscription)
    if shop.products[key] not in owned and recurring != HALF_YEAR:
        change = {"price": shop.price(key, subscription["currency"], recurring)}
        changes.change_items(story.billing, subscription["id"], [change], _proration(story))


def _drop_addon(story: Story, shop: Shop, subscription: Json) -> None:
    if len(subscription["items"]["data"]) > 1:
        change = {"id": subscription["items"]["data"][-1]["id"], "deleted": True}
        changes.change_items(story.billing, subscription["id"], [change], _proration(story))


def pause(story: Story, shop: Shop, subscription: Json) -> None:
    """Collection stops for one to three months."""
    behaviour = story.choice({"void": 50, "mark_uncollectible": 25, "keep_as_draft": 25})
    paused = {"behavior": behaviour, "resumes_at": story.in_days(30, 95)}
    changes.update_subscription(story.billing, subscription["id"], pause_collection=paused)


def _card_goes_bad(story: Story, shop: Shop, subscription: Json) -> None:
    if subscription["collection_method"] == "charge_automatically":
        people.attach_card(story.billing, subscription["customer"], last4=DECLINED, exp_year=2032)


def _complain(story: Story, shop: Shop, subscription: Json) -> None:
    """Support gives something back: to the card, or as credit."""
    if subscription["latest_invoice"] is None:
        return
    invoice = story.billing.get("invoices", subscription["latest_invoice"])
    credited = invoice["post_payment_credit_notes_amount"] + invoice["pre_payment_credit_notes_amount"]
    if invoice["total"] < 400 or credited or invoice["status"] not in ("open", "paid"):
        return
    amount = invoice["total"] // story.one((2, 3, 4))
    if invoice["status"] == "open" and amount > invoice["amount_remaining"]:
        return
    reason = story.one(("product_unsatisfactory", "order_change", "duplicate"))
    split = _split(story, invoice, amount) if invoice["status"] == "paid" else {}
    if amount <= givebacks.creditable(story.billing, invoice):
        givebacks.create_credit_note(story.billing, invoice["id"], amount, reason=reason, **split)


def _split(story: Story, invoice: Json, amount: int) -> dict[str, Any]:
    """Back to the card where one paid, or to the balance."""
    charge = payments.charge_of(story.billing, invoice)
    left = charge["amount"] - charge["amount_refunded"] if charge else 0
    return {"refund_amount" if left >= amount and story.chance(0.4) else "credit_amount": amount}


def _second_team(story: Story, shop: Shop, subscription: Json) -> None:
    """Another department takes a subscription of its own."""
    if subscription["collection_method"] == "charge_automatically":
        price = shop.price("professional", subscription["currency"], MONTH)
        seats, rates = story.random.randint(2, 12), subscription["default_tax_rates"]
        second = create_subscription(
            story.billing, subscription["customer"], [(price, seats)], default_tax_rates=rates
        )
        story.kinds[second["id"]] = "professional"
        story.plan(story.in_days(20, 45), decide, shop, second["id"])


def _refund_all(story: Story, shop: Shop, subscription: Json) -> None:
    charges = story.billing.where("charges", givebacks.of_customer(subscription["customer"]))
    paid = [each for each in charges if each["paid"] and not each["amount_refunded"]]
    if paid:
        reason = story.one(("requested_by_customer", "duplicate"))
        givebacks.refund(story.billing, paid[-1]["id"], reason=reason)


# Chances a month, by what the subscription was sold as; the first that comes true is what happens.
_DECISIONS: list[tuple[Decision, dict[str, float]]] = [
    (_more_seats, {"professional": 0.065, "starter": 0.03}),
    (_fewer_seats, {"professional": 0.022, "starter": 0.02}),
    (_upgrade, {"professional": 0.008, "starter": 0.01}),
    (_downgrade, {"business": 0.005}),
    (_start_to_pay, {"free": 0.05}),
    (_to_yearly, {"professional": 0.012, "business": 0.012}),
    (_ramp, {"professional": 0.008}),
    (_add_addon, {"business": 0.03, "enterprise": 0.03}),
    (_drop_addon, {"business": 0.01, "enterprise": 0.006}),
    (pause, {"professional": 0.005, "business": 0.004}),
    (_card_goes_bad, {"professional": 0.022, "business": 0.015, "starter": 0.02}),
    (_complain, {"professional": 0.008, "business": 0.012, "enterprise": 0.01}),
    (_second_team, {"professional": 0.006, "business": 0.008}),
    (_refund_all, {"professional": 0.004, "business": 0.004}),
]
