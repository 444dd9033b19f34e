"""POST /v1/products and /v1/prices: what is sold. A price's amount is never changed once it is made."""

from typing import Any

from data.sandbox.api.actions.asked import count, decimal, flag, mapping, one_of, present, required, rows
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known, truth, whole
from data.sandbox.api.writes import CHANGEABLE, changed_fields, new_metadata
from data.sandbox.billing import Billing, working
from data.sandbox.billing.people import create_price, create_product, transfer_lookup_key
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Json = dict[str, Any]
PRODUCT_DATA = ("active", "id", "metadata", "name", "statement_descriptor", "unit_label")
PRICE = {
    "active", "billing_scheme", "currency", "lookup_key", "metadata", "nickname", "product", "product_data",
    "recurring", "tax_behavior", "tiers", "tiers_mode", "transfer_lookup_key", "transform_quantity",
    "unit_amount", "unit_amount_decimal", "expand",
}  # fmt: skip
PRICE_CHANGES = {
    "active",
    "lookup_key",
    "metadata",
    "nickname",
    "tax_behavior",
    "transfer_lookup_key",
    "expand",
}
INTERVALS = ("day", "month", "week", "year")
TAXED = ("exclusive", "inclusive", "unspecified")
_LONGEST_LOOKUP = 200


def create_one_product(store: Store, call: Call) -> Json:
    """A new product, with an id of its own choice where one is given."""
    parameters = call.parameters()
    only_known(
        parameters, {*CHANGEABLE["products"], "id", "default_price_data", "expand"} - {"default_price"}
    )
    with working(store, call.request) as billing:
        product = _product(billing, parameters)
        if "default_price_data" in parameters:
            known = (
                "currency",
                "recurring",
                "unit_amount",
                "unit_amount_decimal",
                "tax_behavior",
                "metadata",
            )
            asked = mapping("default_price_data", parameters["default_price_data"], known)
            price = _price(billing, product["id"], asked)
            billing.change("products", product, None, default_price=price["id"])
        return {**product}


def _product(billing: Billing, parameters: Parameters) -> Json:
    required(parameters, "name")
    identity = parameters.get("id")
    if identity and billing.find("products", identity):
        raise StripeError(400, "Product already exists.", "resource_already_exists", "id")
    given = {name: value for name, value in parameters.items() if name in CHANGEABLE["products"]}
    fields = changed_fields("products", {}, given)
    name = fields.pop("name")
    return create_product(billing, name, **fields, **({"id": identity} if identity else {}))


def update_product(store: Store, call: Call) -> Json:
    """Change a product; its default price must be one of its own that is active."""
    parameters = call.parameters()
    only_known(parameters, {*CHANGEABLE["products"], "default_price", "expand"})
    with working(store, call.request) as billing:
        product = present(billing, "products", "product", call.path_params["id"], "id", 404)
        given = {name: value for name, value in parameters.items() if name not in ("default_price", "expand")}
        values = changed_fields("products", product, given)
        if "default_price" in parameters:
            values["default_price"] = _default_price(billing, product, parameters["default_price"])
        if any(product.get(name) != value for name, value in values.items()):
            values["updated"] = billing.now
        return {**billing.change("products", product, "product.updated", **values)}


def _default_price(billing: Billing, product: Json, identity: Any) -> str | None:
    if identity == "":
        return None
    price = present(billing, "prices", "price", identity, "default_price")
    if price["product"] != product["id"]:
        raise invalid("default_price", f"The price {identity} does not belong to product {product['id']}.")
    if not price["active"]:
        raise invalid("default_price", f"The price specified is inactive: {identity}.")
    return str(identity)


