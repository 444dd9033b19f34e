"""Reading whole lists: several resources and stretches of time at once, each page written with its place.

A stretch whose reader has more to read while others have nothing is cut in two, so the big lists are read
by all hands and no object twice. What a page held and how far its stretch is then read are one transaction:
whenever the process dies, the next one goes on from there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from sqlalchemy import Engine

from data.gateway import (
    BadAnswer,
    Forbidden,
    Gateway,
    GatewayError,
    NotFound,
    Page,
    RateLimited,
    Refused,
    ServerTrouble,
)
from data.resources import RESOURCES, Resource
from data.sync.collector import rare_collections
from data.sync.cutting import Cutter, UnfilteredError, moment
from data.sync.observations import Observation, Touched, record
from data.sync.pipeline import Pipeline
from data.sync.ranges import Range, restart, save
from data.sync.reading import Reader

Json = dict[str, Any]
Progress = Callable[[str, int, bool], None]
"""Told a resource's name (or "changes"), how many of its objects have arrived, and whether it is done."""

MOST_READERS = 32
DECODING = 0.005  # seconds of our own work a page: more readers than latency / this only wait for each other


@dataclass(frozen=True)
class Read:
    """A page that was read, and the ranges as they are once it is written."""

    observation: Observation
    ranges: tuple[Range, ...]


@dataclass(frozen=True)
class Failed:
    """A resource that cannot be read, in which way, and why in words."""

    resource: str
    state: str  # forbidden, unknown, failed
    error: str


@dataclass(frozen=True)
class Unfiltered:
    """A resource whose stretches must be forgotten: the server does not keep to the `created` filter."""

    resource: str
    run_id: int


@dataclass
class Outcome:
    """What became of each resource of a crawl."""

    objects: dict[str, int] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)


_STATES: tuple[tuple[type[GatewayError], str], ...] = (
    (Forbidden, "forbidden"),
    (NotFound, "unknown"),
    (Refused, "failed"),
    (BadAnswer, "failed"),
    (ServerTrouble, "failed"),
    (RateLimited, "failed"),
)


def failure(resource: str, error: GatewayError) -> Failed | None:
    """The error as the failure of one resource; None when it concerns everything we ask for."""
    state = next((word for kind, word in _STATES if isinstance(error, kind)), None)
    return None if state is None else Failed(resource, state, error.sentence)


def readers(gateway: Gateway) -> int:
    """How many requests to keep under way: enough for the limiter's pace at the latency that was met."""
    needed = ceil(gateway.limiter.overall * gateway.latency) + 1
    useful = ceil(gateway.latency / DECODING) + 1
    return max(2, min(needed, useful, MOST_READERS))


def _nothing(_: Resource) -> Json:
    return {}


