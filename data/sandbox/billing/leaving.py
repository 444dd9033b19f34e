"""What ends when a customer is deleted: subscriptions, planned schedules, and attempts to collect."""

from data.sandbox.billing import Billing, working
from data.sandbox.billing.cancellations import ENDED, cancel_now
from data.sandbox.conditions import Condition
from data.sandbox.store import Store


def end_everything(store: Store, customer: str) -> None:
    """Cancel at once what the customer has; open invoices stay open, but nobody tries to collect them."""
    mine = Condition("customer", "=", customer)
    with working(store) as billing:
        for subscription in billing.where("subscriptions", mine):
            if subscription["status"] not in ENDED:
                cancel_now(billing, subscription["id"])
        _cancel_schedules(billing, mine)
        for invoice in billing.where("invoices", mine, Condition("status", "in", ("draft", "open"))):
            billing.change(
                "invoices", invoice, "invoice.updated", auto_advance=False, next_payment_attempt=None
            )


def _cancel_schedules(billing: Billing, mine: Condition) -> None:
    waiting = Condition("status", "=", "not_started")
    for schedule in billing.where("subscription_schedules", mine, waiting):
        billing.change(
            "subscription_schedules",
            schedule,
            "subscription_schedule.canceled",
            status="canceled",
            canceled_at=billing.now,
        )
