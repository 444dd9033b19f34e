"""The catalogue pushed to Stripe: what is missing is made, what is no longer listed archived.

No amount is ever edited. A list price that changes is made anew and the one before is archived; whoever has
that keeps it. Only what the catalogue made itself is archived: it carries the mark `catalog` in its metadata.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dashboard import formatting
from dashboard.actions.base import Handler, Preview
from data import catalog
from data.actions import Step
from data.catalog import Catalog, ListPrice, Plan
from data.gateway import Gateway

Json = dict[str, Any]
Verb = Literal["create", "change", "archive", "leave", "cannot"]
MARK = "catalog"
PUSHED = ("per_unit", "flat")  # prices of a unit; the others are worked out for each quote
"""The metadata key under which products and prices that were pushed carry their entry's key."""
THERE = "Stripe has it"
PAGE = 100
WHOLE = "catalog"
NEVER = datetime.min.replace(tzinfo=UTC)  # the requests are the same at any time


@dataclass(frozen=True)
class PushCatalog:
    """Make Stripe's products and prices those of a catalogue, given as the text of `listed`."""

    wanted: str

    @property
    def customer_id(self) -> str:
        """Nobody in particular: one push at a time."""
        return WHOLE

    @property
    def subject(self) -> str:
        """All of it is one object."""
        return WHOLE


@dataclass(frozen=True)
class Change:
    """A line of the plan; the requests that carry it out, none where nothing is done."""

    verb: Verb
    what: str
    why: str
    steps: tuple[Step, ...] = ()


def listed(sold: Catalog) -> str:
    """Everything of a catalogue that Stripe is to have, as text."""
    entries = [
        {
            "key": entry.key,
            "name": entry.name,
            "kind": "plan" if isinstance(entry, Plan) else "addon",
            "unit": entry.capacity_unit if isinstance(entry, Plan) else None,
            "metadata": _said(sold, entry),
            "prices": [price.pushed() for price in entry.list_prices if entry.rule in PUSHED],
            "quoted": bool(entry.list_prices) and entry.rule not in PUSHED,
        }
        for entry in sold.entries
    ]
    return json.dumps(entries)


def _said(sold: Catalog, entry: Plan | catalog.Addon) -> Json:
    known = sold.recognise
    return {known.plan_metadata if isinstance(entry, Plan) else known.addon_metadata: entry.key}


def read(gateway: Gateway, command: PushCatalog) -> Json:
    """All products, each with the entry that it is, and the prices of those that are one."""
    sold = catalog.current()
    keys = {entry.name: entry.key for entry in sold.entries}
    products = []
    for product in _all(gateway, "/v1/products", {}):
        said = sold.recognised(product["id"], product["name"], product.get("metadata"))
        key = keys.get(said.name) or (product.get("metadata") or {}).get(MARK)
        if key:
            prices = list(_all(gateway, "/v1/prices", {"product": product["id"]}))
            products.append({**product, "entry": key, "prices": prices})
    return {"products": products}


def _all(gateway: Gateway, path: str, params: Json) -> Iterator[Json]:
    """Every object of a list."""
    after: Json = {}
    while True:
        page = gateway.page(path, {**params, "limit": PAGE, **after})
        yield from page.objects
        if not page.has_more or not page.objects:
            return
        after = {"starting_after": page.objects[-1]["id"]}


def changes(command: PushCatalog, obj: Json) -> list[Change]:
    """What differs between the catalogue and Stripe, entry by entry."""
    wanted = json.loads(command.wanted)
    keys = {entry["key"] for entry in wanted}
    found = [change for entry in wanted for change in _of_entry(entry, obj["products"])]
    gone = [product for product in obj["products"] if product["entry"] not in keys and _is_ours(product)]
    return [*found, *(change for product in gone for change in _withdrawn(product))]


def _of_entry(entry: Json, products: list[Json]) -> Iterator[Change]:
    if not entry["prices"]:
        told = "its price is quoted" if entry.get("quoted") else "the catalogue lists no price of it"
        yield Change("leave", entry["name"], told)
        return
    mine = [product for product in products if product["entry"] == entry["key"]]
    sold = [product for product in mine if product["active"]] or mine
    pushed = [product for product in sold if _is_ours(product)] or sold
    if len(pushed) > 1:
        ids = ", ".join(product["id"] for product in pushed)
        told = f"several products are it: {ids}; name the one to sell in the catalogue's `products`"
        yield Change("cannot", entry["name"], told)
        return
    if not pushed:
        yield _new_product(entry)
        yield from (_new_price(entry, _id(entry), ListPrice(**each)) for each in entry["prices"])
        return
    product = pushed[0]
    if not product["active"]:
        again = Step("post", f"/v1/products/{product['id']}", {"active": True})
        yield Change("change", entry["name"], "is sold again", (again,))
    yield from _prices(entry, product)


