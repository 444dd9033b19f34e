"""Stripe's objects as actions see them: read whole, told in words, valued, and previewed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from dashboard import formatting
from dashboard.actions.base import Money
from dashboard.actions.limits import Stake
from dashboard.actions.marks import everything
from data.clock import from_epoch
from data.gateway import Gateway, NotFound, Refused
from data.records.fields import reference
from data.subscription_value import arr_of

Json = dict[str, Any]
EXPAND = [
    "discounts.source.coupon.applies_to",
    "items.data.discounts",
    "items.data.price.product",
    "items.data.price.tiers",
]
ABSENT: Json = {
    **dict.fromkeys(("cancel_at", "trial_end", "pause_collection", "days_until_due")),
    "cancel_at_period_end": False,
    "collection_method": "charge_automatically",
    "discounts": [],
}
"""What a subscription is where an answer leaves a field out."""
NOTHING_COMING = ("invoice_upcoming_none", "No upcoming invoices")
"""Stripe's code, and its words where a server leaves the code out."""


def get_whole(gateway: Gateway, path: str, *expand: str) -> Json:
    """An object with its references in full, as far as the server expands them. Raises GatewayError."""
    wanted = list(expand)
    while True:
        try:
            return gateway.get(path, {"expand": wanted} if wanted else {})
        except Refused as error:
            if not wanted:
                raise
            refused = next((each for each in wanted if each in error.sentence), wanted[-1])
            wanted.remove(refused)
            if "." in refused:
                wanted.append(refused.rpartition(".")[0])


def read_subscription(gateway: Gateway, command: Any) -> Json:
    """The subscription with prices, products and coupons in full, its customer's e-mail and discount.

    The customer's discount reaches a subscription that has none of its own. Raises GatewayError.
    """
    obj = get_whole(gateway, f"/v1/subscriptions/{command.subscription_id}", *EXPAND)
    customer = gateway.get(f"/v1/customers/{reference(obj['customer'])}")
    items = [_with_coupons(gateway, item) for item in _all_items(gateway, obj)]
    return {
        **ABSENT,
        **_with_coupons(gateway, obj),
        "customer": reference(obj["customer"]),
        "schedule": reference(obj.get("schedule")),
        "items": {**obj["items"], "data": items},
        "customer_email": customer.get("email"),
        "has_card": has_card(customer),
        "customer_discount": customer_discount(gateway, customer),
    }


def has_card(customer: Json) -> bool:
    """Whether there is something to charge: a payment method, or a source as older accounts have them."""
    settings = customer.get("invoice_settings") or {}
    return bool(settings.get("default_payment_method") or customer.get("default_source"))


def _all_items(gateway: Gateway, obj: Json) -> list[Json]:
    """A subscription's items, also those beyond its first page."""
    if not obj["items"].get("has_more"):
        return list(obj["items"]["data"])
    return everything(gateway, "/v1/subscription_items", subscription=obj["id"])


def _with_coupons(gateway: Gateway, obj: Json) -> Json:
    """A subscription or an item, the coupons of its own discounts in full: some are too deep to expand."""
    known = obj.get("discounts") or ()
    given = [_with_coupon(gateway, each) if isinstance(each, dict) else each for each in known]
    return {**obj, "discounts": given} if given else obj


def _with_coupon(gateway: Gateway, discount: Json) -> Json:
    """A discount with its coupon in full; only its id where the coupon was deleted since."""
    coupon = discount["source"]["coupon"]
    if not isinstance(coupon, str):
        return discount
    try:
        whole = get_whole(gateway, f"/v1/coupons/{coupon}", "applies_to")
    except NotFound:
        return discount
    return {**discount, "source": {**discount["source"], "coupon": whole}}


def customer_discount(gateway: Gateway, customer: Json) -> Json | None:
    """The discount of a customer as a whole, its coupon in full; None where there is none."""
    found: Json | None = customer.get("discount")
    coupon = reference(found["source"]["coupon"]) if found else None
    if found is None or coupon is None:
        return None
    return _with_coupon(gateway, {**found, "source": {**found["source"], "coupon": coupon}})


