"""A subscription's items in a request: prices, quantities, discounts, and from when they are prorated."""

from collections.abc import Mapping
from typing import Any

from data.sandbox.api.actions.asked import count, one_of, present, rows
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.actions.price_data import price_asked
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import truth, whole
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, changes

Json = dict[str, Any]
ITEM = ("id", "price", "price_data", "quantity", "deleted", "discounts", "metadata")
PRORATION = ("always_invoice", "create_prorations", "none")


def change_items(billing: Billing, subscription: Json, given: Mapping[str, Any]) -> None:
    """Set, add and remove items as a request asks, prorated as it asks."""
    behaviour = behaviour_of(given)
    wanted = [
        _item(billing, subscription, place, row)
        for place, row in enumerate(rows("items", given["items"], ITEM))
    ]
    at = proration_date(subscription, given, billing.now)
    left = {item["id"] for item in subscription["items"]["data"]}
    left -= {row["id"] for row in wanted if row.get("deleted")}
    if not left and not any("id" not in row for row in wanted):
        raise invalid("items", "You cannot remove all items of a subscription: cancel it instead.")
    changes.change_items(billing, subscription["id"], wanted, behaviour, at)


def behaviour_of(given: Mapping[str, Any]) -> str:
    """What becomes of prorations; they wait for the next invoice where nothing is said."""
    return one_of("proration_behavior", given.get("proration_behavior", "create_prorations"), PRORATION)


def proration_date(subscription: Json, given: Mapping[str, Any], now: int) -> int:
    """The instant to prorate from, within the current period; now where none is asked for."""
    if "proration_date" not in given:
        return now
    at = whole("proration_date", given["proration_date"])
    periods = [
        (each["current_period_start"], each["current_period_end"]) for each in subscription["items"]["data"]
    ]
    if not any(start <= at <= end for start, end in periods):
        raise invalid(
            "proration_date",
            "Cannot specify proration_date outside of the current period.",
        )
    return at


def _item(billing: Billing, subscription: Json, place: int, row: Json) -> Json:
    name = f"items[{place}]"
    wanted: Json = {}
    held = {item["id"]: item for item in subscription["items"]["data"]}
    known: Json = held.get(row.get("id", ""), {})
    if "id" in row:
        if row["id"] not in held:
            raise StripeError(
                400, f"No such subscription_item: '{row['id']}'", "resource_missing", f"{name}[id]"
            )
        wanted["id"] = row["id"]
    if "price" in row or "price_data" in row:
        wanted["price"] = _price(billing, subscription, row, name)
    if "quantity" in row:
        wanted["quantity"] = count(f"{name}[quantity]", row["quantity"])
    elif "price" in wanted and "id" in wanted:
        wanted |= {} if held[row["id"]]["price"]["id"] == wanted["price"] else {"quantity": 1}
    if "metadata" in row:
        wanted["metadata"] = new_metadata(f"{name}[metadata]", row["metadata"], known.get("metadata"))
    if "discounts" in row:
        carried = known.get("discounts", ())
        wanted["discounts"] = discounts_asked(billing, f"{name}[discounts]", row["discounts"], carried)
    if "deleted" in row:
        wanted["deleted"] = truth(f"{name}[deleted]", row["deleted"])
    if "id" not in wanted and "price" not in wanted:
        raise invalid(name, "You must pass either `id` or `price` for every item.")
    return wanted


def _price(billing: Billing, subscription: Json, row: Json, name: str) -> str:
    if "price_data" in row:
        return _fitting(subscription, price_asked(billing, name, row), f"{name}[price_data]")
    identity, param = row["price"], f"{name}[price]"
    price = present(billing, "prices", "price", identity, param)
    if not price["active"]:
        raise invalid(
            param, f"The price specified is inactive. This field only accepts active prices: {identity}"
        )
    return _fitting(subscription, price, param)


def _fitting(subscription: Json, price: Json, param: str) -> str:
    """The id of a price that the subscription can have."""
    identity = price["id"]
    if price["type"] != "recurring":
        raise invalid(
            param,
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            f"`type=recurring`: {identity}",
        )
    if price["currency"] != subscription["currency"]:
        raise invalid(
            param,
            f"The price specified only supports `{price['currency']}`. This doesn't match the expected "
            f"currency: `{subscription['currency']}`.",
        )
    return str(identity)