class Crawl:
    """One reading of some resources under one run; may be interrupted anywhere and gone on with."""

    def __init__(
        self,
        engine: Engine,
        reader: Reader,
        *,
        progress: Progress | None = None,
        touched: Touched | None = None,
        params: Callable[[Resource], Json] | None = None,
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._progress = progress or (lambda *_: None)
        self._touched = touched
        self._params = params or _nothing
        self._cutter = Cutter(reader, self._params)
        self.outcome = Outcome()

    def run(self, ranges: Sequence[Range]) -> Outcome:
        """Read these ranges of one run to their ends. Raises GatewayError when nothing can be read."""
        for each in ranges:
            self._count(each.resource, each.objects)
        left = [each for each in ranges if not each.done]
        with rare_collections():
            while left:
                left = self._round(left)
        return self.outcome

    def _round(self, ranges: Sequence[Range]) -> list[Range]:
        """Read ranges; gives those that must be read again since the server's filter did not hold."""
        again: dict[str, Range] = {}
        self._pipeline: Pipeline[Range, Read | Failed | Unfiltered] = Pipeline(
            self._read, readers(self._reader.gateway)
        )
        left = Unread(ranges)
        for batch in self._pipeline.batches(_interleaved(ranges)):
            for item in batch:
                if isinstance(item, Failed):
                    self._fail(item)
                elif isinstance(item, Unfiltered) and item.resource not in again:
                    again[item.resource] = self._restart(item)
            read = [item for item in batch if isinstance(item, Read)]
            pages = [page for page in read if page.observation.resource not in again]
            self._write(pages)
            for page in pages:
                self._report(page, left)
        return list(again.values())

    def _fail(self, failed: Failed) -> None:
        self.outcome.failed[failed.resource] = failed
        self._progress(failed.resource, self.outcome.objects.get(failed.resource, 0), True)

    def _restart(self, found: Unfiltered) -> Range:
        with self._engine.begin() as connection:
            whole = restart(connection, found.run_id, found.resource)
        self.outcome.objects[found.resource] = 0
        return whole

    def _write(self, pages: Sequence[Read]) -> None:
        if not pages:
            return
        with self._engine.begin() as connection:
            record(connection, (page.observation for page in pages), self._touched)
            save(connection, _last_state(pages))

    def _report(self, page: Read, left: "Unread") -> None:
        name = page.observation.resource
        self._count(name, len(page.observation.objects))
        self._progress(name, self.outcome.objects[name], left.emptied_by(page))

    def _count(self, name: str, objects: int) -> None:
        self.outcome.objects[name] = self.outcome.objects.get(name, 0) + objects

    def _read(self, stretch: Range) -> None:
        """Work of one reader: a range to its end, cutting off what others can read meanwhile."""
        resource = RESOURCES[stretch.resource]
        try:
            while not stretch.done:
                stretch = self._step(resource, stretch)
        except UnfilteredError:
            self._cutter.leave_whole(resource.name)
            self._pipeline.put(Unfiltered(resource.name, stretch.run_id))
        except GatewayError as error:
            failed = failure(resource.name, error)
            if failed is None:
                raise
            self._pipeline.put(failed)

    def _step(self, resource: Resource, stretch: Range) -> Range:
        """Read and hand on one page; gives the range as it then is."""
        page = self._page(resource, stretch)
        if page is None:
            return replace(stretch, cursor=None, objects=0)
        objects = page.objects
        _check(resource, stretch, objects)
        more = page.has_more and bool(objects)
        cursor = objects[-1]["id"] if objects else stretch.cursor
        after = replace(stretch, cursor=cursor, objects=stretch.objects + len(objects), done=not more)
        cuts = more and self._pipeline.has_spare_hands
        ranges = self._cutter.cut(resource, after, objects) if cuts else (after,)
        self._pipeline.put(Read(Observation(resource.name, objects, page.server_time), ranges))
        for lower in ranges[1:]:
            self._pipeline.add(lower)
        return ranges[0]

    def _page(self, resource: Resource, stretch: Range) -> Page | None:
        """A range's next page; None when the object it had come to was deleted since."""
        params = self._params(resource) | ({"created": stretch.filter} if stretch.filter else {})
        if stretch.cursor is None:
            return self._reader.page(resource, params)
        try:
            return self._reader.page(resource, {**params, "starting_after": stretch.cursor})
        except (Refused, NotFound) as error:
            if (error.param or "").startswith("starting_after"):
                return None
            raise


class Unread:
    """Which ranges of each resource are still being read."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._ends: dict[str, set[int | None]] = {}
        for each in ranges:
            self._ends.setdefault(each.resource, set()).add(each.end)

    def emptied_by(self, page: Read) -> bool:
        """Take note of a page; whether its resource is thereby read to the end."""
        ends = self._ends.setdefault(page.observation.resource, set())
        for each in page.ranges:
            if each.done:
                ends.discard(each.end)
            else:
                ends.add(each.end)
        return not ends


def _interleaved(ranges: Sequence[Range]) -> Iterable[Range]:
    """The ranges with those of big resources first, one of each resource in turn."""
    order = {name: place for place, name in enumerate(RESOURCES)}
    turns: dict[str, int] = {}
    keyed = []
    for each in ranges:
        turns[each.resource] = turn = turns.get(each.resource, -1) + 1
        keyed.append(((turn, order[each.resource]), each))
    return [each for _, each in sorted(keyed, key=lambda pair: pair[0])]


def _last_state(pages: Sequence[Read]) -> Iterable[Range]:
    """Each range once, as it is after the last of these pages."""
    return {(each.resource, each.end): each for page in pages for each in page.ranges}.values()


def _check(resource: Resource, stretch: Range, objects: Sequence[Json]) -> None:
    """Raises UnfilteredError or BadAnswer when the page is not the one that was asked for."""
    if stretch.filter and not all(stretch.holds(moment(resource, obj)) for obj in objects):
        raise UnfilteredError(resource.name)
    if stretch.cursor and any(obj["id"] == stretch.cursor for obj in objects):
        raise BadAnswer(f"{resource.path}: the server gives the same page again (starting_after is ignored).")
