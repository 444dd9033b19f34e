"""The phases of a schedule in a request: when they run, what they bill, and with which discounts."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.api.actions.asked import (
    count,
    flag,
    mapping,
    one_of,
    present,
    required,
    rows,
    tax_rates,
)
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.actions.items import PRORATION
from data.sandbox.api.actions.price_data import price_asked
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import whole
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing
from data.sandbox.billing.discounting import Asked
from data.sandbox.billing.periods import shifted
from data.sandbox.factory import phase as new_phase
from data.sandbox.factory.subscriptions import automatic_tax

Json = dict[str, Any]
PHASE = (
    "items", "start_date", "end_date", "duration", "proration_behavior", "discounts", "metadata",
    "description", "collection_method", "invoice_settings", "default_payment_method",
    "default_tax_rates", "currency", "automatic_tax",
)  # fmt: skip
ITEM = ("price", "price_data", "quantity", "discounts", "metadata", "tax_rates")
METHODS = ("charge_automatically", "send_invoice")


def phases_asked(billing: Billing, value: Any, begins: int, held: Sequence[Json]) -> list[Json]:
    """Phases as a schedule keeps them, one after the other.

    begins: when the first one starts where it does not say; held: discounts that may be named by their id.
    """
    found: list[Json] = []
    asked = rows("phases", value, PHASE)
    if not asked:
        raise invalid("phases", "You must specify at least one phase.")
    for place, row in enumerate(asked):
        name = f"phases[{place}]"
        start = _start(row, name, found, begins, billing.now)
        found.append(_phase(billing, name, row, (start, _end(row, name, start, billing.now)), held))
    return found


def _start(row: Json, name: str, earlier: list[Json], begins: int, now: int) -> int:
    default = earlier[-1]["end_date"] if earlier else begins
    given = row.get("start_date", str(default))
    start = now if given == "now" else whole(f"{name}[start_date]", given)
    if earlier and start != earlier[-1]["end_date"]:
        raise invalid(f"{name}[start_date]", "Each phase must begin where the one before it ends.")
    return int(start)


def _end(row: Json, name: str, start: int, now: int) -> int:
    if ("end_date" in row) == ("duration" in row):
        if "end_date" in row:
            told = "You may only specify one of these parameters: end_date, duration."
            raise invalid(f"{name}[duration]", told)
        told = f"Missing required param: {name}[end_date]."
        raise StripeError(400, told, "parameter_missing", f"{name}[end_date]")
    if "duration" in row:
        asked = mapping(f"{name}[duration]", row["duration"], ("interval", "interval_count"))
        intervals = ("day", "month", "week", "year")
        interval = one_of(f"{name}[duration][interval]", asked.get("interval"), intervals)
        times = count(f"{name}[duration][interval_count]", asked.get("interval_count", "1"))
        end = shifted(start, interval, times)
    else:
        end = now if row["end_date"] == "now" else whole(f"{name}[end_date]", row["end_date"])
    if end <= start:
        raise invalid(f"{name}[end_date]", "The end date of a phase must be after its start date.")
    return end


def _phase(billing: Billing, name: str, row: Json, dates: tuple[int, int], held: Sequence[Json]) -> Json:
    items = rows(f"{name}[items]", row.get("items", ""), ITEM)
    if not items:
        required({}, f"{name}[items]")
    kept = [_item(billing, f"{name}[items][{place}]", each, held) for place, each in enumerate(items)]
    currency = billing.get("prices", kept[0]["price"])["currency"]
    others = {billing.get("prices", each["price"])["currency"] for each in kept}
    if others | {row.get("currency", currency)} != {currency}:
        raise invalid(f"{name}[items]", "All prices on a subscription must have the same currency.")
    behaviour = row.get("proration_behavior", "create_prorations")
    card = row.get("default_payment_method")
    if card:
        present(billing, "payment_methods", "PaymentMethod", card, f"{name}[default_payment_method]")
    phase = new_phase(
        *dates,
        currency,
        [],
        proration_behavior=one_of(f"{name}[proration_behavior]", behaviour, PRORATION),
        metadata=new_metadata(f"{name}[metadata]", row.get("metadata", ""), None),
        description=row.get("description") or None,
        default_payment_method=card or None,
        discounts=_discounts(billing, f"{name}[discounts]", row, held),
        default_tax_rates=tax_rates(billing, f"{name}[default_tax_rates]", row.get("default_tax_rates", "")),
        automatic_tax=_taxed(name, row),
        **_collection(name, row),
    )
    return {**phase, "items": kept}


def _taxed(name: str, row: Json) -> Json:
    asked = mapping(f"{name}[automatic_tax]", row.get("automatic_tax", {}), ("enabled",))
    return automatic_tax(bool(flag(asked, "enabled")))


def _collection(name: str, row: Json) -> Json:
    found: Json = {}
    if "collection_method" in row:
        method = one_of(f"{name}[collection_method]", row["collection_method"], METHODS)
        found["collection_method"] = method
    if "invoice_settings" in row:
        inside = f"{name}[invoice_settings]"
        asked = mapping(inside, row["invoice_settings"], ("days_until_due",))
        days = count(f"{inside}[days_until_due]", asked.get("days_until_due"))
        found["invoice_settings"] = {"account_tax_ids": None, "days_until_due": days, "issuer": None}
    elif found.get("collection_method") == "send_invoice":
        told = "You must pass `days_until_due` when `collection_method` is `send_invoice`."
        raise invalid(f"{name}[invoice_settings][days_until_due]", told)
    return found


def _item(billing: Billing, name: str, row: Json, held: Sequence[Json]) -> Json:
    price = price_asked(billing, name, row)
    if price["type"] != "recurring":
        raise invalid(
            f"{name}[price]",
            "The price specified is set to `type=one_time` but this field only accepts prices with"
            f" `type=recurring`: {price['id']}",
        )
    return {
        "billing_thresholds": None,
        "discounts": _discounts(billing, f"{name}[discounts]", row, held),
        "metadata": new_metadata(f"{name}[metadata]", row.get("metadata", ""), None),
        "price": price["id"],
        "quantity": count(f"{name}[quantity]", row.get("quantity", "1")),
        "tax_rates": tax_rates(billing, f"{name}[tax_rates]", row.get("tax_rates", "")),
    }


def _discounts(billing: Billing, name: str, row: Json, held: Sequence[Json]) -> list[Json]:
    return [_kept(each) for each in discounts_asked(billing, name, row.get("discounts", ""), held)]


def _kept(asked: Asked) -> Json:
    """A discount as a phase keeps it: one that is held by its id, else what is to be redeemed."""
    if asked.held is not None:
        return {"coupon": None, "discount": asked.held["id"], "promotion_code": None}
    code = asked.promotion_code
    return {"coupon": None if code else asked.coupon, "discount": None, "promotion_code": code}
