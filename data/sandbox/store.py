"""What the sandbox remembers: Stripe objects as JSON in one SQLite file, and its own clock.

Objects are kept with references as ids and with their discounts in full; what a list answers without
`expand` (discounts as ids) is kept beside them, so that a page is joined from bytes, not built.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from data.sandbox.conditions import COLUMNS, Condition, compiled, facts
from data.sandbox.events import EVENT_DAYS, built_event
from data.sandbox.identifiers import identifier
from data.sandbox.wire import cut, discounts_in

Json = dict[str, Any]
Request = tuple[str, str | None]
DAY = 86_400

_INDEXED = ("customer", "subscription", "invoice", "charge", "status")
_SCHEMA = """
create table if not exists object (
    seq integer primary key autoincrement, resource text not null, id text not null, created integer not null,
    customer text, subscription text, invoice text, charge text, status text, kind text,
    body blob not null, wire blob, unique (resource, id));
create index if not exists object_order on object (resource, created, seq);
create table if not exists meta (key text primary key, value text not null);
""" + "".join(
    f"create index if not exists by_{name} on object (resource, {name}, created) where {name} is not null;"
    for name in _INDEXED
)
_NAMES = ("resource", "id", *COLUMNS, "body", "wire")
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in _NAMES[2:])
_PUT = (
    f"insert into object ({', '.join(_NAMES)}) values (?{', ?' * (len(_NAMES) - 1)})"  # noqa: S608
    f" on conflict (resource, id) do update set {_CHANGES}"
)
_NEWEST = "created desc, seq desc"
_OLDEST = "created, seq"


class UnknownCursorError(LookupError):
    """starting_after or ending_before names an object that is not there; args: parameter, id."""


class Store:
    """Every object of one Stripe account; safe to use from several threads, one transaction at a time.

    `told` is set whenever an event was committed, for those who wait for news.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the file; None keeps everything in memory."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.told = threading.Event()
        self._news = False
        self._lock = threading.RLock()
        self._depth = 0
        self._events_from = 0
        self._bulk = False
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
            self._database.execute(f"pragma {pragma}").close()
        self._database.executescript(_SCHEMA).close()
        self._read_state()

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def __del__(self) -> None:
        """A store that nobody closed is closed with its last reference."""
        if hasattr(self, "_database"):
            self._database.close()

    def _read_state(self) -> None:
        self._now = int(self.meta("now") or 0)
        self._counter = int(self.meta("counter") or 0)
        self._salt = self.meta("salt") or "sandbox"

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> int:
        with self._lock:
            cursor = self._database.execute(sql, values)
            try:
                return cursor.rowcount
            finally:
                cursor.close()

    @property
    def now(self) -> int:
        """The sandbox's own clock, epoch seconds; it moves only when set."""
        return self._now

    def set_now(self, instant: int) -> None:
        """Set the clock (epoch seconds) and forget the events that are then older than 30 days."""
        with self.transaction():
            self._now = instant
            self.set_meta("now", str(instant))
            if not self._bulk:
                self._forget_events()

    def _forget_events(self) -> None:
        oldest = self._now - EVENT_DAYS * DAY
        self._run("delete from object where resource = 'events' and created < ?", (oldest,))

    def meta(self, key: str) -> str | None:
        """A remembered word about the account, or None."""
        found = self._rows("select value from meta where key = ?", (key,))
        return str(found[0][0]) if found else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a word about the account; `salt` decides the ids that new_id makes."""
        with self._lock:
            self._run("insert or replace into meta values (?, ?)", (key, value))
            if key == "salt":
                self._salt = value

    def new_id(self, prefix: str) -> str:
        """A fresh id such as "sub_1Q2w..."; the same salt and order of calls give the same ids."""
        with self._lock:
            self._counter += 1
            if not self._depth:
                self.set_meta("counter", str(self._counter))
            return identifier(prefix, self._salt, self._counter)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; others wait. One inside another can fail alone."""
        with self._lock:
            self._begin()
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._take_back()
                raise
            self._depth -= 1
            self._keep()

    def _begin(self) -> None:
        if self._depth:
            self._write_counter()
            self._run(f"savepoint level{self._depth}")
        else:
            self._run("begin immediate")

    def _keep(self) -> None:
        if self._depth:
            self._run(f"release level{self._depth}")
            return
        self._write_counter()
        self._run("commit")
        if self._news:
            self._news = False
            self.told.set()

    def _take_back(self) -> None:
        if self._depth:
            self._run(f"rollback to level{self._depth}")
            self._run(f"release level{self._depth}")
        else:
            self._run("rollback")
            self._news = False
        self._read_state()

    def _write_counter(self) -> None:
        self._run("insert or replace into meta values ('counter', ?)", (str(self._counter),))

    @contextmanager
    def bulk(self, end: int) -> Iterator[None]:
        """One transaction for making a history up to `end`; events that would be forgotten are not built."""
        with self.transaction():
            self._bulk, self._events_from = True, end - EVENT_DAYS * DAY
            try:
                yield
            finally:
                self._bulk, self._events_from = False, 0
            self._forget_events()

    def put(self, resource: str, obj: Json) -> None:
        """Keep an object as it is now; a new one goes to the front of those created in the same second.

        Discounts that it carries are kept as well, so that an id can be expanded.
        """
        for discount in discounts_in(obj):
            self.put("discounts", discount)
        wire = cut(obj)
        body = orjson.dumps(obj)
        self._run(_PUT, (resource, obj["id"], *facts(obj), body, None if wire is obj else orjson.dumps(wire)))

    def get(self, resource: str, identity: str) -> Json | None:
        """A copy of an object, or None; changing the copy changes nothing until it is put."""
        found = self._rows("select body from object where resource = ? and id = ?", (resource, identity))
        return orjson.loads(found[0][0]) if found else None

    def wire(self, resource: str, identity: str) -> bytes | None:
        """An object as JSON text with nothing expanded; what is left of a deleted one; else None."""
        found = self._rows(
            "select coalesce(wire, body) from object where resource in (?, ?) and id = ?",
            (resource, f"deleted_{resource}", identity),
        )
        return found[0][0] if found else None

    def holds(self, resource: str, identity: str) -> bool:
        """Whether an object is there."""
        return bool(self._rows("select 1 from object where resource = ? and id = ?", (resource, identity)))

    def delete(self, resource: str, identity: str) -> bool:
        """Forget an object; says whether it was there."""
        return self._run("delete from object where resource = ? and id = ?", (resource, identity)) > 0

    def after(self, resource: str, place: int, limit: int) -> list[tuple[int, bytes]]:
        """(place, JSON text) of the objects made after a place, oldest first; places only grow."""
        found = self._rows(
            "select seq, body from object where resource = ? and seq > ? order by seq limit ?",
            (resource, place, limit),
        )
        return [(int(seq), body) for seq, body in found]

    def newest(self, resource: str) -> int:
        """The place of the object that was made last, 0 when there is none."""
        found = self._rows("select max(seq) from object where resource = ?", (resource,))
        return int(found[0][0] or 0)

    def count(self, resource: str) -> int:
        """How many objects a resource has."""
        return int(self._rows("select count(*) from object where resource = ?", (resource,))[0][0])

    def all(self, resource: str) -> Iterable[Json]:
        """Every object of a resource, oldest first."""
        return self.select(resource, ())

    def where(self, resource: str, field: str, value: Any) -> list[Json]:
        """Objects with a value, oldest first; fast for customer, subscription, invoice, charge and status."""
        return self.select(resource, (Condition(field, "=", value),))

    def select(self, resource: str, conditions: Sequence[Condition]) -> list[Json]:
        """Objects that meet all conditions, oldest first."""
        clause, values = compiled(conditions)
        rows = self._rows(
            f"select body from object where resource = ?{clause} order by {_OLDEST}",  # noqa: S608
            (resource, *values),
        )
        return [orjson.loads(body) for (body,) in rows]

    def page(
        self,
        resource: str,
        filters: Sequence[Condition] = (),
        limit: int = 10,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> tuple[list[Json], bool]:
        """A page in Stripe's order, newest first, and whether more follow in the direction read.

        Raises UnknownCursorError when the cursor's object is not there.
        """
        found, more = self._page("body", resource, filters, limit, starting_after, ending_before)
        return [orjson.loads(body) for body in found], more

    def wire_page(
        self,
        resource: str,
        filters: Sequence[Condition] = (),
        limit: int = 10,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> tuple[list[bytes], bool]:
        """The same page as JSON texts, nothing expanded: what a list answers most of the time."""
        return self._page("coalesce(wire, body)", resource, filters, limit, starting_after, ending_before)

    def _page(
        self,
        column: str,
        resource: str,
        filters: Sequence[Condition],
        limit: int,
        starting_after: str | None,
        ending_before: str | None,
    ) -> tuple[list[bytes], bool]:
        clause, values = compiled(filters)
        backwards = ending_before is not None and starting_after is None
        with self._lock:
            if ending_before is not None:
                clause += " and (created, seq) > (?, ?)"
                values += self._cursor(resource, "ending_before", ending_before)
            if starting_after is not None:
                clause += " and (created, seq) < (?, ?)"
                values += self._cursor(resource, "starting_after", starting_after)
            order = _OLDEST if backwards else _NEWEST
            rows = self._rows(
                f"select {column} from object where resource = ?{clause} order by {order} limit ?",  # noqa: S608
                (resource, *values, limit + 1),
            )
        found = [body for (body,) in rows[:limit]]
        return found[::-1] if backwards else found, len(rows) > limit

    def _cursor(self, resource: str, parameter: str, identity: str) -> list[Any]:
        found = self._rows(
            "select created, seq from object where resource = ? and id = ?", (resource, identity)
        )
        if not found:
            raise UnknownCursorError(parameter, identity)
        return list(found[0])

    def emit(
        self, kind: str, obj: Json, previous: Json | None = None, request: Request | None = None
    ) -> None:
        """Write an event at the clock, such as "invoice.paid", with the object as it is now.

        previous: the event's previous_attributes (data.sandbox.events.changed makes them).
        request: the id and the idempotency key of the request that caused it; None for automatic ones.
        """
        if self._now < self._events_from:
            return
        event = built_event(self.new_id("evt_1"), self._now, kind, obj, previous, request)
        self.put("events", event)
        if self._depth:
            self._news = True
        else:
            self.told.set()