def seen_subscription(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    items = [[item["id"], item["price"]["id"], item.get("quantity")] for item in obj["items"]["data"]]
    pause = obj["pause_collection"]
    return {
        "status": obj["status"],
        "items": items,
        "period ends": min((item["current_period_end"] for item in obj["items"]["data"]), default=None),
        "set to end": obj["cancel_at"],
        "at the period's end": obj["cancel_at_period_end"],
        "discounts": discount_ids(obj),
        "schedule": obj["schedule"],
        "trial ends": obj["trial_end"],
        "collection paused": pause["behavior"] if pause else None,
        "collection": obj["collection_method"],
    }


def discount_ids(obj: Json) -> list[str]:
    """The ids of a subscription's or an item's discounts, expanded or not."""
    return [each["id"] if isinstance(each, dict) else str(each) for each in obj.get("discounts") or ()]


def arr(obj: Json, at: datetime) -> int | None:
    """ARR of the subscription, minor units; None where it is not known."""
    return arr_of(obj, at)


def product_name(price: Mapping[str, Any]) -> str:
    """The name of a price's product, or its id."""
    product = price["product"]
    return str(product["name"] if isinstance(product, dict) and product.get("name") else product)


def is_metered(price: Mapping[str, Any]) -> bool:
    """Whether a price is of use that is counted, which has no quantity."""
    return (price.get("recurring") or {}).get("usage_type") == "metered"


def quantity_of(item: Mapping[str, Any]) -> int:
    """An item's quantity; 1 where use is metered and there is none."""
    quantity = item.get("quantity")
    return 1 if quantity is None else int(quantity)


def item_in_words(item: Mapping[str, Any]) -> str:
    """ "5 × Professional at $29.00 monthly"."""
    price = item["price"]
    recurring = price.get("recurring") or {}
    every = formatting.interval(
        f"{recurring.get('interval_count', 1)}{recurring.get('interval', '')}"
    ).lower()
    unit = formatting.unit_price(str(price.get("unit_amount_decimal") or ""), price["currency"])
    return f"{quantity_of(item)} × {product_name(price)} at {unit} {every}"


def item_rows(before: Json, after: Json) -> tuple[tuple[str, str, str], ...]:
    """Items side by side, those of the same product in one row."""
    sides: list[dict[str, list[str]]] = [{}, {}]
    for side, obj in zip(sides, (before, after), strict=True):
        for item in obj["items"]["data"]:
            side.setdefault(product_name(item["price"]), []).append(item_in_words(item))
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    one, two = ({name: " and ".join(told) for name, told in side.items()} for side in sides)
    return tuple((name, one.get(name, "–"), two.get(name, "–")) for name in names)


def discounts_in_words(obj: Json) -> str:
    """A subscription's discounts in words: its own, or else that of its customer."""
    told = [
        _coupon(each["source"]["coupon"] if isinstance(each, dict) else each) for each in obj["discounts"]
    ]
    general = obj.get("customer_discount")
    if general and not told:
        return f"{_coupon(general['source']['coupon'])}, of the customer"
    return ", ".join(told) or "None"


def _coupon(coupon: Json | str | None) -> str:
    if not isinstance(coupon, dict):
        return f"{coupon or 'a coupon'}: Stripe does not show what it takes off"
    if coupon.get("percent_off"):
        off = f"{coupon['percent_off']:g}%"
    else:
        off = formatting.amount(coupon.get("amount_off"), str(coupon.get("currency")))
    return f"{coupon.get('name') or coupon['id']}: {off} off, {coupon['duration']}"


def invoice_of(
    gateway: Gateway, subscription_id: str, details: Json, at: datetime, *, discounts: Any = None
) -> Money | None:
    """The invoice that a change leads to, by Stripe's own preview; None when nothing will be billed.

    It is due now where Stripe would bill at once, else when the period ends.
    """
    params: Json = {"subscription": subscription_id}
    if details:
        params["subscription_details"] = details
    if discounts is not None:
        params["discounts"] = discounts
    try:
        found = gateway.write("post", "/v1/invoices/create_preview", params, f"preview-{uuid4().hex}").object
    except (Refused, NotFound) as error:
        if error.code == NOTHING_COMING[0] or NOTHING_COMING[1] in error.sentence:
            return None
        raise
    moment = from_epoch(found.get("next_payment_attempt") or found.get("period_end"))
    at_once = bool(details.get("cancel_now")) or _is_billed_at_once(found, details)
    now = at_once or moment is None or moment <= at
    return money_of(found, now, at if at_once else moment, details.get("proration_date"))


def money_of(invoice: Json, now: bool, at: datetime | None = None, since: int | None = None) -> Money:
    """A previewed invoice; its lines, what further ones come to, discounts and taxes add up to its total.

    since: the change's proration date, by which its own prorations are told from those that waited.
    """
    lines = [(line.get("description") or "", int(line["amount"])) for line in invoice["lines"]["data"]]
    parts = (
        ("Further lines", int(invoice["subtotal"]) - sum(amount for _, amount in lines)),
        ("Discounts", -sum(int(each["amount"]) for each in invoice.get("total_discount_amounts") or ())),
        (
            "Taxes",
            sum(
                int(each["amount"])
                for each in invoice.get("total_taxes") or ()
                if each["tax_behavior"] == "exclusive"
            ),
        ),
    )
    lines += [part for part in parts if part[1]]
    return Money(
        invoice["currency"],
        int(invoice["total"]),
        int(invoice["amount_due"]),
        tuple(lines),
        now,
        at,
        _prorated(invoice["lines"]["data"], since),
    )


def _prorated(lines: list[Json], since: int | None) -> int:
    """What a change charges or credits for parts of periods: Stripe begins its prorations at their date."""
    if since is None:
        return 0
    prorations = [line for line in lines if _is_proration(line)]
    own = [line for line in prorations if line["period"]["start"] == since]
    return sum(int(line["amount"]) for line in own or prorations)


def _is_billed_at_once(invoice: Json, details: Json) -> bool:
    """Whether a change has an invoice of its own: Stripe makes one of its prorations, none in a trial."""
    since = details.get("proration_date")
    own = [line for line in invoice["lines"]["data"] if _is_proration(line)]
    at_once = details.get("proration_behavior") == "always_invoice"
    return at_once and any(since is None or line["period"]["start"] == since for line in own)


def _is_proration(line: Json) -> bool:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def credit_stake(money: Money | None) -> tuple[Stake, ...]:
    """What an invoice gives back for parts of periods."""
    given = -money.prorated if money else 0
    return (Stake("credit", given, money.currency),) if money and given > 0 else ()
