"""A subscription as it is now, with what is known of its past; and its past as spans."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.discounts import Discount
from data.evidence import NOTHING, Evidence, Terms, terms
from data.valuation import Price

ITEM_ADDED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Item:
    """A subscription's item with the price and quantity of some time."""

    id: str
    price: Price | None  # None: the price was not readable
    quantity: int | None
    created: datetime | None

    @property
    def terms(self) -> Terms:
        """Its price and quantity, to be compared."""
        return terms(self.price, self.quantity)


@dataclass(frozen=True, slots=True)
class Life:
    """A subscription as it is now, with its own dates and the evidence of its past."""

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
    evidence: Evidence = NOTHING
    observed: datetime | None = None  # when it was so at Stripe

    def added(self, created: datetime | None) -> datetime | None:
        """When an item created then was added; None when the subscription began with it."""
        if created and self.created and created - self.created > ITEM_ADDED_AFTER:
            return max(created, self.start)
        return None


@dataclass(frozen=True, slots=True)
class Span:
    """An item with one price and quantity from an instant to another (exclusive; None: still so)."""

    item: Item
    start: datetime
    end: datetime | None
    counted: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A change that happened at some time between two instants, and no evidence says when.

    before and after are None where there was no item.
    """

    item_id: str
    earliest: datetime
    latest: datetime | None  # None: until now
    placed: datetime  # where the timeline has it
    before: Terms | None
    after: Terms | None
    reason: str


@dataclass(frozen=True, slots=True)
class Removal:
    """When a discount was taken off, None: never; with earliest, at some time between that and latest."""

    discount: Discount
    placed: datetime | None
    earliest: datetime | None = None
    latest: datetime | None = None  # None: until now


@dataclass(frozen=True, slots=True)
class Hidden:
    """A discount that Stripe names and does not show: seen first, gone at the latest (None: not yet)."""

    seen: datetime
    gone: datetime | None
    yearly: int  # what it took off a year, minor units


PAUSED = "a pause began"
UNPAID = "unpaid or past due"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that is zero: from some instant between earliest and latest on, until it was resumed."""

    earliest: datetime
    placed: datetime
    latest: datetime
    resumed: datetime | None = None  # None: it still is
    reason: str = PAUSED


def first(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier instant; None is never."""
    return min((each for each in (one, other) if each is not None), default=None)
