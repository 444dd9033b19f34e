"""Prices that a request makes where it uses them: they are of one product, and never sold again."""

from typing import Any

from data.sandbox.api.actions.asked import count, decimal, mapping, one_of, present, required
from data.sandbox.api.actions.catalog import TAXED, recurring
from data.sandbox.api.errors import invalid
from data.sandbox.billing import Billing
from data.sandbox.billing.people import create_price

Json = dict[str, Any]
KNOWN = ("currency", "product", "recurring", "tax_behavior", "unit_amount", "unit_amount_decimal")


def price_asked(billing: Billing, name: str, row: Json) -> Json:
    """The price that a row names in `price`, or makes of its `price_data`."""
    if ("price" in row) == ("price_data" in row):
        raise invalid(f"{name}[price]", "You must specify either `price` or `price_data`.")
    if "price" in row:
        return present(billing, "prices", "price", row["price"], f"{name}[price]")
    inside = f"{name}[price_data]"
    asked = mapping(inside, row["price_data"], KNOWN)
    required(asked, "currency", "product")
    product = present(billing, "products", "product", asked["product"], f"{inside}[product]")
    every = recurring(asked["recurring"]) if "recurring" in asked else None
    amount, fields = _amount(inside, asked)
    behaviour = one_of(f"{inside}[tax_behavior]", asked.get("tax_behavior", "unspecified"), TAXED)
    fields |= {"active": False, "inline": True, "tax_behavior": behaviour}
    return create_price(billing, product["id"], str(asked["currency"]).lower(), amount, every, **fields)


def _amount(name: str, asked: Json) -> tuple[int | None, Json]:
    if ("unit_amount" in asked) == ("unit_amount_decimal" in asked):
        told = "You must specify exactly one of `unit_amount` or `unit_amount_decimal`."
        raise invalid(f"{name}[unit_amount]", told)
    if "unit_amount" in asked:
        return count(f"{name}[unit_amount]", asked["unit_amount"]), {}
    unit = decimal(f"{name}[unit_amount_decimal]", asked["unit_amount_decimal"])
    return int(unit) if "." not in unit else None, {"unit_amount_decimal": unit}
