"""Changes of run rate that no evidence dates: between which instants they happened, and how much."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa

from data.discounts import Line, discounted, reducing
from data.evidence import Terms
from data.history import Doubt, History, Life, Removal, Span
from data.timeline import line_of
from data.valuation import is_recurring, yearly

REMOVED = "a discount was taken off"
HIDDEN = "a discount is not shown"


class Unknown(NamedTuple):
    """A change between two instants (latest None: until now); ARR in minor units.

    An item's is what the ledger has where it places it: after the discounts in force there.
    """

    subscription_id: str
    subscription_item_id: str | None
    customer_id: str
    currency: str | None
    earliest_at: datetime
    latest_at: datetime | None
    placed_at: datetime
    delta_arr: int
    reason: str


UNKNOWNS = pa.schema(
    {
        "subscription_id": pa.string(),
        "subscription_item_id": pa.string(),
        "customer_id": pa.string(),
        "currency": pa.string(),
        "earliest_at": pa.timestamp("us", "UTC"),
        "latest_at": pa.timestamp("us", "UTC"),
        "placed_at": pa.timestamp("us", "UTC"),
        "delta_arr": pa.int64(),
        "reason": pa.string(),
    }
)
"""Unknown changes by column."""


def unknown(life: Life, past: History) -> list[Unknown]:
    """What the past of a subscription leaves open, where it counted and the amount is not 0."""
    return [*_items(life, past), *_discounts(life, past), *_pauses(life, past), *_hidden(life, past)]


def _items(life: Life, past: History) -> Iterator[Unknown]:
    for each in past.doubts:
        delta = _worth(life, past, each, each.after) - _worth(life, past, each, each.before)
        if delta and _counted(past.spans, each.earliest, each.latest):
            window = (each.earliest, each.latest, each.placed)
            yield Unknown(life.id, each.item_id, life.customer_id, life.currency, *window, delta, each.reason)


def _worth(life: Life, past: History, doubt: Doubt, terms: Terms | None) -> int:
    """What all items are worth where a change is placed, the doubted one at some terms (None: none)."""
    beside = [each for each in past.spans if each.counted and each.item.id != doubt.item_id]
    lines = [line_of(span) for span in beside if _holds(span, doubt.placed)]
    if terms and terms.price and is_recurring(terms.price):
        value = yearly(terms.price, terms.quantity) or Fraction(0)
        lines.append(Line(doubt.item_id, terms.price.product_id, value, terms.price.periods_per_year))
    in_force = reducing(past.discounts, doubt.placed)
    return sum(discounted(lines, in_force, life.currency))


def _counted(spans: Sequence[Span], start: datetime, end: datetime | None) -> bool:
    """Whether the subscription counted at some time between two instants."""
    return any(
        span.counted and (end is None or span.start < end) and (span.end is None or start < span.end)
        for span in spans
    )


def _discounts(life: Life, past: History) -> Iterator[Unknown]:
    for each in past.removals:
        if each.earliest is None or each.placed is None:
            continue
        delta = _lost(life, past, each, each.earliest)
        if delta:
            item_id, window = each.discount.item_id, (each.earliest, each.latest, each.placed)
            yield Unknown(life.id, item_id, life.customer_id, life.currency, *window, delta, REMOVED)


def _lost(life: Life, past: History, removal: Removal, at: datetime) -> int:
    """What a discount took off when it was last seen."""
    lines = [line_of(span) for span in past.spans if span.counted and _holds(span, at)]
    others = [each for each in past.discounts if each.id != removal.discount.id]
    with_it = [*others, replace(removal.discount, start=None, end=None)]
    left, kept = (sum(discounted(lines, reducing(each, at), life.currency)) for each in (others, with_it))
    return left - kept


def _pauses(life: Life, past: History) -> Iterator[Unknown]:
    for each in past.pauses:
        before = each.placed - timedelta.resolution
        lines = [line_of(span) for span in past.spans if span.counted and _holds(span, before)]
        in_force = reducing(past.discounts, before)
        if worth := sum(discounted(lines, in_force, life.currency)):
            window = (each.earliest, each.latest, each.placed)
            yield Unknown(life.id, None, life.customer_id, life.currency, *window, -worth, each.reason)


def _hidden(life: Life, past: History) -> Iterator[Unknown]:
    for each in past.hidden:
        window = (each.seen, each.gone, each.seen)
        yield Unknown(life.id, None, life.customer_id, life.currency, *window, -each.yearly, HIDDEN)


def _holds(span: Span, at: datetime) -> bool:
    return span.start <= at and (span.end is None or at < span.end)