def delete_product(store: Store, call: Call) -> Json:
    """Delete a product that has no prices."""
    only_known(call.parameters(), set())
    identity = call.path_params["id"]
    with working(store, call.request) as billing:
        product = present(billing, "products", "product", identity, "id", 404)
        if billing.where("prices", Condition("product", "=", identity)):
            told = "This product cannot be deleted because it has one or more user-created prices."
            raise StripeError(400, told)
        billing.remove("products", product)
        billing.emit("product.deleted", product)
        return {"id": identity, "object": "product", "deleted": True}


def create_one_price(store: Store, call: Call) -> Json:
    """A new price of a product, or of one made with it."""
    parameters = call.parameters()
    only_known(parameters, PRICE)
    with working(store, call.request) as billing:
        if ("product" in parameters) == ("product_data" in parameters):
            raise invalid("product", "You must specify either `product` or `product_data`.")
        if "product" in parameters:
            product = present(billing, "products", "product", parameters["product"], "product")
        else:
            product = _product(billing, mapping("product_data", parameters["product_data"], PRODUCT_DATA))
        return {**_price(billing, product["id"], parameters)}


def _price(billing: Billing, product_id: str, parameters: Parameters) -> Json:
    required(parameters, "currency")
    currency = str(parameters["currency"]).lower()
    if len(currency) != 3 or not currency.isalpha():
        raise invalid("currency", f"Invalid currency: {currency}.")
    fields: Json = {"metadata": new_metadata("metadata", parameters.get("metadata", ""), None)}
    fields["active"] = truth("active", parameters.get("active", "true"))
    fields["nickname"] = parameters.get("nickname") or None
    behaviour = parameters.get("tax_behavior", "unspecified")
    fields["tax_behavior"] = one_of("tax_behavior", behaviour, TAXED)
    fields["lookup_key"] = _lookup_key(billing, parameters)
    amount = _amount(parameters, fields)
    every = recurring(parameters["recurring"]) if "recurring" in parameters else None
    return create_price(billing, product_id, currency, amount, every, **fields)


def _amount(parameters: Parameters, fields: Json) -> int | None:
    """The amount for one unit in minor units, where it is whole; fills in what else says the amount."""
    scheme = one_of("billing_scheme", parameters.get("billing_scheme", "per_unit"), ("per_unit", "tiered"))
    given = [name for name in ("unit_amount", "unit_amount_decimal") if name in parameters]
    if "transform_quantity" in parameters:
        fields["transform_quantity"] = _transform(parameters["transform_quantity"])
    if scheme == "tiered":
        if given:
            raise invalid(given[0], f"You cannot set `{given[0]}` when `billing_scheme` is `tiered`.")
        fields |= {"billing_scheme": scheme, "tiers": _tiers(parameters), "unit_amount_decimal": None}
        fields["tiers_mode"] = one_of("tiers_mode", parameters.get("tiers_mode"), ("graduated", "volume"))
        return None
    if len(given) != 1:
        told = (
            "You must specify exactly one of `unit_amount`, `unit_amount_decimal`, or `custom_unit_amount`."
        )
        raise invalid("unit_amount", told)
    if given == ["unit_amount"]:
        return count("unit_amount", parameters["unit_amount"])
    unit = decimal("unit_amount_decimal", parameters["unit_amount_decimal"])
    fields["unit_amount_decimal"] = unit
    return int(unit) if "." not in unit else None


def _transform(value: Any) -> Json:
    asked = mapping("transform_quantity", value, ("divide_by", "round"))
    return {
        "divide_by": whole("transform_quantity[divide_by]", asked.get("divide_by")),
        "round": one_of("transform_quantity[round]", asked.get("round"), ("down", "up")),
    }


def _tiers(parameters: Parameters) -> list[Json]:
    known = ("flat_amount", "flat_amount_decimal", "unit_amount", "unit_amount_decimal", "up_to")
    asked = rows("tiers", parameters.get("tiers", ""), known)
    if not asked or asked[-1].get("up_to") != "inf":
        raise invalid("tiers", "The last tier must have `up_to` set to `inf`.")
    found = [_tier(f"tiers[{place}]", row) for place, row in enumerate(asked)]
    tops = [tier["up_to"] for tier in found[:-1]]
    if tops != sorted(set(tops)) or None in tops:
        raise invalid("tiers", "Each tier's `up_to` must be greater than that of the one before it.")
    return found


