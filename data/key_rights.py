"""What the key may change at Stripe, found out without changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from data.gateway import Forbidden, Gateway, GatewayError, NotFound, Refused

NOBODY = "of_which_there_is_none"
WRITES: Mapping[str, tuple[str, str]] = {
    "subscriptions": ("sub", "plan, capacity, cancel, trial, pause, discounts"),
    "subscription_schedules": ("sub_sched", "changes at the renewal"),
    "customers": ("cus", "billing details, tax ids, adding customers"),
    "payment_methods": ("pm", "choosing another card"),
    "invoices": ("in", "send, charge, void, write off, previews of changes"),
    "credit_notes": ("cn", "credits"),
    "refunds": ("re", "refunds"),
    "quotes": ("qt", "sending and accepting quotes"),
    "coupons": ("coupon", "discounts of quotes"),
    "products": ("prod", "catalog push, what quotes sell beside it"),
    "prices": ("price", "catalog push, what quotes sell beside it"),
}
"""Resources: how their ids begin, and what people do with write access to them."""


@dataclass(frozen=True)
class Rights:
    """What may be changed, what may not, and what Stripe did not tell, by resource."""

    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    unclear: tuple[str, ...]


def rights(gateway: Gateway) -> Rights:
    """Ask Stripe to change objects that are not there: who may not is refused before they are looked for."""
    found = {name: _may(gateway, name, prefix) for name, (prefix, _) in WRITES.items()}
    return Rights(*(tuple(name for name in found if found[name] is answer) for answer in (True, False, None)))


def _may(gateway: Gateway, name: str, prefix: str) -> bool | None:
    try:
        path = f"/v1/{name}/{prefix}_{NOBODY}"
        gateway.write("post", path, {"metadata": {"asked": "by doctor"}}, f"doctor {name}")
    except Forbidden:
        return False
    except (NotFound, Refused):
        return True
    except GatewayError:
        return None
    return True
