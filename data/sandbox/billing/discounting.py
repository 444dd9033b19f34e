"""What discounts take off amounts: each line's own first, then those of the whole invoice."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from data.sandbox.billing import Billing
from data.sandbox.billing.periods import shifted
from data.sandbox.billing.pricing import amount_of, discounted
from data.sandbox.factory import discount as new_discount

Json = dict[str, Any]
CouponOf = Callable[[Json], Json]


class Row(NamedTuple):
    """An amount in minor units, the product that it is for, and the discounts that are its own."""

    amount: int
    product: str | None
    discounts: Sequence[Json] = ()


class Asked(NamedTuple):
    """A discount that is held and stays, else a coupon to redeem, by a code where one was given."""

    held: Json | None
    coupon: str = ""
    promotion_code: str | None = None


def taken_off(
    rows: Sequence[Row], shared: Sequence[Json], coupon_of: CouponOf, currency: str
) -> list[list[tuple[int, str]]]:
    """(amount off, discount id) of each row, in the order in which they are taken; 0 where none fits."""
    left = [row.amount for row in rows]
    taken: list[list[tuple[int, str]]] = [[] for _ in rows]
    for place, row in enumerate(rows):
        for discount in row.discounts:
            _take(left, taken, [place], rows, discount, coupon_of(discount), currency)
    for discount in shared:
        _take(left, taken, range(len(rows)), rows, discount, coupon_of(discount), currency)
    return taken


def _take(
    left: list[int],
    taken: list[list[tuple[int, str]]],
    places: Sequence[int],
    rows: Sequence[Row],
    discount: Json,
    coupon: Json,
    currency: str,
) -> None:
    products = (coupon.get("applies_to") or {}).get("products")
    covered = [left[place] if not products or rows[place].product in products else 0 for place in places]
    (off,) = discounted(covered, [coupon], currency)
    for place, amount in zip(places, off, strict=True):
        left[place] -= amount
        taken[place].append((amount, discount["id"]))


def coupon_in(billing: Billing) -> CouponOf:
    """Finds the coupon behind a discount."""
    return lambda discount: billing.get("coupons", discount["source"]["coupon"])


def redeemed(billing: Billing, coupon_id: str, promotion_code: str | None = None, **owner: Any) -> Json:
    """A new discount from a coupon, from now on, and the coupon's and code's counts; the caller keeps it.

    owner: customer, subscription, subscription_item, invoice or invoice_item.
    """
    coupon = billing.get("coupons", coupon_id)
    lasting = coupon["duration"] == "repeating" and ("subscription" in owner or "subscription_item" in owner)
    end = shifted(billing.now, "month", coupon["duration_in_months"]) if lasting else None
    identity = billing.new_id("di_1")
    found = new_discount(identity, billing.now, coupon_id, end, promotion_code=promotion_code, **owner)
    _count(billing, "coupons", coupon)
    if promotion_code is not None:
        _count(billing, "promotion_codes", billing.get("promotion_codes", promotion_code))
    return found


def given(billing: Billing, asked: Sequence[Asked], **owner: Any) -> list[Json]:
    """The discounts that then are: those that stay, and new ones of the owner."""
    return [each.held or redeemed(billing, each.coupon, each.promotion_code, **owner) for each in asked]


def carried(subscription: Json) -> list[Json]:
    """The discounts that a subscription and its items carry."""
    items = subscription["items"]["data"]
    return [*subscription["discounts"], *(each for item in items for each in item["discounts"])]


def drop(billing: Billing, subscription: Json, discount: Json) -> None:
    """Take a discount off a subscription, or off the item that carries it."""
    subscription["discounts"] = _without(subscription["discounts"], discount)
    items = subscription["items"]
    if any(discount in item["discounts"] for item in items["data"]):
        rows = [{**item, "discounts": _without(item["discounts"], discount)} for item in items["data"]]
        subscription["items"] = {**items, "data": rows}
    billing.put("subscriptions", subscription)
    billing.emit("customer.discount.deleted", discount)


def _without(discounts: Sequence[Json], gone: Json) -> list[Json]:
    return [each for each in discounts if each["id"] != gone["id"]]


def _count(billing: Billing, resource: str, obj: Json) -> None:
    """One redemption more; the last one that is allowed is the last."""
    times, most = obj["times_redeemed"] + 1, obj["max_redemptions"]
    over = most is not None and times >= most
    ended = {"valid" if resource == "coupons" else "active": False} if over else {}
    billing.change(resource, obj, None, times_redeemed=times, **ended)


def in_force(billing: Billing, subscription: Json) -> list[Json]:
    """The discounts of a whole subscription; where it has none, its customer's."""
    inherited = billing.get("customers", subscription["customer"])["discount"]
    return subscription["discounts"] or ([inherited] if inherited else [])


def net_amounts(billing: Billing, subscription: Json, items: Sequence[Json]) -> list[int]:
    """What each item costs for a whole period after its own and the subscription's discounts."""
    rows = [
        Row(amount_of(item["price"], item["quantity"]), item["price"]["product"], item["discounts"])
        for item in items
    ]
    shared = in_force(billing, subscription)
    taken = taken_off(rows, shared, coupon_in(billing), subscription["currency"])
    return [row.amount - sum(off for off, _ in each) for row, each in zip(rows, taken, strict=True)]