def _tier(name: str, row: Json) -> Json:
    tier: Json = {"up_to": None if row.get("up_to") == "inf" else whole(f"{name}[up_to]", row.get("up_to"))}
    for kind in ("flat_amount", "unit_amount"):
        exact = row.get(f"{kind}_decimal", row.get(kind))
        text = None if exact is None else decimal(f"{name}[{kind}]", exact)
        tier[f"{kind}_decimal"] = text
        tier[kind] = int(text) if text is not None and "." not in text else None
    return tier


def recurring(value: Any) -> tuple[str, int]:
    """A billing interval and how many of it make a period."""
    asked = mapping("recurring", value, ("interval", "interval_count", "usage_type", "meter"))
    usage = one_of("recurring[usage_type]", asked.get("usage_type", "licensed"), ("licensed", "metered"))
    if usage == "metered":
        raise invalid("recurring[usage_type]", "The sandbox has licensed prices only.")
    interval = one_of("recurring[interval]", asked.get("interval"), INTERVALS)
    times = count("recurring[interval_count]", asked.get("interval_count", "1"))
    most = {"day": 1095, "week": 156, "month": 36, "year": 3}[interval]
    if not 1 <= times <= most:
        told = f"The maximum interval allowed is three years: at most {most} for `{interval}`."
        raise invalid("recurring[interval_count]", told)
    return interval, times


def update_price(store: Store, call: Call) -> Json:
    """Change what is no amount: whether it is sold, its words, its lookup key."""
    parameters = call.parameters()
    only_known(parameters, PRICE_CHANGES)
    with working(store, call.request) as billing:
        price = present(billing, "prices", "price", call.path_params["id"], "price", 404)
        values: Json = {}
        if (active := flag(parameters, "active")) is not None:
            values["active"] = _archivable(billing, price, active)
        if "metadata" in parameters:
            values["metadata"] = new_metadata("metadata", parameters["metadata"], price["metadata"])
        if "nickname" in parameters:
            values["nickname"] = parameters["nickname"] or None
        if "lookup_key" in parameters:
            values["lookup_key"] = _lookup_key(billing, parameters, price)
        if "tax_behavior" in parameters:
            values["tax_behavior"] = _tax_behaviour(price, parameters["tax_behavior"])
        return {**billing.change("prices", price, "price.updated", **values)}


def _archivable(billing: Billing, price: Json, active: bool) -> bool:
    product = billing.find("products", price["product"]) or {}
    if not active and product.get("default_price") == price["id"]:
        told = "This price cannot be archived because it is the default price of its product."
        raise invalid("active", told)
    return active


def _tax_behaviour(price: Json, value: Any) -> str:
    wanted = one_of("tax_behavior", value, TAXED)
    if price["tax_behavior"] not in ("unspecified", wanted):
        raise invalid("tax_behavior", "You cannot change `tax_behavior` once it is specified.")
    return wanted


def _lookup_key(billing: Billing, parameters: Parameters, price: Json | None = None) -> str | None:
    key = parameters.get("lookup_key") or None
    if key is None:
        return None
    if len(key) > _LONGEST_LOOKUP:
        raise invalid("lookup_key", f"A lookup key may have {_LONGEST_LOOKUP} characters.")
    holders = [
        each
        for each in billing.where("prices", Condition("lookup_key", "=", key))
        if price is None or each["id"] != price["id"]
    ]
    if holders and not flag(parameters, "transfer_lookup_key"):
        told = f"A price (`{holders[0]['id']}`) already uses that lookup key."
        raise StripeError(400, told, "resource_already_exists", "lookup_key")
    for each in holders:
        transfer_lookup_key(billing, each)
    return str(key)
