"""What Stripe is asked for a quote's billing plan: products, prices, coupons, the quote, later phases."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from data.actions import HARMLESS, MADE, Step
from data.offer_settings import AUTOMATIC

Json = dict[str, Any]
Prices = Mapping[str, Any]
"""By the word of a tiered row: a price's id, or what stands for one that a step makes."""
CANCEL = "/v1/quotes/{0}/cancel"


class Wanting:
    """A command that holds what is wanted, as text, since a command is written down before it is sent."""

    wanted: str

    @property
    def plan(self) -> Json:
        """What is wanted."""
        found: Json = json.loads(self.wanted)
        return found


def product_id(key: str) -> str:
    """The id of an entry's product where the catalogue made it."""
    return f"catalog_{key}"


def products_missing(wanted: Json, products: Mapping[str, str]) -> list[Step]:
    """The products of entries that Stripe has none of, and those of the fees."""
    steps = []
    for key, entry in wanted["entries"].items():
        if key not in products:
            marked = {**entry["metadata"], "catalog": key}
            params = {"id": product_id(key), "name": entry["name"], "metadata": marked}
            if entry["unit"]:
                params["unit_label"] = entry["unit"]
            steps.append(Step("post", "/v1/products", params, HARMLESS))
    return steps


def fee_products(wanted: Json, known: Sequence[str]) -> list[Step]:
    """The products of what is billed once."""
    return [
        Step("post", "/v1/products", {"id": fee["product"], "name": fee["name"]}, HARMLESS)
        for fee in wanted["fees"]
        if fee["product"] not in known
    ]


def coupons_missing(wanted: Json, products: Mapping[str, str], known: Sequence[str]) -> list[Step]:
    """The coupons; what is on all rows is not on what is billed once."""
    whole = {name for stage in wanted["stages"] for name in stage["coupons"]}
    steps = []
    for coupon in wanted["coupons"]:
        if coupon["id"] in known:
            continue
        params = {**coupon, "metadata": {"quote": wanted["quote"]}}
        if coupon["id"] in whole and wanted["fees"]:
            params["applies_to"] = {"products": sorted({products[key] for key in wanted["entries"]})}
        steps.append(Step("post", "/v1/coupons", params, HARMLESS))
    return steps


def word(row: Json) -> str:
    """What tells a tiered row's price from others."""
    tiers = [(tier["up_to"], tier["unit_amount"], tier["flat_amount"]) for tier in row["tiers"]]
    return f"{row['key']} {row['mode']} {tiers}"


def tiered_rows(wanted: Json) -> dict[str, Json]:
    """The rows that need a price by tiers, each price once."""
    rows = (row for stage in wanted["stages"] for row in stage["rows"] if row["tiers"])
    return {word(row): row for row in rows}


def tiered_price(wanted: Json, row: Json, products: Mapping[str, str]) -> Step:
    """A price by tiers."""
    params = {
        "product": products[row["key"]],
        "currency": wanted["currency"],
        "recurring": wanted["interval"],
        "billing_scheme": "tiered",
        "tiers_mode": row["mode"],
        "tiers": [
            {
                "up_to": tier["up_to"] or "inf",
                "unit_amount": tier["unit_amount"],
                "flat_amount": tier["flat_amount"],
            }
            for tier in row["tiers"]
        ],
        **_taxed(wanted),
    }
    return Step("post", "/v1/prices", params, HARMLESS)


def is_price(price: Json, wanted: Json, row: Json) -> bool:
    """Whether a price of the product bills by just these tiers."""
    every = price.get("recurring") or {}
    same = price["currency"] == wanted["currency"] and price.get("tiers_mode") == row["mode"]
    taxed = _taxed(wanted).items() <= price.items()
    return (
        same
        and taxed
        and bool(price["active"])
        and {name: every.get(name) for name in ("interval", "interval_count")} == wanted["interval"]
        and [_tier(tier) for tier in price.get("tiers") or ()] == [_tier(tier) for tier in row["tiers"]]
    )


