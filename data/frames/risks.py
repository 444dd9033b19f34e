"""Why a renewal may not happen: one small function a reason, each from what the data shows."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

OVERUSE, UNDERUSE = 1.0, 0.4
"""Use above the bought capacity, and below 40% of it."""


def _set_to_cancel(row: Any, due: datetime) -> bool:
    return bool(row.cancel_at_period_end) or row.cancel_at is not None


def _past_due(row: Any, due: datetime) -> bool:
    return bool(row.status == "past_due")


def _unpaid(row: Any, due: datetime) -> bool:
    return bool(row.status == "unpaid")


def _automatic(row: Any) -> bool:
    return bool(row.collection_method == "charge_automatically")


def _card_expires(row: Any, due: datetime) -> bool:
    """A card is good to the end of the month that is printed on it."""
    if not _automatic(row) or row.card_exp_year is None or row.card_exp_month is None:
        return False
    year, month = row.card_exp_year, row.card_exp_month
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) <= due


def _no_payment_method(row: Any, due: datetime) -> bool:
    return _automatic(row) and not row.has_default and not row.has_methods


def _no_default_payment_method(row: Any, due: datetime) -> bool:
    return _automatic(row) and not row.has_default and bool(row.has_methods)


def _collection_paused(row: Any, due: datetime) -> bool:
    return row.pause_behavior is not None


def _share(row: Any) -> float | None:
    """Use as a share of the bought capacity; None when either is not known."""
    return None if row.used is None or not row.capacity else row.used / row.capacity


def _overused(row: Any, due: datetime) -> bool:
    share = _share(row)
    return share is not None and share > OVERUSE


def _underused(row: Any, due: datetime) -> bool:
    share = _share(row)
    return share is not None and share < UNDERUSE


RISKS: Mapping[str, Callable[[Any, datetime], bool]] = {
    "set to cancel": _set_to_cancel,
    "past due": _past_due,
    "unpaid": _unpaid,
    "collection paused": _collection_paused,
    "card expires before the due date": _card_expires,
    "no payment method on file": _no_payment_method,
    "no default payment method": _no_default_payment_method,
    "use above 100% of capacity": _overused,
    "use below 40% of capacity": _underused,
}
"""Every reason in the words that pages show, in their order."""


def risks(row: Any, due: datetime) -> str:
    """The reasons of one renewal, joined by "; "; empty when none was found."""
    return "; ".join(name for name, found in RISKS.items() if found(row, due))
