"""A subscription business in the sandbox, as the ledger tells it from what Stripe would still show."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, case, select

from data.clock import from_epoch
from data.database import open_engine, upsert
from data.ledger import refresh
from data.records import TABLES, rows_of
from data.sandbox import engine as clock
from data.sandbox.billing import people
from data.sandbox.store import Store
from data.tables import history, ledger, metadata
from tests.data.sandbox.scenario import Scenario, at, day

Json = dict[str, Any]
Moves = list[tuple[str, str, int]]
STEP = 20 * 86_400  # events are kept for 30 days, so somebody who follows looks more often


class Told(Scenario):
    """A scenario that is followed: every event is remembered as it happens."""

    def __init__(self, store: Store, start: str, card: str | None = "4242") -> None:
        self.heard: dict[str, Json] = {}
        super().__init__(store, start, card)

    def do(self, operation: Callable[..., Json], *args: Any, **fields: Any) -> Json:
        """One operation of its own; what it returns is a copy."""
        done = super().do(operation, *args, **fields)
        self.listen()
        return done

    def until(self, moment: str) -> None:
        """Move the clock."""
        while self.store.now < at(moment):
            clock.advance(self.store, min(at(moment), self.store.now + STEP))
            self.listen()

    def listen(self) -> None:
        """Remember the events that there are."""
        self.heard |= {event["id"]: event for event in self.store.all("events")}

    def new_product(self, name: str) -> str:
        """Another product."""
        return str(self.do(people.create_product, name)["id"])

    def objects(self, with_events: bool = True) -> dict[str, list[Json]]:
        """Everything that Stripe would list now, and all events, or none of them."""
        listed = {name: list(self.store.all(name)) for name in TABLES if name != "events"}
        return {**listed, "events": list(self.heard.values()) if with_events else []}


def fill(connection: Connection, objects: dict[str, list[Json]], now: int) -> None:
    """Write objects to the mirror and rebuild the ledger."""
    seen = from_epoch(now)
    assert seen is not None
    for resource, found in objects.items():
        for table, rows in rows_of(resource, found, seen).items():
            upsert(connection, table, rows, newer_by="observed_at")
    refresh(connection, None, seen)


def mirror_of(told: Told, with_events: bool) -> Engine:
    """A database that knows what Stripe shows; the caller disposes of it."""
    engine = open_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        fill(connection, told.objects(with_events), told.store.now)
    return engine


def moves(told: Told, with_events: bool = True) -> Moves:
    """(day, kind, ARR after it) of every day on which the run rate changed, transfers first."""
    engine = mirror_of(told, with_events)
    with engine.connect() as connection:
        moved = ledger.movement.c
        first = case((moved.kind == "transfer", 0), else_=1)
        query = select(moved.day, moved.kind, moved.delta_arr).order_by(moved.day, first, moved.kind)
        rows = connection.execute(query).all()
    engine.dispose()
    found: dict[tuple[str, str], int] = {}
    arr = 0
    for row in rows:
        arr += row.delta_arr
        found[f"{row.day}", row.kind] = arr
    return [(*key, value) for key, value in found.items()]


def unknown(told: Told, with_events: bool = False) -> list[tuple[str | None, str | None, int]]:
    """(earliest day, latest day, delta ARR) of the changes that nothing dates."""
    engine = mirror_of(told, with_events)
    with engine.connect() as connection:
        table = history.unknown_history.c
        rows = connection.execute(select(table.earliest_at, table.latest_at, table.delta_arr)).all()
    engine.dispose()
    return [(day(_epoch(row.earliest_at)), day(_epoch(row.latest_at)), row.delta_arr) for row in rows]


def _epoch(instant: Any) -> int | None:
    return None if instant is None else int(instant.timestamp())
