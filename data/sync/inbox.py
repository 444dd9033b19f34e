"""What webhooks told that the list of events did not: kept as evidence, and what it touches read anew.

Stripe's list of events fills every gap and drops every repetition, so a webhook is first of all a bell. What
is in the list already needs nothing more; the rest (a list that cannot be read, or that lags; thin events)
is handled here, in whatever order it came.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from data import clock, webhooks
from data.resources import Subject, says_deleted, subjects_of, subjects_of_thin
from data.sync.catch_up import CatchUp
from data.sync.observations import Observation, Touched, record
from data.sync.reading import Reader
from data.tables import mirror
from data.webhooks import Waiting

LOG = logging.getLogger(__name__)
Json = dict[str, Any]
THIN = "v2.core.event"


class Inbox:
    """One look at the webhooks that wait."""

    def __init__(self, engine: Engine, reader: Reader, touched: Touched, at: datetime) -> None:
        self._engine = engine
        self._look = CatchUp(engine, reader, touched)
        self._touched = touched
        self._at = at
        self._url = engine.url.render_as_string(hide_password=False)
        self._taken: Sequence[Waiting] = ()
        self._failed: dict[str, str] = {}
        self.objects = 0
        self.events = 0

    def read(self) -> None:
        """Read what the waiting events touch, and keep those that Stripe lists as evidence."""
        try:
            self._taken = webhooks.waiting(self._url, clock.now())
        except webhooks.InboxError:
            LOG.exception("Webhooks wait until their inbox can be read")
            return
        if self._taken:
            self._read()

    def _read(self) -> None:
        news = self._unlisted()
        subjects = {event.id: self._understood(event) for event in news}
        news = [event for event in news if event.id not in self._failed]
        deleted = dict(each for event in news for each in _deleted(event.payload).items())
        self._look.look_at({each for found in subjects.values() for each in found}, deleted)
        whole = [event.payload for event in news if event.payload.get("object") != THIN]
        with self._engine.begin() as connection:
            record(connection, [Observation("events", whole, self._at)], self._touched)
        for key, found in subjects.items():
            errors = [self._look.failed[name].error for name, _ in found if name in self._look.failed]
            if errors:
                self._failed[key] = errors[0]
        self.objects, self.events = self._look.objects, len(news)

    def _unlisted(self) -> list[Waiting]:
        """Those that the list of events has not told."""
        ids = [event.id for event in self._taken]
        with self._engine.connect() as connection:
            known = set(connection.scalars(select(mirror.event.c.id).where(mirror.event.c.id.in_(ids))))
        return [event for event in self._taken if event.id not in known or event.attempts]

    def _understood(self, event: Waiting) -> set[Subject]:
        """What an event touches; nothing, and noted, when it is made as no event is."""
        try:
            return _subjects(event.payload)
        except (AttributeError, KeyError, TypeError) as error:
            self._failed[event.id] = f"The event is not made as events are ({type(error).__name__})."
            return set()

    def settle(self) -> None:
        """Close what was handled, once what came of it is committed; a crash before that only repeats it."""
        if self._taken:
            try:
                webhooks.settle(self._url, self._taken, self._failed, clock.now())
            except webhooks.InboxError:
                LOG.exception("Webhooks that were handled will be handled again")


def _subjects(event: Json) -> set[Subject]:
    return subjects_of_thin(event) if event.get("object") == THIN else subjects_of(event)


def _deleted(event: Json) -> dict[Subject, Json]:
    """What the event says is gone, with the object as it last was."""
    if event.get("object") == THIN or not says_deleted(event):
        return {}
    obj = event["data"]["object"]
    return {subject: obj for subject in subjects_of(event) if subject[1] == obj.get("id")}