def _tier(tier: Json) -> tuple[int | None, int, int]:
    return tier["up_to"], int(tier["unit_amount"] or 0), int(tier["flat_amount"] or 0)


def _taxed(wanted: Json) -> Json:
    """What Stripe Tax is told of a price: that taxes come on top, as the order form says."""
    return {"tax_behavior": "exclusive"} if wanted.get("tax") == [AUTOMATIC] else {}


def items(stage: Json, wanted: Json, products: Mapping[str, str], prices: Prices) -> list[Json]:
    """A stage's rows, as a quote's lines and a phase's items name them."""
    return [_item(row, wanted, products, prices) for row in stage["rows"]]


def _item(row: Json, wanted: Json, products: Mapping[str, str], prices: Prices) -> Json:
    item: Json = {"quantity": row["quantity"]}
    if row["tiers"]:
        item["price"] = prices[word(row)]
    else:
        item["price_data"] = {
            "currency": wanted["currency"],
            "product": products[row["key"]],
            "unit_amount": row["unit_amount"],
            "recurring": wanted["interval"],
            **_taxed(wanted),
        }
    return item | ({"discounts": coupons(row["coupons"])} if row["coupons"] else {})


def coupons(names: Sequence[str]) -> list[Json]:
    """Coupons as discounts."""
    return [{"coupon": name} for name in names]


def quote_params(wanted: Json, customer: Any, products: Mapping[str, str], prices: Prices) -> Json:
    """The quote: its first stage, and what is billed once."""
    terms, first = wanted["terms"], wanted["stages"][0]
    once = [
        {
            "quantity": 1,
            "price_data": {
                "currency": wanted["currency"],
                "product": fee["product"],
                "unit_amount": fee["amount"],
                **_taxed(wanted),
            },
        }
        for fee in wanted["fees"]
    ]
    data: Json = {"metadata": terms["metadata"]}
    if terms["starts_at"]:
        data["effective_date"] = terms["starts_at"]
    params: Json = {
        "customer": customer,
        "line_items": [*items(first, wanted, products, prices), *once],
        "collection_method": terms["collection_method"],
        "metadata": {"quote": wanted["quote"], "version": str(wanted["version"]), "seal": wanted["seal"]},
        "subscription_data": data,
    }
    if first["coupons"]:
        params["discounts"] = coupons(first["coupons"])
    if terms["collection_method"] == "send_invoice":
        params["invoice_settings"] = {"days_until_due": terms["days_until_due"]}
    params |= taxes(wanted)
    return params | {name: terms[name] for name in ("expires_at", "footer") if terms[name]}


def phase(stage: Json, wanted: Json, products: Mapping[str, str], prices: Prices) -> Json:
    """A later stage, as a schedule's phase; nothing is prorated, since it begins with a billing period."""
    terms = wanted["terms"]
    found: Json = {
        "items": items(stage, wanted, products, prices),
        "duration": {"interval": "month", "interval_count": stage["months"]},
        "proration_behavior": "none",
        "metadata": {**terms["metadata"], "capacity": str(stage["capacity"]), **mark(stage)},
        "collection_method": terms["collection_method"],
    }
    if stage["coupons"]:
        found["discounts"] = coupons(stage["coupons"])
    if terms["collection_method"] == "send_invoice":
        found["invoice_settings"] = {"days_until_due": terms["days_until_due"]}
    return found | taxes(wanted)


def taxes(wanted: Json) -> Json:
    """How what is sold is taxed, as a quote and a phase say it: by Stripe Tax, by rates, or not at all."""
    asked = wanted.get("tax") or []
    if asked == [AUTOMATIC]:
        return {"automatic_tax": {"enabled": True}}
    return {"default_tax_rates": asked} if asked else {}


def mark(stage: Json) -> Json:
    """The metadata by which the phase of a stage is known."""
    return {"from_month": str(stage["month"])}


def made_by(number: int) -> Json:
    """What stands for the id of what an earlier step makes."""
    return {MADE: number}
