"""Why a renewal may not happen: one small function a reason, each with its evidence in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from data import money
from data.frames.due import Company

OVERUSE, UNDERUSE = 1.0, 0.4
"""Use above the bought capacity, and below 40% of it."""
SOON = timedelta(days=30)
"""How near a notice date is a risk."""


@dataclass(frozen=True)
class Seen:
    """What is known of a renewal when its risks are looked for; row is one of data.frames.due.items."""

    row: Any
    due: datetime
    now: datetime
    company: Company
    contract_begun: datetime | None  # None: no contract governs
    notice_at: datetime | None
    renews_by_terms: bool  # the terms themselves say that it renews itself
    later_quote: bool
    not_live: tuple[str, ...] = ()  # add-ons that are paid and not live, a sentence each


def _set_to_cancel(seen: Seen) -> str | None:
    row = seen.row
    if not row.cancel_at_period_end and row.cancel_at is None:
        return None
    asked = f", asked for on {told(row.canceled_at)}" if row.canceled_at else ""
    return f"ends {f'on {told(row.cancel_at)}' if row.cancel_at else 'with its period'}{asked}"


def _status(name: str) -> Callable[[Seen], str | None]:
    def found(seen: Seen) -> str | None:
        row = seen.row
        if row.status != name:
            return None
        if row.invoice_status != "open" or not row.amount_remaining:
            return f"Stripe calls it {name.replace('_', ' ')}"
        owed = f"{money.major(row.amount_remaining, row.currency)} {row.currency.upper()}"
        return f"invoice {row.invoice_number or 'without number'}, {owed} open"

    return found


def _collection_paused(seen: Seen) -> str | None:
    row = seen.row
    if row.pause_behavior is None:
        return None
    until = f" until {told(row.pause_resumes_at)}" if row.pause_resumes_at else ", no end given"
    return f"invoices are set to {row.pause_behavior.replace('_', ' ')}{until}"


def _automatic(row: Any) -> bool:
    return bool(row.collection_method == "charge_automatically")


def _card_expires(seen: Seen) -> str | None:
    """A card is good to the end of the month that is printed on it."""
    row = seen.row
    if not _automatic(row) or row.card_exp_year is None or row.card_exp_month is None:
        return None
    year, month = row.card_exp_year, row.card_exp_month
    if (year, month) >= (seen.due.year, seen.due.month):
        return None
    return f"{(row.card_brand or 'card').capitalize()} {row.card_last4 or ''} expires {month}/{year}".replace(
        "  ", " "
    )


def _no_payment_method(seen: Seen) -> str | None:
    row = seen.row
    missing = _automatic(row) and not row.has_default and not row.has_methods
    return "charged automatically, nothing to charge" if missing else None


def _no_default_payment_method(seen: Seen) -> str | None:
    row = seen.row
    missing = _automatic(row) and not row.has_default and bool(row.has_methods)
    return "there are payment methods, none is the default" if missing else None


def _use(outside: Callable[[float], bool]) -> Callable[[Seen], str | None]:
    def found(seen: Seen) -> str | None:
        company, share = seen.company, seen.company.share
        if share is None or not outside(share):
            return None
        on = f" on {told(company.used_on)}" if company.used_on else ""
        return f"{company.used:,} of {company.capacity:,} used{on}, {share:.0%}"

    return found


def _no_later_quote(seen: Seen) -> str | None:
    """A contract that ends by itself needs a new one; terms that renew themselves do not."""
    if seen.contract_begun is None or seen.renews_by_terms or seen.later_quote:
        return None
    return f"ends on {told(seen.due)}, no quote made since {told(seen.contract_begun)}"


def _notice_soon(seen: Seen) -> str | None:
    if seen.notice_at is None or not seen.now <= seen.notice_at <= seen.now + SOON:
        return None
    return f"notice may be given until {told(seen.notice_at)}"


def _addon_not_live(seen: Seen) -> str | None:
    return " ".join(seen.not_live).rstrip(".") or None


RISKS: Mapping[str, Callable[[Seen], str | None]] = {
    "set to cancel": _set_to_cancel,
    "past due": _status("past_due"),
    "unpaid": _status("unpaid"),
    "collection paused": _collection_paused,
    "card expires before the due date": _card_expires,
    "no payment method on file": _no_payment_method,
    "no default payment method": _no_default_payment_method,
    "use above 100% of capacity": _use(lambda share: share > OVERUSE),
    "use below 40% of capacity": _use(lambda share: share < UNDERUSE),
    "contract ends with no later quote": _no_later_quote,
    "notice date within 30 days": _notice_soon,
    "add-on paid and not live": _addon_not_live,
}
"""Every reason in the words that pages show, in their order."""


def risks(seen: Seen) -> dict[str, str]:
    """The evidence of each reason of one renewal, in their order; empty when none was found."""
    found = ((name, evidence(seen)) for name, evidence in RISKS.items())
    return {name: text.replace(";", ",") for name, text in found if text is not None}


def told(day: date) -> str:
    """A day as people read it: 21 Nov 2026."""
    return f"{day.day} {day:%b %Y}"
