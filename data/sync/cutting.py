"""When a stretch of a list is cut in two, and whether the server's `created` filter can be trusted."""

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from data.gateway import NotFound, Refused
from data.resources import Resource
from data.sync.ranges import Range
from data.sync.reading import Reader

Json = dict[str, Any]
FOUNDED = 1_293_840_000  # 2011: nothing at Stripe is older


class UnfilteredError(Exception):
    """The server gave an object from outside the stretch it was asked for; args: the resource."""


class Cutter:
    """Cuts ranges of lists that are ordered and filtered as Stripe's are, and leaves others whole."""

    def __init__(self, reader: Reader, params: Callable[[Resource], Json]) -> None:
        self._reader = reader
        self._params = params
        self._trusted: set[str] = set()
        self._whole: set[str] = set()
        self._lock = threading.Lock()

    def leave_whole(self, name: str) -> None:
        """Never cut this resource's ranges again."""
        with self._lock:
            self._whole.add(name)

    def cut(self, resource: Resource, stretch: Range, objects: Sequence[Json]) -> tuple[Range, ...]:
        """The range whose latest page this was: in two where that can be done, else as it is."""
        if resource.created is None or resource.name in self._whole:
            return (stretch,)
        moments = [obj.get(resource.created) for obj in objects]
        if not _falls(moments):
            self.leave_whole(resource.name)
            return (stretch,)
        least = FOUNDED if stretch.start is None else stretch.start
        middle = (least + int(moments[-1] or 0)) // 2
        if middle <= least or not self._is_trusted(resource, middle):
            return (stretch,)
        return stretch.cut(middle)

    def _is_trusted(self, resource: Resource, before: int) -> bool:
        """Whether the list can be asked for what is older than an instant; tried once a resource."""
        if resource.name in self._trusted:
            return True
        asked = {**self._params(resource), "created": {"lt": before}, "limit": 1}
        try:
            found = self._reader.page(resource, asked).objects
        except (Refused, NotFound):
            found = None
        if found is None or any(moment(resource, obj) >= before for obj in found):
            self.leave_whole(resource.name)
            return False
        with self._lock:
            self._trusted.add(resource.name)
        return True


def moment(resource: Resource, obj: Json) -> int:
    """When an object was created as the list's filter sees it, epoch seconds; 0 when it does not say."""
    found = obj.get(resource.created or "created")
    return found if isinstance(found, int) else 0


def _falls(moments: Sequence[int | None]) -> bool:
    """Whether these are instants in falling order, so that what is left to read is older than the last."""
    known = [each for each in moments if isinstance(each, int)]
    return len(known) == len(moments) and all(later >= earlier for later, earlier in pairwise(known))
