"""Discounts in a request: coupons and promotion codes to redeem, and those held that are to stay."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.api.actions.asked import present, rows
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.billing import Billing
from data.sandbox.billing.discounting import Asked

Json = dict[str, Any]
_WAYS = ("coupon", "discount", "promotion_code")


def discounts_asked(billing: Billing, name: str, value: Any, held: Sequence[Json] = ()) -> list[Asked]:
    """What a `discounts` parameter asks for, in its order; an empty text asks for none."""
    known = {each["id"]: each for each in held}
    return [
        _asked(billing, f"{name}[{place}]", row, known) for place, row in enumerate(rows(name, value, _WAYS))
    ]


def _asked(billing: Billing, name: str, row: Json, held: dict[str, Json]) -> Asked:
    if len(row) != 1:
        raise invalid(
            name, "You must specify exactly one of these parameters: coupon, discount, promotion_code."
        )
    if identity := row.get("discount"):
        if identity not in held:
            raise StripeError(400, f"No such discount: '{identity}'", "resource_missing", f"{name}[discount]")
        return Asked(held[identity])
    if code := row.get("promotion_code"):
        return _by_code(billing, code, f"{name}[promotion_code]")
    return Asked(None, usable(billing, row.get("coupon"), f"{name}[coupon]"))


def _by_code(billing: Billing, identity: Any, param: str) -> Asked:
    code = present(billing, "promotion_codes", "promotion code", identity, param)
    expired = code["expires_at"] is not None and code["expires_at"] <= billing.now
    if not code["active"] or expired:
        raise invalid(param, "This promotion code cannot be redeemed because it is inactive or has expired.")
    return Asked(None, usable(billing, code["promotion"]["coupon"], param), code["id"])


def usable(billing: Billing, identity: Any, param: str) -> str:
    """A coupon's id; refused where it cannot be redeemed any more."""
    coupon = present(billing, "coupons", "coupon", identity, param)
    expired = coupon["redeem_by"] is not None and coupon["redeem_by"] <= billing.now
    if expired or not coupon["valid"]:
        raise invalid(param, f"Coupon expired: {coupon['id']}", "coupon_expired")
    return str(coupon["id"])
