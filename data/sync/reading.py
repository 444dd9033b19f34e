"""Reading one page or one object as whole as the server allows, and saying what it did not allow."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from data.gateway import BadAnswer, Forbidden, Gateway, GatewayError, NotFound, Page, Refused
from data.records import incomplete
from data.resources import Resource

Json = dict[str, Any]
LIMIT = 100
LONGEST_ID = 255  # Stripe's own limit

_EMBEDDED: Mapping[tuple[str, str], tuple[Callable[[str], str], str | None, tuple[str, ...]]] = {
    ("invoices", "lines"): (lambda key: f"/v1/invoices/{quote(key, safe='')}/lines", None, ()),
    ("subscriptions", "items"): (lambda _: "/v1/subscription_items", "subscription", ("data.discounts",)),
}
"""Where the rest of an embedded list is: its path, the parameter that names the owner, what to expand."""


class Reader:
    """Reads whole objects; asks for less where the server refuses, and keeps a note of that by resource."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.notes: dict[str, set[str]] = {}
        self._refused: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def page(self, resource: Resource, params: Mapping[str, Any]) -> Page:
        """One page of a resource's list, its objects whole. Raises GatewayError."""
        asked = {"limit": LIMIT, **resource.params, **params}
        page: Page = self._expanded(resource, resource.path, asked, "data.", self.gateway.page)
        if not all(_is_named(obj) for obj in page.objects):
            raise BadAnswer(f"{resource.path}: the list holds what is no object of Stripe's.")
        self._complete(resource, page.objects)
        return page

    def object(self, resource: Resource, key: str) -> tuple[Json, datetime]:
        """One object by id, whole, and when it was so. Raises GatewayError."""
        path = resource.path_of(key)
        found: tuple[Json, datetime] = self._expanded(resource, path, {}, "", self.gateway.observe)
        if found[0].get("id") != key:
            raise BadAnswer(f"{path}: the server gave another object than was asked for.")
        self._complete(resource, [found[0]])
        return found

    def _expanded(
        self,
        resource: Resource,
        path: str,
        params: Mapping[str, Any],
        prefix: str,
        ask: Callable[[str, Mapping[str, Any]], Any],
    ) -> Any:
        """Ask with all expansions that were not refused before; when refused, with one fewer."""
        while True:
            wanted = [each for each in resource.expand if each not in self._refusals(resource.name)]
            expand = {"expand": [prefix + each for each in wanted]} if wanted else {}
            try:
                return ask(path, {**params, **expand})
            except (Refused, Forbidden) as error:
                if not wanted or _is_about(error, "starting_after", "created"):
                    raise
                self._refuse(resource.name, _named(wanted, error))

    def _refusals(self, name: str) -> set[str]:
        with self._lock:
            return set(self._refused.get(name, ()))

    def _refuse(self, name: str, expansion: str) -> None:
        with self._lock:
            self._refused.setdefault(name, set()).add(expansion)

    def _complete(self, resource: Resource, objects: Sequence[Json]) -> None:
        """Fetch the rest of embedded lists, and note what came unexpanded although it was asked for."""
        for obj in objects:
            try:
                self._complete_one(resource, obj)
            except (AttributeError, TypeError):
                continue  # made as Stripe's are not: it is left out, by name, where it would be written

    def _complete_one(self, resource: Resource, obj: Json) -> None:
        for name in incomplete(resource.name, obj):
            self._fill(resource.name, obj, name)
        if resource.name == "subscriptions" and _has_bare_discount(obj):
            self.note("subscriptions", "discounts came without their coupons")

    def _fill(self, name: str, obj: Json, embedded: str) -> None:
        path, owner, expand = _EMBEDDED[name, embedded]
        params: Json = {"limit": LIMIT} | ({owner: obj["id"]} if owner else {})
        if expand and not self._refusals(name):
            params["expand"] = list(expand)
        try:
            found = self._all(path(obj["id"]), params)
        except (Refused, Forbidden, NotFound) as error:
            self.note(name, f"{embedded} could not be read beyond the first ones ({error.sentence})")
            return
        obj[embedded] = {"object": "list", "data": found, "has_more": False}

    def _all(self, path: str, params: Json) -> list[Json]:
        found: list[Json] = []
        while True:
            page = self.gateway.page(path, params)
            found += page.objects
            if not page.has_more or not page.objects:
                return found
            params = {**params, "starting_after": page.objects[-1]["id"]}

    def note(self, name: str, words: str) -> None:
        """Remember, once, what a person should know about a resource that was read."""
        with self._lock:
            self.notes.setdefault(name, set()).add(words)

    def notes_on(self, name: str) -> str | None:
        """What could not be had of a resource, in words; None when nothing is missing."""
        words = [f"the server does not expand {each}" for each in sorted(self._refusals(name))]
        with self._lock:
            words += sorted(self.notes.get(name, ()))
        return "; ".join(words) or None


def _is_named(obj: Any) -> bool:
    """Whether something is an object with an id that can be kept."""
    return isinstance(obj, dict) and isinstance(obj.get("id"), str) and 0 < len(obj["id"]) <= LONGEST_ID


def _is_about(error: GatewayError, *params: str) -> bool:
    return any((error.param or "").startswith(name) for name in params)


def _named(wanted: Sequence[str], error: GatewayError) -> str:
    """The expansion that the server's words name, else the one needed least."""
    return next((each for each in wanted if each in error.sentence), wanted[-1])


def _has_bare_discount(subscription: Json) -> bool:
    return any(isinstance(each, str) for each in subscription.get("discounts") or ())
