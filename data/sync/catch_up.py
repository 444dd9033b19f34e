"""What happened since the last sync: events are read, and the objects they touch as they are now.

An event says what to look at, not what to believe: its object is fetched anew, so the order and number of
events do not matter. Nothing is taken from clocks: the newest event of the last time must be there again.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from data.clock import to_epoch
from data.gateway import Gateway, GatewayError, NotFound, Refused
from data.resources import RESOURCES, Subject, says_deleted, subjects_of
from data.sync.crawl import Failed, Progress, failure, readers
from data.sync.cutting import moment
from data.sync.observations import Observation, Touched, record, record_deleted
from data.sync.pipeline import Pipeline
from data.sync.reading import LIMIT, Reader
from data.sync.state import EventCursor

LOG = logging.getLogger(__name__)
Json = dict[str, Any]
OVERLAP = 60  # seconds before the newest event: one that is listed late must still be noticed
KEPT = 29 * 86_400  # seconds: Stripe keeps events for 30 days; a day is left for doubt
EVENTS = RESOURCES["events"]


class GapError(Exception):
    """Events since the last sync are no longer all there; only a full pass can tell what happened."""


@dataclass
class News:
    """What the events since the last time say."""

    subjects: set[Subject] = field(default_factory=set)
    deleted: dict[Subject, Json] = field(default_factory=dict)  # with the object as it last was
    events: int = 0
    recent: list[tuple[int, str]] = field(default_factory=list)  # (created, id) of all that were listed

    def add(self, event: Json) -> None:
        """Take note of an event that was not handled before; events come newest first."""
        self.events += 1
        try:
            self._touch(event)
        except (AttributeError, KeyError, TypeError):  # made as no event is: it says nothing, and is noted
            LOG.warning("The event %s is not made as events are", event["id"])

    def _touch(self, event: Json) -> None:
        self.subjects |= subjects_of(event)
        if says_deleted(event):
            obj = event["data"]["object"]
            for subject in subjects_of(event):
                if subject[1] == obj.get("id"):
                    self.deleted.setdefault(subject, obj)


@dataclass(frozen=True)
class Present:
    """An object as it is now, or None when it is gone."""

    subject: Subject
    obj: Json | None
    observed_at: datetime


def newest(gateway: Gateway) -> EventCursor:
    """Where the events are now: what is read after this is newer. Raises GatewayError."""
    page = gateway.page(EVENTS.path, {"limit": 1})
    looked_up = to_epoch(page.server_time)
    if not page.objects:
        return EventCursor(None, looked_up, looked_up)
    return EventCursor(page.objects[0]["id"], moment(EVENTS, page.objects[0]), looked_up)


class CatchUp:
    """One look at the events since a cursor and at what they touch."""

    def __init__(
        self, engine: Engine, reader: Reader, touched: Touched, progress: Progress | None = None
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._touched = touched
        self._progress = progress or (lambda *_: None)
        self.failed: dict[str, Failed] = {}
        self.objects = 0
        self.events = 0

    def run(self, cursor: EventCursor) -> EventCursor:
        """Bring the mirror up to date; gives the cursor of the next time, for the caller to save.

        Raises GapError when events are missing, GatewayError when events cannot be read.
        """
        news, after = self._news(cursor)
        self.events = news.events
        self.look_at(news.subjects, news.deleted)
        return after

    def _news(self, cursor: EventCursor) -> tuple[News, EventCursor]:
        news = News()
        handled = set(cursor.handled)
        looked_up = None
        for page_events, at in self._pages(cursor.created - OVERLAP if cursor.newest else 0):
            looked_up = looked_up or to_epoch(at)
            fresh = [event for event in page_events if event["id"] not in handled]
            for event in fresh:
                news.add(event)
            news.recent += [(moment(EVENTS, event), event["id"]) for event in page_events]
            with self._engine.begin() as connection:
                record(connection, [Observation("events", fresh, at)], self._touched)
        assert looked_up is not None
        _see_no_gap(cursor, news, looked_up)
        return news, _next(cursor, news, looked_up)

    def _pages(self, since: int) -> Iterator[tuple[list[Json], datetime]]:
        """Events from an instant on, newest first; at least one page, which may be empty."""
        params: Json = {"limit": LIMIT, "created": {"gte": since}}
        while True:
            try:
                page = self._reader.gateway.page(EVENTS.path, params)
            except Refused as error:
                if "created" not in params or not (error.param or "").startswith("created"):
                    raise
                del params["created"]  # a longer list, of which what is older is left out below
                continue
            kept = [event for event in page.objects if moment(EVENTS, event) >= since]
            yield kept, page.server_time
            if not page.has_more or len(kept) < len(page.objects) or not kept:
                return
            params = {**params, "starting_after": kept[-1]["id"]}

    def look_at(self, subjects: Iterable[Subject], deleted: dict[Subject, Json] | None = None) -> None:
        """Fetch objects as they are now; those that are gone are marked."""
        gone = deleted or {}
        self._pipeline: Pipeline[Subject, Present | Failed] = Pipeline(
            lambda subject: self._look(subject, subject in gone), readers(self._reader.gateway)
        )
        for batch in self._pipeline.batches(sorted(subjects), most=50):
            found = [item for item in batch if isinstance(item, Present)]
            self._write(found, gone)
            self.failed.update((item.resource, item) for item in batch if isinstance(item, Failed))
            self.objects += len(found)
            self._progress("changes", self.objects, False)
        self._progress("changes", self.objects, True)

    def _look(self, subject: Subject, said_deleted: bool) -> None:
        """Work of one reader: an object by its id."""
        name, key = subject
        asked_at = self._reader.gateway.clock.now()
        try:
            obj, at = self._reader.object(RESOURCES[name], key)
        except NotFound as error:
            if said_deleted or error.code == "resource_missing":
                self._pipeline.put(Present(subject, None, asked_at))
            else:  # the server has no such address: what was mirrored stays
                self._pipeline.put(Failed(name, "unknown", error.sentence))
        except GatewayError as error:
            failed = failure(name, error)
            if failed is None:
                raise
            self._pipeline.put(failed)
        else:
            self._pipeline.put(Present(subject, None if obj.get("deleted") else obj, at))

    def _write(self, found: Sequence[Present], last_seen: dict[Subject, Json]) -> None:
        with self._engine.begin() as connection:
            here = [item for item in found if item.obj is not None]
            record(connection, (_observation(item) for item in here), self._touched)
            for item in found:
                if item.obj is None:
                    name, key = item.subject
                    obj = last_seen.get(item.subject, {"id": key})
                    record_deleted(connection, name, [obj], item.observed_at, self._touched)


def _observation(item: Present) -> Observation:
    assert item.obj is not None
    return Observation(item.subject[0], [item.obj], item.observed_at)


def _see_no_gap(cursor: EventCursor, news: News, looked_up: int) -> None:
    """Raises GapError unless the newest event of the last time was listed again."""
    if cursor.newest is None:
        if looked_up - cursor.looked_up > KEPT:
            raise GapError("There were no events at the last sync, and it was too long ago.")
    elif not any(key == cursor.newest for _, key in news.recent):
        raise GapError("The newest event of the last sync is no longer listed.")


def _next(cursor: EventCursor, news: News, looked_up: int) -> EventCursor:
    if not news.recent:
        return EventCursor(None, cursor.created, looked_up)
    created, key = news.recent[0]
    handled = tuple(each for at, each in news.recent if at >= created - OVERLAP)
    return EventCursor(key, created, looked_up, handled)
