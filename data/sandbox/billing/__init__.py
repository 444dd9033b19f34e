"""A unit of work on the store: objects are read once, changed in memory and written together at the end.

Nested values of an object are replaced, never changed in place: so a shallow copy is what the object was
before, and events say what changed.
"""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from data.sandbox.conditions import Condition
from data.sandbox.events import changed
from data.sandbox.factory.defaults import completed
from data.sandbox.store import Store

Json = dict[str, Any]
Dues = Callable[["Billing", str, Json], list[tuple[int, int]]]

HOUR = 3_600
DAY = 86_400


class Billing:
    """What one piece of work reads and writes; get one from `working`."""

    def __init__(
        self, store: Store, events_from: int = 0, listener: Callable[[str, Json], None] | None = None
    ):
        """Events before events_from (epoch) are not made; the listener hears of each all the same."""
        self.store = store
        self.now = store.now
        self.automatic = False
        self.calendar: Calendar | None = None
        self.listener: Callable[[str, Json], None] | None = None
        self.confirming = False  # payments wait for the customer's confirmation
        self._events_from = events_from
        self._request = ""
        self._key: str | None = None
        self._live: dict[str, dict[str, Json]] = {}
        self._unsaved: dict[str, dict[str, Json]] = {}

    def new_id(self, prefix: str) -> str:
        """A fresh id with a prefix such as "sub_"."""
        return self.store.new_id(prefix)

    def get(self, resource: str, identity: str) -> Json:
        """The one live copy of an object; raises KeyError where there is none."""
        found = self.find(resource, identity)
        if found is None:
            raise KeyError(f"No such {resource}: {identity!r}")
        return found

    def find(self, resource: str, identity: str) -> Json | None:
        """The one live copy of an object, or None."""
        live = self._live.setdefault(resource, {})
        if identity not in live:
            stored = self.store.get(resource, identity) or self._deleted(resource, identity)
            if stored is None:
                return None
            live[identity] = completed(resource, stored)
        return live[identity]

    def _deleted(self, resource: str, identity: str) -> Json | None:
        """A deleted coupon goes on working in the discounts that have it."""
        return self.store.get("deleted_coupons", identity) if resource == "coupons" else None

    def where(self, resource: str, *conditions: Condition) -> list[Json]:
        """Live objects that meet all conditions, oldest first."""
        self._save(resource)
        live = self._live.setdefault(resource, {})
        found = self.store.select(resource, conditions)
        return [live.setdefault(each["id"], completed(resource, each)) for each in found]

    def put(self, resource: str, obj: Json) -> Json:
        """Keep a new or changed object."""
        self._live.setdefault(resource, {})[obj["id"]] = obj
        self._unsaved.setdefault(resource, {})[obj["id"]] = obj
        if self.calendar is not None:
            self.calendar.note(self, resource, obj)
        return obj

    def add(self, resource: str, obj: Json, kind: str | None = None) -> Json:
        """Keep a new object and emit its event, such as "customer.created"."""
        self.put(resource, obj)
        if kind is not None:
            self.emit(kind, obj)
        return obj

    def change(self, resource: str, obj: Json, kind: str | None, **values: Any) -> Json:
        """Set fields, keep the object, and emit an event with previous_attributes where something changed."""
        before = {**obj}
        obj.update(values)
        self.put(resource, obj)
        if kind is not None and any(before[name] != obj[name] for name in values):
            self.emit(kind, obj, before)
        return obj

    def remove(self, resource: str, obj: Json) -> None:
        """Forget an object."""
        self._live.get(resource, {}).pop(obj["id"], None)
        self._unsaved.get(resource, {}).pop(obj["id"], None)
        self.store.delete(resource, obj["id"])

    def emit(self, kind: str, obj: Json, before: Json | None = None) -> None:
        """Write an event at the present moment; before: what the object was, for *.updated."""
        if self.listener is not None:
            self.listener(kind, obj)
        if self.now < self._events_from:
            return
        if self.store.now != self.now:
            self.store.set_now(self.now)
        previous = None if before is None else changed(before, obj)
        self.store.emit(kind, obj, previous, self._made_by())

    def _made_by(self) -> tuple[str, str | None] | None:
        if self.automatic:
            return None
        self._request = self._request or self.new_id("req_")
        return self._request, self._key

    def next_request(self) -> None:
        """What follows is another request: its events carry another request id."""
        self._request, self._key = "", None

    def asked_by(self, request: tuple[str, str | None]) -> None:
        """What follows is done for a request: its events name its id and idempotency key."""
        self._request, self._key = request

    def save(self) -> None:
        """Write what changed, in the order in which it was made, and the clock."""
        for resource in list(self._unsaved):
            self._save(resource)
        if self.store.now != self.now:
            self.store.set_now(self.now)

    def _save(self, resource: str) -> None:
        for obj in self._unsaved.pop(resource, {}).values():
            self.store.put(resource, obj)


class Calendar:
    """The moments at which something falls due, in time order; ties by kind of action, then by id."""

    def __init__(self, dues: Dues) -> None:
        """dues: (moment, rank) pairs of what an object waits for."""
        self._dues = dues
        self._heap: list[tuple[int, int, str, str]] = []
        self._known: set[tuple[int, int, str, str]] = set()

    def note(self, billing: Billing, resource: str, obj: Json) -> None:
        """Enter what an object now waits for; what it gave up is found out when its time comes."""
        for moment, rank in self._dues(billing, resource, obj):
            entry = (moment, rank, resource, obj["id"])
            if entry not in self._known:
                self._known.add(entry)
                heapq.heappush(self._heap, entry)

    def take(self, until: int) -> tuple[int, int, str, str] | None:
        """The next (moment, rank, resource, id) not after `until`, or None."""
        if not self._heap or self._heap[0][0] > until:
            return None
        return heapq.heappop(self._heap)


@contextmanager
def working(store: Store, request: tuple[str, str | None] | None = None) -> Iterator[Billing]:
    """A unit of work in one transaction: all of it is kept, or nothing when it raises.

    request: the id and idempotency key of the request that asked for it, where one did.
    """
    with store.transaction():
        billing = Billing(store)
        if request is not None:
            billing.asked_by(request)
        yield billing
        billing.save()
