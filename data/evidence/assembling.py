"""Rows as the evidence of each subscription."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from data.clock import from_epoch
from data.discounts import Coupon, Discount
from data.evidence.events import item_created, snapshots
from data.evidence.facts import Bill, Charge, Evidence, Phase, Snapshot
from data.evidence.lines import charges
from data.evidence.reading import Failure, Found
from data.records.fields import reference
from data.valuation import Price

Json = dict[str, Any]
Prices = Mapping[str, Price]
Coupons = Mapping[str, Coupon]


@dataclass(frozen=True)
class _Sources:
    """Everything that was read, ready to be asked for one subscription."""

    found: Found
    charged: Mapping[str, list[Charge]]
    taken_off: Mapping[str, Mapping[str, Fraction]]  # by invoice and discount, minor units a year
    shown: Mapping[str, Discount]  # by events
    prices: Prices
    coupons: Coupons

    def price(self, obj: Json) -> Price | None:
        """The price behind a price object or reference of an event."""
        return self.prices.get(obj["id"] or "")


def assembled(found: Found, prices: Prices, coupons: Coupons) -> dict[str, Evidence]:
    """The evidence by subscription, of those that have any."""
    charged = charges(found.lines, found.pending, prices)
    shown = {key: discount_of(obj, coupons) for key, obj in found.discounts.items()}
    sources = _Sources(found, charged, _taken_off(found.lines, prices), shown, prices, coupons)
    named = {*found.events, *charged, *found.bills, *found.schedules}
    return {key: _evidence(key, sources) for key in named}


def _evidence(key: str, sources: _Sources) -> Evidence:
    found = sources.found
    events, rows = found.events.get(key, ()), found.bills.get(key, ())
    seen = tuple(snapshots(events, sources.price))
    bills = tuple(_bill(row, sources.taken_off.get(row.id, {}), found.failures) for row in rows)
    return Evidence(
        tuple(sorted(sources.charged.get(key, ()), key=lambda each: each.start)),
        bills,
        seen,
        tuple(phase for row in found.schedules.get(key, ()) for phase in _phases(row)),
        _discounts(rows, bills, seen, sources),
        item_created(events),
        found.events_from,
    )


def _discounts(
    rows: Iterable[Any], bills: Iterable[Bill], seen: Iterable[Snapshot], sources: _Sources
) -> dict[str, Discount]:
    """The discounts that a subscription's invoices and events name, where anything shows them."""
    named = {key for bill in bills for key in bill.discounts}
    named |= {key for each in seen for state in (each.before, each.after) if state for key in state.discounts}
    expanded = [each for row in rows for each in row.discounts or () if each.get("start")]
    return {key: sources.shown[key] for key in named if key in sources.shown} | {
        each["id"]: discount_of(each, sources.coupons) for each in expanded
    }


def discount_of(obj: Json, coupons: Coupons) -> Discount:
    """A discount object, as Stripe gives it or as an invoice's row keeps it."""
    coupon = reference((obj.get("source") or {}).get("coupon")) or obj.get("coupon")
    item = obj.get("subscription_item")
    ends = (from_epoch(obj.get("start")), from_epoch(obj.get("end")))
    return Discount(coupons.get(coupon or ""), item, *ends, id=obj["id"])


def coupon_ids(found: Found) -> set[str]:
    """The coupons that discounts in events and on invoices name."""
    shown = [each for rows in found.bills.values() for row in rows for each in row.discounts or ()]
    named = {each.get("coupon") for each in shown}
    named |= {reference((obj.get("source") or {}).get("coupon")) for obj in found.discounts.values()}
    return {each for each in named if each}


def _taken_off(lines: Iterable[Any], prices: Prices) -> dict[str, dict[str, Fraction]]:
    """What each discount took off the periods that an invoice bills, a year; not what is given back."""
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for row in lines:
        price = prices.get(row.price_id or "")
        times = price.periods_per_year if price and not row.proration else Fraction(0)
        for part in row.discount_amounts or ():
            if (part.get("amount") or 0) > 0 and part.get("discount"):
                found[row.invoice_id][part["discount"]] += part["amount"] * times
    return found


def _bill(row: Any, taken_off: Mapping[str, Fraction], failures: Mapping[Failure, list[datetime]]) -> Bill:
    every = failures.get((row.id, None)) or failures.get((row.customer_id, row.amount_due)) or []
    inside = (at for at in every if row.created_at <= at and not (row.paid_at and at > row.paid_at))
    failed = list({at.date(): at for at in inside}.values())  # others of this amount may fail on the same day
    return Bill(
        row.created_at,
        row.billing_reason,
        row.status,
        row.collection_method,
        row.amount_due or 0,
        row.attempt_count or 0,
        row.finalized_at,
        row.paid_at,
        row.marked_uncollectible_at,
        next(reversed(failed[: max(1, row.attempt_count or 0)]), None),
        tuple(dict.fromkeys([*(each["id"] for each in row.discounts or ()), *sorted(taken_off)])),
        taken_off,
    )


def _phases(row: Any) -> Iterable[Phase]:
    """The phases that a schedule set: not what a running subscription had when it was put under one."""
    stopped = [row.canceled_at, row.released_at, row.completed_at]
    until = min((each for each in stopped if each is not None), default=None)
    for phase in row.phases or ():
        start = from_epoch(phase.get("start"))
        if start and row.created_at and start >= row.created_at and (until is None or start < until):
            items = ((each.get("price"), each.get("quantity") or 1) for each in phase.get("items") or ())
            yield Phase(start, frozenset(items))
