"""List endpoints: pages, filters, expansion."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from data.sandbox.api.errors import invalid, missing
from data.sandbox.api.expand import expander
from data.sandbox.api.filters import Filter
from data.sandbox.api.parameters import Parameters, only_known, text, whole
from data.sandbox.api.resources import RESOURCES, Owned, Resource
from data.sandbox.conditions import Condition
from data.sandbox.store import Store, UnknownCursorError

Json = dict[str, Any]
PAGING = {"limit", "starting_after", "ending_before", "expand"}
DEFAULT_LIMIT, MOST = 10, 100


def limit_of(parameters: Parameters) -> int:
    """How many to answer: 10 unless told, never below 1 or above 100."""
    if "limit" not in parameters:
        return DEFAULT_LIMIT
    return min(MOST, max(1, whole("limit", parameters["limit"])))


def envelope(url: str, rows: Sequence[bytes], has_more: bool) -> bytes:
    """A list object of rows that are JSON texts already."""
    return b'{"object":"list","data":[%b],"has_more":%b,"url":%b}' % (
        b",".join(rows),
        b"true" if has_more else b"false",
        orjson.dumps(url),
    )


def list_page(store: Store, resource: Resource, parameters: Parameters) -> bytes:
    """The answer of a resource's list endpoint."""
    only_known(parameters, PAGING | set(resource.filters))
    if "type" in parameters and "types" in parameters:
        raise invalid("types", "You may specify only one of these parameters: type, types.")
    conditions = _conditions(store, resource.filters, parameters)
    if resource.default_of and resource.default_of not in parameters:
        conditions += resource.defaults
    return _answer(store, resource, resource.path, conditions, parameters)


def owned_page(store: Store, owned: Owned, identity: str, parameters: Parameters) -> bytes:
    """The answer of a list under one object, such as a customer's payment methods."""
    owner = RESOURCES[owned.owner]
    only_known(parameters, PAGING | set(owned.filters))
    if store.get(owned.owner, identity) is None:
        raise missing(owner.noun, identity, owner.noun)
    conditions = [Condition(owner.noun, "=", identity), *owned.defaults]
    conditions += _conditions(store, owned.filters, parameters)
    url = f"{owner.path}/{identity}/{owned.name}"
    return _answer(store, RESOURCES[owned.resource], url, conditions, parameters)


def _conditions(store: Store, filters: Mapping[str, Filter], parameters: Parameters) -> list[Condition]:
    return [
        condition
        for name, build in filters.items()
        if name in parameters
        for condition in build(store, name, parameters[name])
    ]


def _answer(
    store: Store, resource: Resource, url: str, conditions: list[Condition], parameters: Parameters
) -> bytes:
    after, before = text(parameters, "starting_after"), text(parameters, "ending_before")
    expanding = expander(store, parameters.get("expand"))
    try:
        rows, more = store.wire_page(resource.name, conditions, limit_of(parameters), after, before)
    except UnknownCursorError as error:
        param, identity = error.args
        raise missing(resource.noun, identity, param, 400) from None
    if expanding is not None:
        objects = [orjson.loads(row) for row in rows]
        expanding.rows(objects)
        rows = [orjson.dumps(obj) for obj in objects]
    return envelope(url, rows, more)


def embedded_page(
    store: Store, resource: Resource, name: str, identity: str, parameters: Parameters
) -> bytes:
    """The answer of a list that lives inside an object, such as an invoice's lines, in its own order."""
    only_known(parameters, PAGING)
    owner = store.get(resource.name, identity)
    if owner is None:
        raise missing(resource.noun, identity, resource.missing_param)
    rows = (owner.get(name) or {}).get("data", [])
    return _page_of(store, rows, f"{resource.path}/{identity}/{name}", parameters)


def upfront_page(store: Store, identity: str, parameters: Parameters) -> bytes:
    """The lines of a quote that its acceptance charges at once."""
    only_known(parameters, PAGING)
    quote = store.get("quotes", identity)
    if quote is None:
        raise missing("quote", identity, "quote")
    every = (quote.get("line_items") or {}).get("data", [])
    rows = [row for row in every if row["id"] in quote.get("at_once", [row["id"]])]
    return _page_of(store, rows, f"/v1/quotes/{identity}/computed_upfront_line_items", parameters)


def item_page(store: Store, parameters: Parameters) -> bytes:
    """The answer of /v1/subscription_items: one subscription's items."""
    only_known(parameters, PAGING | {"subscription"})
    identity = text(parameters, "subscription")
    if identity is None:
        raise invalid("subscription", "Missing required param: subscription.", "parameter_missing")
    subscription = store.get("subscriptions", identity)
    if subscription is None:
        raise missing("subscription", identity, "subscription", 400)
    return _page_of(store, subscription["items"]["data"], "/v1/subscription_items", parameters)


def _page_of(store: Store, rows: list[Json], url: str, parameters: Parameters) -> bytes:
    limit = limit_of(parameters)
    after, before = text(parameters, "starting_after"), text(parameters, "ending_before")
    expanding = expander(store, parameters.get("expand"))
    start = 0 if after is None else _place(rows, after, "starting_after") + 1
    end = len(rows) if before is None else _place(rows, before, "ending_before")
    if before is not None and after is None:
        start = max(0, end - limit)
        more = start > 0
    else:
        more = start + limit < end
    found = [_cut_discounts(row) for row in rows[start : min(end, start + limit)]]
    if expanding is not None:
        expanding.rows(found)
    return envelope(url, [orjson.dumps(row) for row in found], more)


def _cut_discounts(row: Json) -> Json:
    discounts = [
        each["id"] if isinstance(each, dict) and "id" in each else each for each in row.get("discounts") or ()
    ]
    return {**row, "discounts": discounts} if discounts else row


def _place(rows: list[Json], identity: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == identity:
            return place
    noun = str(rows[0].get("object", "object")) if rows else "object"
    raise missing(noun, identity, param, 400)
