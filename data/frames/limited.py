"""What coupons that end by themselves take off segments of the timeline."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Select, func, select

from data.discounts import Coupon, Discount, Line, discounted
from data.frames.reading import total
from data.lives import coupon_of, price_of
from data.money import half_up
from data.tables import ledger, mirror
from data.valuation import Price, yearly

line = ledger.timeline.c
TERMS = (line.price_id, line.quantity, line.discounts)
ENDING = "repeating"
Found = tuple[Sequence[Any], int, int]


def of_segments(connection: Connection, rows: Select[Any]) -> Iterator[Found]:
    """The key, ARR and number of items of segments with such a coupon; rows are a key's columns, then arr.

    The ARR is the value under lasting coupons alone, less the value as it is.
    """
    coupons = {row.id: coupon_of(row) for row in connection.execute(select(mirror.coupon))}
    ending = {each.id for each in coupons.values() if each.duration == ENDING}
    if not ending:
        return
    *key, arr, price_id, quantity, discounts = rows.add_columns(*TERMS).subquery().c
    group = (*key, price_id, quantity, discounts)
    found = connection.execute(select(*group, total(arr), func.count()).group_by(*group)).all()
    prices = _prices(connection)
    stacked: set[str] = set()
    for *cell, price, count, named, amount, items in found:
        names = set(named.split("|"))
        if names <= ending:
            value = half_up(_yearly(prices.get(price), count))
            yield cell, value * items - int(amount), items
        elif names & ending:
            stacked.add(named)
    if stacked:
        yield from _stacked(
            connection, rows, stacked, prices, [coupons[each] for each in coupons.keys() - ending]
        )


def _prices(connection: Connection) -> dict[str, Price]:
    return {row.id: price_of(row) for row in connection.execute(select(mirror.price))}


def _yearly(price: Price | None, quantity: int | None) -> Fraction:
    return Fraction(0) if price is None else yearly(price, quantity) or Fraction(0)


def _stacked(
    connection: Connection,
    rows: Select[Any],
    stacked: set[str],
    prices: Mapping[str, Price],
    lasting: Sequence[Coupon],
) -> Iterator[Found]:
    """Of subscriptions with both kinds: their items valued together, as they are discounted."""
    every = rows.add_columns(line.subscription_id, line.subscription_item_id, *TERMS)
    whose = rows.with_only_columns(line.subscription_id).where(line.discounts.in_(stacked))
    together: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(every.where(line.subscription_id.in_(whose))):
        together[row.subscription_id].append(row)
    for items in together.values():
        values = _lasting(items, prices, {each.id: each for each in lasting})
        for row, value in zip(items, values, strict=True):
            if row.discounts in stacked:
                yield row[:-6], value - row.arr, 1


def _lasting(items: Sequence[Any], prices: Mapping[str, Price], lasting: Mapping[str, Coupon]) -> list[int]:
    """The ARR of a subscription's items under lasting coupons alone."""
    lines = [
        Line(
            row.subscription_item_id,
            prices[row.price_id].product_id,
            _yearly(prices[row.price_id], row.quantity),
            prices[row.price_id].periods_per_year,
        )
        for row in items
    ]
    return discounted(lines, _discounts(items, lasting), items[0].currency)


def _discounts(items: Sequence[Any], lasting: Mapping[str, Coupon]) -> list[Discount]:
    """Each lasting coupon that items name: on the subscription where all of them do, else on those items."""
    named = [(row.subscription_item_id, row.discounts.split("|")) for row in items]
    order = dict.fromkeys(each for _, names in named for each in names if each in lasting)
    given = []
    for each in order:
        holders = [item for item, names in named if each in names]
        whose = [None] if len(holders) == len(items) else holders
        given += [Discount(lasting[each], item, None, None) for item in whose]
    return given
