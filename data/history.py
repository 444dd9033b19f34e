"""What each subscription item was, and when: spans built from the evidence that the mirror holds.

This evidence is the subscription as it is now and its own dates: it is taken to have been so since it
started.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.discounts import Discount
from data.valuation import Price, is_recurring, per_period

COUNTED = frozenset({"active", "past_due"})
ITEM_ADDED_AFTER = timedelta(minutes=1)

EVIDENCE = {
    "present": "As the subscription is now, taken to have been so since it started or its trial ended.",
    "item added": "As the item is now, taken to have been so since it was added to the subscription.",
    "ended": "As the subscription was when it ended, taken to have been so since it started.",
    "discount not known": "Counted without a discount that Stripe named but did not show.",
    "trial": "In trial: zero until the trial ends.",
    "before trial": "As the subscription is now, taken to have been so before its trial began.",
    "metered": "A metered or one-off price: not counted.",
    "price not known": "Stripe did not show the price or its tiers: not counted, because nothing is guessed.",
    "never active": "The first payment was never made: not counted.",
    "incomplete": "The first payment is not made yet: not counted.",
    "unpaid": "Unpaid now: zero. Since when the present state does not say, so nothing earlier is claimed.",
    "paused": "Paused now: zero. Since when the present state does not say, so nothing earlier is claimed.",
    "status not known": "Stripe names a status that has no definition here: not counted.",
    "ended, date not known": "Canceled, but Stripe gave no date of its end: not counted.",
}
"""Each kind of evidence that a timeline row names, in words."""


@dataclass(frozen=True, slots=True)
class Item:
    """A subscription's item as it is now."""

    id: str
    price: Price | None  # None: the price was not readable
    quantity: int | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class Life:
    """A subscription as it is now, with its own dates: all that the ledger needs to know of it."""

    id: str
    customer_id: str
    status: str
    currency: str | None
    start: datetime
    created: datetime | None = None
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    ended: datetime | None = None
    items: tuple[Item, ...] = ()
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """An item with one price and quantity from an instant to another (exclusive; None: still so)."""

    item: Item
    start: datetime
    end: datetime | None
    counted: bool
    evidence: str


def spans(life: Life) -> list[Span]:
    """The spans of all items of a subscription, in order of item and time; empty ones are left out."""
    found = (span for item in life.items for span in _of_item(life, item))
    return [span for span in found if span.end is None or span.start < span.end]


def _of_item(life: Life, item: Item) -> Iterator[Span]:
    """An item's spans: until a trial, in it, and after it; or one that does not count, and why."""
    start, added = _start(life, item)
    if doubt := _price_doubt(item.price) or _status_doubt(life):
        yield Span(item, start, life.ended, False, doubt)
        return
    word = _word(life, added)
    trial_end = None if life.status == "trialing" else life.trial_end or start
    if trial_end is not None and trial_end <= start:
        yield Span(item, start, life.ended, True, word)
        return
    trial_start = max(start, life.trial_start or start)
    yield Span(item, start, _first(trial_start, life.ended), True, "before trial")
    yield Span(item, trial_start, _first(trial_end, life.ended), False, "trial")
    if trial_end is not None:
        yield Span(item, trial_end, life.ended, True, word)


def _start(life: Life, item: Item) -> tuple[datetime, bool]:
    """When an item began, and whether it was added to a subscription that already ran."""
    if item.created and life.created and item.created - life.created > ITEM_ADDED_AFTER:
        return max(item.created, life.start), True
    return life.start, False


def _word(life: Life, added: bool) -> str:
    """What the value of a counted span rests on."""
    if any(discount.coupon is None for discount in life.discounts):
        return "discount not known"
    return "item added" if added else "ended" if life.ended else "present"


STATUS_DOUBTS = {
    "incomplete": "incomplete",
    "incomplete_expired": "never active",
    "unpaid": "unpaid",
    "paused": "paused",
}


def _price_doubt(price: Price | None) -> str | None:
    """Why a price does not count; None when it does."""
    if price is None:
        return "price not known"
    if not is_recurring(price):
        return "metered"
    return "price not known" if per_period(price, 1) is None else None


def _status_doubt(life: Life) -> str | None:
    """Why a subscription never counts as far as its present state tells; None when it does or did."""
    if life.status == "canceled":
        return None if life.ended else "ended, date not known"
    if life.status in COUNTED or life.status == "trialing":
        return None
    return STATUS_DOUBTS.get(life.status, "status not known")


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier instant; None is never."""
    return min((each for each in (one, other) if each is not None), default=None)
