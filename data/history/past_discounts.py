"""Which discounts a subscription had, and until when: those it has, and those that are gone."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from data.discounts import Discount
from data.evidence import Bill
from data.history.life import Hidden, Life, Removal, first
from data.money import half_up

RECURRING = ("forever", "repeating")
BILLS = ("subscription_cycle", "subscription_create")
"""Invoices that show every discount in force; those of a proration do not."""


def discounts(life: Life) -> tuple[list[Discount], list[Removal]]:
    """Every recurring discount of a subscription's life, each from when to when it was in force.

    And those of them that were taken off at a time that nothing dates.
    """
    now = {each.id for each in life.discounts if each.id}
    gone = [each for key, each in life.evidence.discounts.items() if key not in now and _recurs(each)]
    removals = [_removal(life, each) for each in gone]
    past = [
        replace(each, end=first(each.end, removal.placed))
        for each, removal in zip(gone, removals, strict=True)
    ]
    order = _order(life)
    every = sorted([*past, *life.discounts], key=lambda each: order.get(each.id or "", len(order)))
    return every, [each for each in removals if each.earliest is not None]


def _order(life: Life) -> dict[str, int]:
    """The order in which discounts apply, as they were first seen on the subscription."""
    bills = [(each.created, each.discounts) for each in life.evidence.bills]
    events = [(each.at, each.after.discounts) for each in life.evidence.snapshots]
    seen = [key for _, keys in sorted([*bills, *events], key=lambda each: each[0]) for key in keys]
    present = [each.id for each in life.discounts if each.id]
    return {key: place for place, key in enumerate(dict.fromkeys([*seen, *present]))}


def _recurs(discount: Discount) -> bool:
    return discount.coupon is not None and discount.coupon.duration in RECURRING


def _removal(life: Life, discount: Discount) -> Removal:
    """When a discount that is gone was taken off.

    An event says so, it ran out, another took its place; else at the latest when the first invoice lacks it,
    when the first event is kept that would have told, or when the subscription ended.
    """
    for each in life.evidence.snapshots:
        if each.before and discount.id in each.before.discounts and discount.id not in each.after.discounts:
            return Removal(discount, each.at)
    last = max((each.created for each in _showing(life, discount)), default=discount.start)
    if last is None:
        return Removal(discount, discount.end)
    seen = _missed(life, last)
    ran_out = None if life.observed and discount.end and discount.end > life.observed else discount.end
    for known in (first(ran_out, min(_given(life, last), default=None)), life.ended):
        if known is not None and (seen is None or known <= seen):
            return Removal(discount, known)
    return Removal(discount, seen or last, last, seen)


def _showing(life: Life, discount: Discount) -> Iterator[Bill]:
    return (each for each in life.evidence.bills if discount.id in each.discounts)


def _missed(life: Life, last: datetime) -> datetime | None:
    """The first instant after an invoice that shows a discount at which it is known to be gone."""
    bills = (each.created for each in life.evidence.bills if each.reason in BILLS)
    since = life.evidence.events_from
    lacking = min((each for each in bills if each > last), default=None)
    return first(lacking, since if since and since > last else None)


def _given(life: Life, after: datetime) -> Iterator[datetime]:
    """When other discounts were given after an instant."""
    for each in (*life.discounts, *life.evidence.discounts.values()):
        if each.start and each.start > after and not each.of_customer:
            yield each.start


def hidden(life: Life) -> Iterator[Hidden]:
    """Discounts that invoices name, and nothing shows: from the first that has each to the first without."""
    shown = {*life.evidence.discounts, *(each.id for each in life.discounts)}
    having: dict[str, list[Bill]] = defaultdict(list)
    for bill in life.evidence.bills:
        for key in bill.taken_off:
            if key not in shown:
                having[key].append(bill)
    for key, bills in having.items():
        until = first(_missed(life, bills[-1].created), life.ended)
        if yearly := half_up(bills[-1].taken_off[key]):
            yield Hidden(bills[0].created, until, yearly)
