"""When cards fail: further attempts over three weeks, then what the account's settings say."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from data.sandbox.billing import DAY, Billing
from data.sandbox.billing.cancellations import end
from data.sandbox.billing.invoicing import mark_uncollectible, void
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Json = dict[str, Any]

INCOMPLETE_SECONDS = 23 * 3_600
_META = "dunning"


@dataclass(frozen=True)
class Settings:
    """An account's dunning: days between attempts, then cancel, unpaid or past_due; write off or not."""

    retry_days: tuple[int, ...] = (3, 5, 7, 6)
    subscription: str = "cancel"
    write_off: bool = True


def settings(store: Store) -> Settings:
    """The account's dunning settings."""
    text = store.meta(_META)
    if text is None:
        return Settings()
    values = json.loads(text)
    return Settings(**{**values, "retry_days": tuple(values["retry_days"])})


def set_settings(store: Store, chosen: Settings) -> None:
    """Change the account's dunning settings; what is already planned stays."""
    store.set_meta(_META, json.dumps(asdict(chosen)))


def next_attempt(billing: Billing, invoice: Json, attempts: int) -> int | None:
    """When to try again after so many attempts, or None when that was the last or nobody should."""
    days = settings(billing.store).retry_days
    if invoice["collection_method"] == "send_invoice" or invoice["status"] != "open":
        return None
    if invoice["billing_reason"] == "subscription_create" or attempts > len(days):
        return None
    return billing.now + days[attempts - 1] * DAY


def failed(billing: Billing, invoice: Json, subscription: Json | None) -> None:
    """A payment failed: the customer is delinquent, the subscription past due, or dunning is over."""
    customer = billing.get("customers", invoice["customer"])
    if subscription is None:
        return
    billing.change("customers", customer, "customer.updated", delinquent=True)
    if subscription["status"] == "active":
        _set_status(billing, subscription, "past_due")
    if invoice["next_payment_attempt"] is None and subscription["status"] == "past_due":
        _give_up(billing, invoice, subscription)


def awaited(billing: Billing, subscription: Json | None) -> None:
    """A payment waits for the customer's confirmation: a running subscription is past due until then."""
    if subscription is not None and subscription["status"] == "active":
        _set_status(billing, subscription, "past_due")


def _give_up(billing: Billing, invoice: Json, subscription: Json) -> None:
    chosen = settings(billing.store)
    if chosen.subscription == "past_due":
        return
    if chosen.write_off:
        mark_uncollectible(billing, invoice)
    if chosen.subscription == "unpaid":
        _set_status(billing, subscription, "unpaid")
    else:
        end(billing, subscription, reason="payment_failed")


def recovered(billing: Billing, invoice: Json, subscription: Json | None) -> None:
    """An invoice was paid: the subscription is active again unless its latest invoice is still owed."""
    if subscription is None or subscription["status"] not in ("incomplete", "past_due", "unpaid"):
        return
    if subscription["status"] != "incomplete" and _owes(billing, subscription):
        return
    customer = billing.get("customers", invoice["customer"])
    billing.change("customers", customer, "customer.updated", delinquent=False)
    _set_status(billing, subscription, "active")


def _owes(billing: Billing, subscription: Json) -> bool:
    """Whether the latest finalised invoice is due: it alone decides, as Stripe's statuses are defined."""
    of_it = Condition("subscription", "=", subscription["id"])
    final = billing.where("invoices", of_it, Condition("status", "!=", "draft"))
    return final[-1]["status"] == "open" and _is_due(billing, final[-1])


def _is_due(billing: Billing, invoice: Json) -> bool:
    due: int | None = invoice["due_date"]
    return due <= billing.now if due is not None else bool(invoice["attempted"])


def open_invoices(billing: Billing, subscription_id: str) -> list[Json]:
    """A subscription's finalised, unpaid invoices."""
    return billing.where(
        "invoices", Condition("subscription", "=", subscription_id), Condition("status", "=", "open")
    )


def overdue(billing: Billing, invoice: Json, subscription: Json | None) -> None:
    """The due date of a sent invoice passed unpaid."""
    billing.emit("invoice.overdue", invoice)
    if subscription is not None and subscription["status"] == "active":
        _set_status(billing, subscription, "past_due")


def expire(billing: Billing, subscription: Json) -> None:
    """A first payment that did not come within 23 hours: the subscription never began."""
    for invoice in open_invoices(billing, subscription["id"]):
        void(billing, invoice)
    billing.change(
        "subscriptions",
        subscription,
        "customer.subscription.updated",
        status="incomplete_expired",
        ended_at=billing.now,
    )


def _set_status(billing: Billing, subscription: Json, status: str) -> None:
    billing.change("subscriptions", subscription, "customer.subscription.updated", status=status)
