"""A subscription's timeline: stretches in which the value of an item does not change."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from data.discounts import Discount, Line, applies, discounted, in_order, reducing
from data.history import History, Life, Span, history
from data.money import half_up
from data.valuation import Price, yearly


class Segment(NamedTuple):
    """An item's value from an instant to another (exclusive; None: still so); ARR in minor units."""

    subscription_id: str
    subscription_item_id: str
    customer_id: str
    product_id: str | None
    price_id: str | None
    interval: str | None
    currency: str | None
    quantity: int | None
    arr: int
    counted: bool
    from_at: datetime
    to_at: datetime | None
    evidence: str
    discounts: str | None = None  # ids of the coupons taken off, in their order, joined by "|"


SEGMENTS = pa.schema(
    {
        "subscription_id": pa.string(),
        "subscription_item_id": pa.string(),
        "customer_id": pa.string(),
        "product_id": pa.string(),
        "price_id": pa.string(),
        "interval": pa.string(),
        "currency": pa.string(),
        "quantity": pa.int64(),
        "arr": pa.int64(),
        "counted": pa.bool_(),
        "from_at": pa.timestamp("us", "UTC"),
        "to_at": pa.timestamp("us", "UTC"),
        "evidence": pa.string(),
        "discounts": pa.string(),
    }
)
"""Segments by column."""


def timeline(life: Life, past: History | None = None) -> list[Segment]:
    """The segments of all items of a subscription: per item in order of time, without overlap.

    past: its history, where it is known already.
    """
    past = past or history(life)
    found = past.spans
    recurring = [each for each in past.discounts if each.coupon and each.coupon.duration != "once"]
    if not recurring:
        return _merged([_segment(life, span, _undiscounted(span), span.start, span.end) for span in found])
    pieces = [piece for span in found for piece in _cut(span, _instants(found, recurring))]
    return _merged(_valued(life, pieces, recurring))


def _segment(
    life: Life, span: Span, arr: int, start: datetime, end: datetime | None, coupons: str | None = None
) -> Segment:
    item, price = span.item, span.item.price
    return Segment(
        life.id,
        item.id,
        life.customer_id,
        price.product_id if price else None,
        price.id if price else None,
        price.interval_name if price else None,
        (price.currency if price else None) or life.currency,
        item.quantity,
        arr,
        span.counted,
        start,
        end,
        span.evidence,
        coupons,
    )


@lru_cache(maxsize=65536)
def _value(price: Price, quantity: int | None) -> Fraction:
    return yearly(price, quantity) or Fraction(0)


@lru_cache(maxsize=65536)
def _rounded(price: Price, quantity: int | None) -> int:
    return half_up(_value(price, quantity))


def _undiscounted(span: Span) -> int:
    """A span's ARR without discounts; 0 when it does not count."""
    return _rounded(span.item.price, span.item.quantity) if span.counted and span.item.price else 0


def _instants(found: Sequence[Span], discounts: Sequence[Discount]) -> list[datetime]:
    """Every instant at which the value of any item may change, ascending."""
    instants = [instant for span in found for instant in (span.start, span.end)]
    instants += [instant for discount in discounts for instant in (discount.start, discount.end)]
    return sorted({instant for instant in instants if instant is not None})


def _cut(span: Span, instants: Iterable[datetime]) -> Iterator[Span]:
    """A span cut where something may change."""
    inside = [each for each in instants if span.start < each and (span.end is None or each < span.end)]
    for start, end in pairwise([span.start, *inside, span.end]):
        if start is not None:
            yield Span(span.item, start, end, span.counted, span.evidence)


def _valued(life: Life, pieces: Sequence[Span], discounts: Sequence[Discount]) -> list[Segment]:
    """Pieces as segments: those that begin together are discounted together."""
    values: dict[int, int] = {}
    coupons: dict[int, str | None] = {}
    for start in {piece.start for piece in pieces}:
        together = [index for index, piece in enumerate(pieces) if piece.start == start and piece.counted]
        lines = [line_of(pieces[index]) for index in together]
        in_force = reducing(discounts, start)
        values |= zip(together, discounted(lines, in_force, life.currency), strict=True)
        coupons |= zip(together, (taken_off(line, in_force) for line in lines), strict=True)
    return [
        _segment(life, piece, values.get(index, 0), piece.start, piece.end, coupons.get(index))
        for index, piece in enumerate(pieces)
    ]


def taken_off(line: Line, discounts: Sequence[Discount]) -> str | None:
    """The ids of the coupons that reach an item, in the order in which they apply, joined by "|"."""
    reaching = [each for each in in_order(discounts) if applies(each, line)]
    return "|".join(each.coupon.id for each in reaching if each.coupon) or None


def line_of(span: Span) -> Line:
    """A span as discounts see it."""
    price = span.item.price
    if price is None:
        return Line(span.item.id, None, Fraction(0), Fraction(0))
    return Line(span.item.id, price.product_id, _value(price, span.item.quantity), price.periods_per_year)


def _merged(segments: Sequence[Segment]) -> list[Segment]:
    """Segments with equal neighbours of the same item joined."""
    merged: list[Segment] = []
    for segment in segments:
        last = merged[-1] if merged else None
        if last and last.to_at == segment.from_at and _same(last, segment):
            merged[-1] = last._replace(to_at=segment.to_at)
        else:
            merged.append(segment)
    return merged


def _same(one: Segment, other: Segment) -> bool:
    unchanging = one._replace(from_at=other.from_at, to_at=other.to_at)
    return unchanging == other