def _prices(entry: Json, product: Json) -> Iterator[Change]:
    """The prices of an entry's product: those listed made or kept, those listed before archived."""
    kept = set()
    for each in entry["prices"]:
        wanted = ListPrice(**each)
        same = [price for price in product["prices"] if _is_price(price, wanted)]
        sold = [price for price in same if price["active"]]
        kept |= {price["id"] for price in same}
        if sold:
            yield Change("leave", _called(entry, wanted), THERE)
        elif same:
            again = Step("post", f"/v1/prices/{same[0]['id']}", {"active": True})
            yield Change("change", _called(entry, wanted), "is sold again", (again,))
        else:
            yield _new_price(entry, product["id"], wanted)
    for price in product["prices"]:
        if price["active"] and price["id"] not in kept:
            yield _old_price(entry["name"], product, price)


def _new_product(entry: Json) -> Change:
    params = {"id": _id(entry), "name": entry["name"], "metadata": {**entry["metadata"], MARK: entry["key"]}}
    if entry["unit"]:
        params["unit_label"] = entry["unit"]
    return Change("create", entry["name"], "a product", (Step("post", "/v1/products", params),))


def _new_price(entry: Json, product: str, wanted: ListPrice) -> Change:
    every = {"interval": wanted.interval, "interval_count": wanted.interval_count}
    params = {
        "product": product,
        "currency": wanted.currency,
        "unit_amount": wanted.amount,
        "recurring": every,
        "lookup_key": f"{entry['key']}_{wanted.currency}_{wanted.interval_count}{wanted.interval}",
        "transfer_lookup_key": True,
        "metadata": {MARK: entry["key"]},
    }
    return Change("create", _called(entry, wanted), "a list price", (Step("post", "/v1/prices", params),))


def _old_price(name: str, product: Json, price: Json) -> Change:
    """A price that is not listed: archived if it was pushed, else left to whoever made it."""
    told = f"{name}, {_in_words(price)}"
    if not _is_ours(price):
        return Change("leave", told, "not from the catalogue: it goes on beside the list prices")
    archive = Step("post", f"/v1/prices/{price['id']}", {"active": False})
    if product.get("default_price") != price["id"]:
        return Change("archive", told, "no longer listed; who has it keeps it", (archive,))
    freed = Step("post", f"/v1/products/{product['id']}", {"default_price": ""})
    return Change("archive", told, "no longer listed, nor the default; who has it keeps it", (freed, archive))


def _withdrawn(product: Json) -> Iterator[Change]:
    """A product that was pushed and whose entry is gone, with its prices."""
    if not product["active"]:
        return
    for price in product["prices"]:
        if price["active"]:
            yield _old_price(product["name"], product, price)
    archive = Step("post", f"/v1/products/{product['id']}", {"active": False})
    yield Change("archive", product["name"], "no longer in the catalogue; who has it keeps it", (archive,))


def _id(entry: Json) -> str:
    """The id under which an entry's product is made, the same whenever it is tried again."""
    return f"catalog_{entry['key']}"


def _is_ours(obj: Json) -> bool:
    return MARK in (obj.get("metadata") or {})


def _is_price(price: Json, wanted: ListPrice) -> bool:
    """Whether a price is a listed one: currency, interval and amount for a unit."""
    recurring = price.get("recurring") or {}
    return (
        price["currency"] == wanted.currency
        and price.get("billing_scheme", "per_unit") == "per_unit"
        and price["unit_amount"] == wanted.amount
        and not price.get("transform_quantity")
        and recurring.get("usage_type") == "licensed"
        and (recurring.get("interval"), recurring.get("interval_count"))
        == (wanted.interval, wanted.interval_count)
    )


def _called(entry: Json, wanted: ListPrice) -> str:
    every = formatting.interval(f"{wanted.interval_count}{wanted.interval}").lower()
    return f"{entry['name']}, {formatting.amount(wanted.amount, wanted.currency)} {every}"


def _in_words(price: Json) -> str:
    recurring = price.get("recurring") or {}
    every = formatting.interval(f"{recurring.get('interval_count', '')}{recurring.get('interval', '')}")
    unit = price.get("unit_amount")
    amount = "by tiers" if unit is None else formatting.amount(unit, price["currency"])
    return f"{amount} {every.lower() if recurring else 'once'}"


def _seen(obj: Json) -> Json:
    """Products and prices as they matter here, by id."""
    products = obj["products"]
    prices = [price for product in products for price in product["prices"]]
    return {
        "products": sorted(f"{each['id']} {each['active']} {each.get('default_price')}" for each in products),
        "prices": sorted(f"{each['id']} {_in_words(each)} {each['active']}" for each in prices),
    }


def _steps(command: PushCatalog, obj: Json, at: datetime) -> list[Step]:
    return [step for change in changes(command, obj) for step in change.steps]


def _guard(command: PushCatalog, obj: Json) -> str | None:
    if _steps(command, obj, NEVER):
        return None
    return "There is nothing to do: Stripe has what the catalogue lists."


def _preview(command: PushCatalog, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    rows = tuple((change.what, change.verb, change.why) for change in changes(command, obj))
    return Preview(rows, _seen(obj), at)


HANDLERS: dict[type, Handler[Any]] = {
    PushCatalog: Handler(
        "Push catalogue",
        "push catalog",
        read,
        _seen,
        _guard,
        _preview,
        _steps,
        lambda command, obj: not _steps(command, obj, NEVER),
        own=frozenset({"products", "prices"}),
    )
}
