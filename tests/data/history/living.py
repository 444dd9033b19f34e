"""What customers may do to their subscriptions, as a table of small operations for random lives."""

from collections.abc import Callable
from typing import Any

from data.sandbox.billing import cancellations, changes, people, schedules
from data.sandbox.billing.payments import pay
from data.sandbox.billing.periods import shifted
from data.sandbox.billing.renewals import resume
from data.sandbox.factory import phase
from tests.data.history.told import Told

Json = dict[str, Any]
Act = Callable[[Told, Json, int], object]

PRORATIONS = ("create_prorations", "always_invoice", "none")
RUNNING = ("active", "past_due", "unpaid", "trialing")
CARDS = ("4242", "0341", "9995")
BEHAVIORS = ("void", "mark_uncollectible", "keep_as_draft")


class Company(Told):
    """Two customers, prices of two products, and coupons."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        other = self.do(people.create_customer, "Other", "other@example.com")["id"]
        self.customers = (self.customer, str(other))
        products = (self.product, self.new_product("Business"))
        self.prices: list[str] = []
        for self.product in products:
            self.prices += [self.price(10_00), self.price(25_00), self.price(240_00, "year"), self.price(0)]
        self.coupons = [
            self.coupon("forever", percent_off=50),
            self.coupon("repeating", amount_off=3_00, currency="usd", duration_in_months=2),
            self.coupon("once", percent_off=20),
        ]

    def act(self, name: str, whose: int, number: int) -> None:
        """One customer does one thing, to one of the subscriptions that it can be done to; or nothing."""
        self.customer = self.customers[whose]
        if name in ALONE:
            ALONE[name](self, {}, number)
            return
        act, statuses = ACTS[name]
        owned = (each for each in self.store.all("subscriptions") if each["customer"] == self.customer)
        possible = [each for each in owned if each["status"] in statuses]
        if possible:
            act(self, possible[number % len(possible)], number)


def _subscribe(company: Company, _: Json, number: int) -> None:
    price = company.prices[number % 8]
    fields: Json = {"coupons": [company.coupons[number % 3]]} if number % 5 == 0 else {}
    company.subscribe(items=[(price, 1 + number % 4)], trial_days=10 if number % 7 == 3 else 0, **fields)


def _send(company: Company, _: Json, number: int) -> None:
    items = [(company.prices[number % 2], 2), (company.prices[4 + number % 2], 1)]
    company.subscribe(items=items, collection_method="send_invoice", days_until_due=14)


def _card(company: Company, _: Json, number: int) -> None:
    company.card(CARDS[number % 3])


def _pay(company: Company, _: Json, number: int) -> None:
    mine = (each for each in company.store.all("invoices") if each["customer"] == company.customer)
    owed = [each["id"] for each in mine if each["status"] in ("open", "uncollectible")]
    if owed:
        company.do(pay, owed[-1], out_of_band=number % 2 == 0)


def _changed(company: Company, subscription: Json, number: int, **fields: Any) -> None:
    item = subscription["items"]["data"][number % len(subscription["items"]["data"])]
    change = {"id": item["id"], **fields}
    company.do(changes.change_items, subscription["id"], [change], PRORATIONS[number % 3])


def _seats(company: Company, subscription: Json, number: int) -> None:
    _changed(company, subscription, number, quantity=1 + number % 6)


def _price(company: Company, subscription: Json, number: int) -> None:
    _changed(company, subscription, number, price=company.prices[number % 8])


def _drop(company: Company, subscription: Json, number: int) -> None:
    if len(subscription["items"]["data"]) > 1:
        _changed(company, subscription, number, deleted=True)


def _add(company: Company, subscription: Json, number: int) -> None:
    change = {"price": company.prices[number % 2], "quantity": 1 + number % 3}
    company.do(changes.change_items, subscription["id"], [change], PRORATIONS[number % 3])


def _coupons(company: Company, subscription: Json, number: int) -> None:
    company.do(changes.set_coupons, subscription["id"], company.coupons[: number % 3])


def _pause(company: Company, subscription: Json, number: int) -> None:
    pause = {"behavior": BEHAVIORS[number % 3], "resumes_at": company.store.now + 40 * 86_400}
    company.do(changes.update_subscription, subscription["id"], pause_collection=pause)


def _ramp(company: Company, subscription: Json, number: int) -> None:
    begins = cancellations.last_period_end(subscription)
    if subscription["schedule"] is None and begins > company.store.now:
        price = company.prices[number % 2]
        later = phase(begins, shifted(begins, "month", 2), "usd", [(price, 3)], proration_behavior="none")
        company.do(schedules.schedule_subscription, subscription["id"], [later])


ALONE: dict[str, Act] = {"subscribe": _subscribe, "send": _send, "card": _card, "pay": _pay}
ACTS: dict[str, tuple[Act, tuple[str, ...]]] = {
    "seats": (_seats, RUNNING),
    "price": (_price, RUNNING),
    "add": (_add, RUNNING),
    "drop": (_drop, RUNNING),
    "coupons": (_coupons, RUNNING),
    "pause": (_pause, ("active", "past_due")),
    "ramp": (_ramp, ("active",)),
    "cancel": (lambda told, each, _: told.do(cancellations.cancel_now, each["id"]), RUNNING),
    "leave": (lambda told, each, _: told.do(cancellations.cancel_at_period_end, each["id"]), RUNNING),
    "keep": (lambda told, each, _: told.do(cancellations.keep, each["id"]), RUNNING),
    "end trial": (lambda told, each, _: told.do(changes.end_trial, each["id"]), ("trialing",)),
    "resume": (lambda told, each, _: told.do(resume, each["id"]), ("paused",)),
}
