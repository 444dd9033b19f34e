"""What Stripe has already of what a quote needs: products by entry, prices by tiers, coupons."""

from typing import Any

from dashboard.actions.marks import everything
from dashboard.actions.quoting_params import is_price, tiered_rows
from data import catalog
from data.gateway import Forbidden, Gateway, NotFound
from data.offer_settings import AUTOMATIC

Json = dict[str, Any]


def products(gateway: Gateway, wanted: Json) -> dict[str, str]:
    """The product of each entry that has one which is sold: the catalogue's own, else the newest."""
    sold, found = catalog.current(), dict[str, str]()
    keys = {entry.name: entry.key for entry in sold.entries}
    for product in reversed(everything(gateway, "/v1/products", active=True)):
        metadata = product.get("metadata") or {}
        key = keys.get(sold.recognised(product["id"], product["name"], metadata).name, "")
        if key in wanted["entries"] and not _is_catalogs(found.get(key, ""), key):
            found[key] = product["id"]
    return found


def _is_catalogs(product_id: str, key: str) -> bool:
    return product_id == f"catalog_{key}"


def prices(gateway: Gateway, wanted: Json, known: dict[str, str]) -> dict[str, str]:
    """The price of each tiered row that has one, by the row's word."""
    found = {}
    for name, row in tiered_rows(wanted).items():
        if row["key"] in known:
            asked = {"product": known[row["key"]], "active": True, "expand": ["data.tiers"]}
            same = [
                each for each in everything(gateway, "/v1/prices", **asked) if is_price(each, wanted, row)
            ]
            found.update({name: same[0]["id"]} if same else {})
    return found


def tax_rates(gateway: Gateway, wanted: Json) -> dict[str, Json | None]:
    """The tax rates of a quote by id, None where Stripe has none of it; those that a key may read."""
    found: dict[str, Json | None] = {}
    for name in wanted.get("tax") or ():
        if name != AUTOMATIC:
            try:
                found[name] = gateway.get(f"/v1/tax_rates/{name}")
            except NotFound:
                found[name] = None
            except Forbidden:  # what it comes to is compared all the same
                continue
    return found


def those_there(gateway: Gateway, path: str, names: list[str]) -> list[str]:
    """Of ids, those that Stripe knows."""
    return [name for name in names if _there(gateway, f"{path}/{name}")]


def _there(gateway: Gateway, path: str) -> bool:
    try:
        return not gateway.get(path).get("deleted")
    except NotFound:
        return False
