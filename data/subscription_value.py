"""The run rate of a Stripe subscription object by the ledger's rules: also of one that does not exist yet."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from data.clock import from_epoch
from data.discounts import Coupon, Discount, Line, discounted
from data.lives import coupon_of, price_of
from data.records import catalog
from data.records.fields import listed, reference
from data.valuation import is_recurring, yearly

Json = dict[str, Any]
COUNTED = ("active", "past_due")


def arr_of(subscription: Json, at: datetime) -> int | None:
    """ARR in minor units of the subscription's currency; 0 where its status does not count.

    The prices and coupons must be expanded; customer_discount is that of the customer as a whole, where there
    is one. None: a price, its tiers or a coupon is not known.
    """
    if subscription["status"] not in COUNTED:
        return 0
    lines, discounts = _lines(subscription, at), _discounts(subscription, at)
    if lines is None or discounts is None:
        return None
    in_force = [each for each in discounts if each.in_force(at)]
    return sum(discounted(lines, in_force, subscription["currency"]))


def share_taken_off(subscription: Json, at: datetime) -> Fraction | None:
    """What all discounts together take off an invoice, 0 to 1, those for one invoice too; None: not known."""
    lines, discounts = _lines(subscription, at), _discounts(subscription, at)
    if lines is None or discounts is None:
        return None
    whole = sum((line.yearly for line in lines), Fraction(0))
    left = [each for each in discounts if each.end is None or at < each.end]
    rest = sum(discounted(lines, left, subscription["currency"]))
    if not whole:  # what they take off shows when it costs something
        return None if left else Fraction(0)
    return max(Fraction(0), 1 - rest / whole)


def _lines(subscription: Json, at: datetime) -> list[Line] | None:
    """The items; None where one's worth is not known."""
    lines = [_line(item, at) for item in listed(subscription["items"])]
    known = [line for line in lines if line is not None]
    return known if len(known) == len(lines) else None


def _discounts(subscription: Json, at: datetime) -> list[Discount] | None:
    """Those of single items, and of the subscription or else its customer; None where one is not known."""
    general = subscription.get("customer_discount")
    given = subscription.get("discounts") or ([general] if general else [])
    found = [_discount(each, at) for each in given]
    for item in listed(subscription["items"]):
        found += [
            replace(_discount(each, at), item_id=item.get("id")) for each in item.get("discounts") or ()
        ]
    return None if any(each.coupon is None for each in found) else found


def _line(item: Json, at: datetime) -> Line | None:
    price = price_of(SimpleNamespace(**catalog.price(item["price"], at)))
    if not is_recurring(price):
        return Line(item.get("id"), price.product_id, Fraction(0), Fraction(0))
    value = yearly(price, item.get("quantity"))
    return None if value is None else Line(item.get("id"), price.product_id, value, price.periods_per_year)


def _discount(discount: Json | str, at: datetime) -> Discount:
    if isinstance(discount, str):
        return Discount(None, None, None, None, discount)
    source = discount["source"]["coupon"]
    coupon: Coupon | None = None
    if isinstance(source, dict):
        coupon = coupon_of(SimpleNamespace(**catalog.coupon(source, at)))
    ends = from_epoch(discount.get("start")), from_epoch(discount.get("end"))
    return Discount(coupon, reference(discount.get("subscription_item")), *ends, discount["id"])
