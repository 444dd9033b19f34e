"""Dated facts about one subscription, each as its source states it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from data.discounts import Discount
from data.valuation import Price, is_recurring


class Terms(NamedTuple):
    """A price and how many of it."""

    price: Price | None  # None: not readable
    quantity: int | None


def terms(price: Price | None, quantity: int | None) -> Terms:
    """Terms that compare equal when they mean the same: one is the quantity where none is named.

    Metered prices have no quantity: what an invoice names is the use.
    """
    if price is not None and not is_recurring(price):
        return Terms(price, None)
    return Terms(price, 1 if quantity is None else quantity)


Kind = Literal["period", "charge", "credit"]


@dataclass(frozen=True, slots=True)
class Charge:
    """What an invoice line, or an item that waits for an invoice, says of a subscription item.

    period: a normal line; charge and credit: the two sides of a proration.
    """

    item_id: str
    kind: Kind
    terms: Terms
    start: datetime
    end: datetime | None
    free: bool | None = None  # of a period that costs something: nothing was charged, as in a trial
    idle_since: datetime | None = None  # what the subscription's lines before it reach, short of its start


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice of the subscription, as far as it tells of payment and of discounts."""

    created: datetime
    reason: str | None
    status: str | None
    method: str | None
    due: int
    attempts: int
    finalized: datetime | None = None
    paid: datetime | None = None
    uncollectible: datetime | None = None
    failed: datetime | None = None  # the last attempt that failed, as charges of this amount tell
    discounts: tuple[str, ...] = ()  # ids, in the order in which they apply
    taken_off: Mapping[str, Fraction] = field(default_factory=dict)  # minor units a year, by discount


@dataclass(frozen=True, slots=True)
class State:
    """A subscription at an instant: status, items by id, ids of the discounts it had, in their order."""

    status: str
    items: Mapping[str, Terms]
    discounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An event: what the subscription was just before it, and from it on."""

    at: datetime
    before: State | None  # None: it was not there
    after: State


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a schedule that began: the price ids and quantities that it set."""

    start: datetime
    items: frozenset[tuple[str | None, int | None]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a subscription's past."""

    charges: tuple[Charge, ...] = ()
    bills: tuple[Bill, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    phases: tuple[Phase, ...] = ()
    discounts: Mapping[str, Discount] = field(default_factory=dict)  # by id, past ones too
    created: Mapping[str, datetime] = field(default_factory=dict)  # when items were added
    events_from: datetime | None = None  # since when events are kept; None: there are none


NOTHING = Evidence()
