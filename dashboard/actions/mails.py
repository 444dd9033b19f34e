"""Which e-mails Stripe sends after a change, to whom, and where that depends on the account's settings.

Source: Stripe's documentation of customer e-mails, receipts, and `collection_method` in its API description.
"""

from typing import Any

from dashboard.actions.base import Money
from dashboard.formatting import day
from data.clock import from_epoch

Json = dict[str, Any]
DEPENDS = "if your Stripe e-mail settings say so"
UNTOLD = "Stripe e-mails nothing about the change itself: tell the customer."


def address(email: str | None) -> str:
    """To whom e-mail goes, in words."""
    return email or "nobody, since no address is known"


def receipt(email: str | None) -> tuple[str, ...]:
    """After a payment by card."""
    return (
        f"A receipt goes to {address(email)}, {DEPENDS}; where the card is declined, "
        "a notice of that instead, likewise.",
    )


def sent_invoice(email: str | None) -> tuple[str, ...]:
    """When an invoice is collected by sending it."""
    return (f"The invoice goes to {address(email)} with a way to pay it, {DEPENDS}.",)


def of_change(subscription: Json, money: Money | None) -> tuple[str, ...]:
    """After a change of what a subscription has: its invoice, now or later."""
    email = subscription.get("customer_email")
    sends = subscription["collection_method"] == "send_invoice"
    if money is None:
        return (UNTOLD,)
    when = "" if money.now or money.at is None else f"When it is billed on {day(money.at)}: "
    return (UNTOLD, *(when + _lower(each, when) for each in (sent_invoice if sends else receipt)(email)))


def _lower(words: str, after: str) -> str:
    return words[0].lower() + words[1:] if after else words


def of_end(subscription: Json, money: Money | None) -> tuple[str, ...]:
    """After a cancellation."""
    told = f"Stripe confirms the end to {address(subscription.get('customer_email'))} only {DEPENDS}."
    return (told,) if money is None or money.due <= 0 else (told, *of_change(subscription, money)[1:])


def of_trial(subscription: Json, ends: int) -> tuple[str, ...]:
    """Where a trial ends at an instant (epoch seconds)."""
    week_before = day(from_epoch(ends - 7 * 86_400))
    email = address(subscription.get("customer_email"))
    return (
        UNTOLD,
        f"A reminder goes to {email} seven days before the trial ends, on {week_before}, {DEPENDS}.",
    )
