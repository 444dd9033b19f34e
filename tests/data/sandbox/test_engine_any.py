"""Whatever is done in whatever order: the money adds up, periods join, and events tell the truth."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from data.sandbox.billing import DAY, Billing, cancellations, changes, givebacks, invoicing
from data.sandbox.billing.people import attach_card
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.engine import run
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario

Json = dict[str, Any]
Step = tuple[str, int]


class Account:
    """A scenario with prices and coupons to choose from."""

    def __init__(self, store: Store) -> None:
        self.scenario = Scenario(store, "2026-01-31")
        intervals = [("week", 1), ("month", 1), ("month", 3), ("year", 1)]
        self.prices = [
            self.scenario.price(amount, *every) for every in intervals for amount in (0, 700, 9_999)
        ]
        percent = self.scenario.coupon("repeating", percent_off=33.3, duration_in_months=2)
        amount = self.scenario.coupon("forever", amount_off=800, currency="usd")
        once = self.scenario.coupon("once", percent_off=100)
        self.coupons = [[], [percent], [amount], [once, percent], [amount, percent]]


def running(billing: Billing, number: int) -> Json | None:
    """One of the subscriptions that have not ended."""
    live = [each for each in billing.where("subscriptions") if each["status"] not in cancellations.ENDED]
    return live[number % len(live)] if live else None


def subscribe(account: Account, billing: Billing, number: int) -> None:
    create_subscription(
        billing,
        account.scenario.customer,
        [(account.prices[number % 12], number % 5 + 1)],
        coupons=account.coupons[number % 5],
        trial_days=(0, 0, 7)[number % 3],
        **({"collection_method": "send_invoice", "days_until_due": 9} if number % 7 == 0 else {}),
    )


def change(account: Account, billing: Billing, number: int) -> None:
    if subscription := running(billing, number):
        item = subscription["items"]["data"][0]["id"]
        row = {"id": item, "price": account.prices[number * 5 % 12], "quantity": number % 4 + 1}
        proration = ("none", "create_prorations", "always_invoice")[number % 3]
        changes.change_items(billing, subscription["id"], [row], proration)


def add(account: Account, billing: Billing, number: int) -> None:
    if subscription := running(billing, number):
        changes.change_items(billing, subscription["id"], [{"price": account.prices[number % 12]}])


def leave(account: Account, billing: Billing, number: int) -> None:
    if subscription := running(billing, number):
        identity = subscription["id"]
        if number % 3 == 0:
            cancellations.cancel_now(billing, identity)
        elif number % 3 == 1:
            cancellations.cancel_at_period_end(billing, identity)
        else:
            cancellations.cancel_at(billing, identity, billing.now + (number % 50 + 1) * DAY)


def stay(account: Account, billing: Billing, number: int) -> None:
    if subscription := running(billing, number):
        cancellations.keep(billing, subscription["id"])


def card(account: Account, billing: Billing, number: int) -> None:
    attach_card(billing, account.scenario.customer, last4=("4242", "4242", "0341", "9995")[number % 4])


def credit(account: Account, billing: Billing, number: int) -> None:
    left = [
        each
        for each in billing.where("invoices")
        if each["status"] == "paid" and each["total"] > each["post_payment_credit_notes_amount"]
    ]
    if left:
        invoice = left[number % len(left)]
        amount = 1 + number % (invoice["total"] - invoice["post_payment_credit_notes_amount"])
        givebacks.create_credit_note(billing, invoice["id"], amount, credit_amount=amount)


def extra(account: Account, billing: Billing, number: int) -> None:
    invoicing.create_invoiceitem(billing, account.scenario.customer, "usd", number - 40, "Extra")


def wait(account: Account, billing: Billing, number: int) -> None:
    run(billing, billing.now + number * DAY // 2)


STEPS: dict[str, Callable[[Account, Billing, int], None]] = {
    "subscribe": subscribe,
    "change": change,
    "add": add,
    "leave": leave,
    "stay": stay,
    "card": card,
    "credit": credit,
    "extra": extra,
    "wait": wait,
}
PLANS = st.lists(
    st.tuples(st.sampled_from([*STEPS, "wait", "wait", "change"]), st.integers(0, 99)),
    min_size=3,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(plan=PLANS)
def test_any_life_adds_up(plan: list[Step]) -> None:
    store = Store()
    account = Account(store)
    for name, number in [("subscribe", 1), *plan, ("wait", 90)]:
        with account.scenario.work() as billing:
            STEPS[name](account, billing, number)
    check_invoices(store)
    check_balance(store, account.scenario.customer_now()["balance"])
    check_subscriptions(store)
    check_events(store)
    store.close()


def check_invoices(store: Store) -> None:
    for invoice in store.all("invoices"):
        lines = sum(line["amount"] for line in invoice["lines"]["data"])
        off = sum(each["amount"] for each in invoice["total_discount_amounts"])
        assert invoice["total"] == lines - off
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"] >= 0
    taken = [item["id"] for item in store.all("invoiceitems") if item["invoice"]]
    billed = [_item(line) for each in store.all("invoices") for line in each["lines"]["data"]]
    assert sorted(taken) == sorted(name for name in billed if name)


def _item(line: Json) -> str | None:
    details = line["parent"]["invoice_item_details"] or line["parent"]["subscription_item_details"]
    name: str | None = details["invoice_item"]
    return name


def check_balance(store: Store, balance: int) -> None:
    """Every change of the balance is on an invoice or a credit note."""
    final = [each for each in store.all("invoices") if each["status"] not in ("draft", "void")]
    moved = sum(each["ending_balance"] - each["starting_balance"] for each in final)
    given = sum(note["amount"] for note in store.all("credit_notes"))
    assert balance == moved - given


def check_subscriptions(store: Store) -> None:
    for subscription in store.all("subscriptions"):
        ended = subscription["status"] in cancellations.ENDED
        assert ended == (subscription["ended_at"] is not None)
        for item in subscription["items"]["data"]:
            assert item["current_period_start"] < item["current_period_end"]
            assert ended or subscription["status"] == "incomplete" or item["current_period_end"] > store.now


def check_events(store: Store) -> None:
    for event in store.all("events"):
        if event["type"] == "customer.subscription.updated":
            assert event["data"]["object"]["status"] != "canceled"
        if event["type"].endswith(".updated") and "invoiceitem" not in event["type"]:
            assert event["data"]["previous_attributes"]
