"""One sync from beginning to end: full pass when needed, events, the daily sweep, ledger, data version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from data import customer_standing, due_dates, ledger, search
from data.clock import to_epoch
from data.gateway import Forbidden, Gateway, NotFound, Refused
from data.resources import RESOURCES, Resource
from data.sync import runs, sweep
from data.sync.account import claim
from data.sync.catch_up import CatchUp, GapError, newest
from data.sync.crawl import Crawl, Failed, Outcome, Progress
from data.sync.inbox import Inbox
from data.sync.lock import sync_lock
from data.sync.observations import Touched
from data.sync.ranges import load, restart
from data.sync.reading import Reader
from data.sync.runs import Book, Run
from data.sync.state import EventCursor, forget_state, read_state, write_state

Json = dict[str, Any]


@dataclass(frozen=True)
class ResourceReport:
    """How reading one resource went, with what is missing in words."""

    state: str  # ok, forbidden, unknown, failed
    objects: int = 0
    error: str | None = None


@dataclass
class SyncReport:
    """What a sync did."""

    kind: str  # full, events
    version: int = 0  # the data version that it left
    data_at: datetime | None = None  # the server's time: nothing in the mirror is older
    objects: int = 0
    events: int = 0
    requests: int = 0
    seconds: float = 0.0
    reason: str = ""  # why a full pass was done that nobody asked for
    swept: bool = False
    resources: dict[str, ResourceReport] = field(default_factory=dict)

    @property
    def problems(self) -> dict[str, str]:
        """What could not be read, by resource, in words."""
        return {name: found.error for name, found in self.resources.items() if found.error}


def sync(
    engine: Engine, gateway: Gateway, *, full: bool = False, progress: Progress | None = None
) -> SyncReport:
    """Bring the mirror and all that is computed from it up to date with Stripe.

    Raises SyncRunningError, OtherAccountError, or GatewayError when Stripe cannot be read at all; what was
    written until then stays, and the next sync goes on from there.
    """
    with sync_lock(engine):
        return _Sync(engine, gateway, progress).run(full=full)


class _Sync:
    """One sync under way."""

    def __init__(self, engine: Engine, gateway: Gateway, progress: Progress | None) -> None:
        self._engine = engine
        self._gateway = gateway
        self._progress = progress
        self._reader = Reader(gateway)
        self._touched = Touched()
        self._book = Book(engine, gateway)
        self._cursor: EventCursor | None = None
        self.report = SyncReport("events")

    def run(self, *, full: bool) -> SyncReport:
        """Do it, and keep book of it whatever happens."""
        self._recall()
        try:
            claim(self._engine, self._gateway)
            self._steps(full)
        except BaseException as error:
            self._book.fail(error, self.report.objects)
            raise
        return self.report

    def _recall(self) -> None:
        """What earlier syncs left: instants that may not come again, and whether one was cut short."""
        with self._engine.connect() as connection:
            seen = read_state(connection, "observed_at")
            self._touched.everyone = runs.was_cut_short(connection)
        if seen is not None:
            self._gateway.clock.not_before(datetime.fromisoformat(seen))

    def _steps(self, full: bool) -> None:
        run = self._full_run_due(full)
        if run is None:
            self._book.open("events")
            self._read_left()
        else:
            self._read_all(run)
        self.report.data_at = self._gateway.clock.now()
        self._follow_events()
        inbox = Inbox(self._engine, self._reader, self._touched, self._gateway.clock.now())
        inbox.read()
        self.report.objects += inbox.objects
        self.report.events += inbox.events
        self._sweep_if_due()
        self._finish()
        inbox.settle()

    def _full_run_due(self, full: bool) -> Run | None:
        """The full pass to do: the one that was interrupted, a new one, or none."""
        with self._engine.connect() as connection:
            last = runs.latest(connection, "full")
            self._cursor = EventCursor.load(connection)
        if last is not None and last.state != "done":
            return last
        return self._begin_full() if last is None or full or not self._can_follow else None

    @property
    def _can_follow(self) -> bool:
        """Whether events tell what changed: a server that listed none may be one that keeps none."""
        return self._cursor is not None and self._cursor.newest is not None

    def _begin_full(self) -> Run:
        """Write down where the events are now, then that every list is to be read."""
        try:
            self._cursor = newest(self._gateway)
        except (Forbidden, NotFound, Refused):
            self._cursor = None
        with self._engine.begin() as connection:
            if self._cursor is None:
                forget_state(connection, "event_cursor")
            else:
                self._cursor.save(connection)
            return runs.begin(connection, "full", self._gateway.clock.now(), RESOURCES, self._cursor)

    def _read_all(self, run: Run) -> None:
        self.report.kind = "full"
        self._touched.everyone = True
        self._book.add(run)
        with self._engine.connect() as connection:
            ranges = load(connection, run.id)
        outcome = self._crawl().run(ranges)
        self._settle(outcome)
        read = [name for name in outcome.objects if name not in outcome.failed and name != "events"]
        self._mark_missing(read, run.began_at, whole=True)

    def _read_left(self) -> None:
        """Read lists that the last full pass could not read; they may have become readable."""
        with self._engine.connect() as connection:
            run = runs.latest(connection, "full")
            ranges = runs.unread(connection, run) if run else []
        if ranges:
            self._settle(self._crawl().run(ranges))

    def _crawl(self, params: Callable[[Resource], Json] | None = None) -> Crawl:
        return Crawl(
            self._engine, self._reader, progress=self._progress, touched=self._touched, params=params
        )

    def _settle(self, outcome: Outcome) -> None:
        """Write down how each list's reading went."""
        self.report.objects += sum(outcome.objects.values())
        at = self._gateway.clock.now()
        with self._engine.begin() as connection:
            for name in outcome.objects.keys() | outcome.failed.keys():
                found = _resource_report(name, outcome, self._reader)
                self.report.resources[name] = found
                read_at = at if found.state == "ok" else None
                runs.save_resource(connection, name, found.state, found.error, read_at)

    def _follow_events(self) -> None:
        if self._cursor is None:
            return
        try:
            self._cursor = self._catch_up(self._cursor)
        except GapError as gap:
            self.report.reason = str(gap)
            self._read_all(self._begin_full())
            if self._cursor is not None:
                self._cursor = self._catch_up(self._cursor)
        except (Forbidden, NotFound, Refused) as error:
            self._settle(Outcome(failed={"events": Failed("events", "forbidden", str(error))}))
            self._cursor = None

    def _catch_up(self, cursor: EventCursor) -> EventCursor:
        followed = CatchUp(self._engine, self._reader, self._touched, self._progress)
        after = followed.run(cursor)
        self.report.events += followed.events
        self.report.objects += followed.objects
        self._read_again_later(followed.failed)
        return after

    def _read_again_later(self, failed: Mapping[str, Failed]) -> None:
        """Lists of which an object could not be read: the next sync reads them whole."""
        if not failed:
            return
        self._settle(Outcome(failed=dict(failed)))
        with self._engine.begin() as connection:
            run = runs.latest(connection, "full")
            for name in failed if run else ():
                assert run is not None
                restart(connection, run.id, name)

    def _mark_missing(self, names: Sequence[str], since: datetime, *, whole: bool) -> None:
        subjects, doubts = sweep.missing(self._engine, names, since, whole=whole)
        for name, words in doubts.items():
            self._reader.note(name, words)
        look = CatchUp(self._engine, self._reader, self._touched)
        look.look_at(subjects)
        self.report.objects += look.objects

    def _sweep_if_due(self) -> None:
        with self._engine.connect() as connection:
            last = read_state(connection, "swept_at")
            run = runs.latest(connection, "sweep")
            readable = runs.readable(connection)
        at = self._gateway.clock.now()
        if self.report.kind == "full" or (last and to_epoch(at) - last < sweep.EVERY.total_seconds()):
            return
        names = [name for name in sweep.swept_resources() if name in readable]
        if run is None or run.state == "done":
            with self._engine.begin() as connection:
                run = runs.begin(connection, "sweep", at, names)
        self._book.add(run)
        with self._engine.connect() as connection:
            ranges = load(connection, run.id)
        outcome = self._crawl(sweep.part).run(ranges)
        self.report.objects += sum(outcome.objects.values())
        self._mark_missing([name for name in names if name not in outcome.failed], run.began_at, whole=False)
        self.report.swept = True

    def _finish(self) -> None:
        """Everything computed from the mirror, the data version and the book, in one transaction."""
        report, at = self.report, self._gateway.clock.now()
        assert report.data_at is not None
        with self._engine.begin() as connection:
            rebuilt = ledger.refresh(connection, self._touched.scope, at)
            search.refresh_customers(connection, self._touched.scope)
            customer_standing.refresh(connection, rebuilt, at)
            due_dates.refresh(connection, rebuilt, at)
            changed = bool(rebuilt is None or rebuilt or report.objects or report.events)
            report.version = runs.publish(connection, report.data_at, report.kind, changed=changed)
            runs.confirm_resources(connection, report.data_at)
            runs.note_odd(connection, self._touched.odd)
            if self._cursor is None:
                forget_state(connection, "event_cursor")
            else:
                self._cursor.save(connection)
            if report.kind == "full" or report.swept:
                write_state(connection, "swept_at", to_epoch(at))
            write_state(connection, "observed_at", self._gateway.clock.now().isoformat())
            self._book.close(connection, report.objects)
        report.requests, report.seconds = self._book.requests, self._book.seconds


def _resource_report(name: str, outcome: Outcome, reader: Reader) -> ResourceReport:
    objects = outcome.objects.get(name, 0)
    if name in outcome.failed:
        return ResourceReport(outcome.failed[name].state, objects, outcome.failed[name].error)
    return ResourceReport("ok", objects, reader.notes_on(name))
