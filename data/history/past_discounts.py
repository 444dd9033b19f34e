"""Which discounts a subscription had, and until when: those it has, and those that are gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from data.discounts import Discount
from data.history.life import Life, Removal, first

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
    return [*past, *life.discounts], [each for each in removals if each.earliest is not None]


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
    bills = life.evidence.bills
    last = max((each.created for each in bills if discount.id in each.discounts), default=discount.start)
    if last is None:
        return Removal(discount, discount.end)
    lacking = (each.created for each in bills if each.reason in BILLS and each.created > last)
    since = life.evidence.events_from
    seen = first(min(lacking, default=None), since if since and since > last else None)
    for certain in (discount.end, min(_given(life, last), default=None), life.ended):
        if certain is not None and (seen is None or certain <= seen):
            return Removal(discount, certain)
    return Removal(discount, seen, last)


def _given(life: Life, after: datetime) -> Iterator[datetime]:
    """When other discounts were given after an instant."""
    for each in (*life.discounts, *life.evidence.discounts.values()):
        if each.start and each.start > after:
            yield each.start
