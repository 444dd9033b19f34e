"""How fast the ledger is rebuilt and refreshed, against the same movements written by hand over Parquet.

SUBSCRIPTIONS=1000000 make bench ARGS=ledger measures another size than 100,000.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from bench._ledger_by_hand import movements as by_hand
from bench._ledger_data import NOW, fill, made, parquet
from bench.sync import databases
from data import ledger
from data.columnar import past, plain
from data.columnar.reading import tables
from data.movements import movements
from data.tables import ledger as written
from data.tables import mirror

TOUCHED = 100
TIMES = 5


class Spent(NamedTuple):
    """Seconds on the clock, and of this process's own work: a database server's are not among them."""

    clock: float
    work: float


@contextmanager
def timed(times: list[Spent]) -> Iterator[None]:
    """Adds what the block took."""
    began = Spent(time.perf_counter(), time.process_time())
    yield
    times.append(Spent(time.perf_counter() - began.clock, time.process_time() - began.work))


def median(times: list[Spent]) -> Spent:
    """The median of each."""
    clock, work = zip(*times, strict=True)
    return Spent(statistics.median(clock), statistics.median(work))


def say(name: str, times: list[Spent], floor: Spent | None = None) -> None:
    """Print a median, and how often a floor fits into it."""
    took = median(times)
    ratio = f", {took.clock / floor.clock:.1f} ({took.work / floor.work:.1f}) times by hand" if floor else ""
    print(f"  {name}: {took.clock:,.3f} s ({took.work:,.3f} s of work){ratio}")  # noqa: T201


def floor_of(folder: Path) -> Spent:
    """What it takes by hand over Parquet, the median of three."""
    times: list[Spent] = []
    for _ in range(3):
        with timed(times):
            count = by_hand(folder)
    say(f"by hand over Parquet, {count:,} movements", times)
    return median(times)


def stages(connection: Connection, floor: Spent) -> None:
    """Time the parts of a rebuild that write nothing."""
    read: list[Spent] = []
    told: list[Spent] = []
    moved: list[Spent] = []
    with timed(read):
        for _name, _table in tables(connection, None):
            pass
    with timed(told):
        segments, _ = past(connection, None)
    with timed(moved):
        movements(segments, NOW)
    say("  of which reading the mirror", read, floor)
    say("  of which reading and timelines", told, floor)
    say("  of which movements", moved, floor)


def rebuilt(engine: Engine, floor: Spent) -> None:
    """Time a rebuild from nothing, its parts, and that its movements are as many as by hand."""
    times: list[Spent] = []
    with engine.connect() as connection:
        with timed(times):
            ledger.refresh(connection, None, NOW)
            connection.commit()
        say("rebuild, written and committed", times, floor)
        count = connection.scalar(select(func.count()).select_from(written.movement))
        print(f"    {count:,} movements")  # noqa: T201
        stages(connection, floor)
        refused = plain(connection, None).refused
        print(f"    followed one by one: {len(refused):,} subscriptions")  # noqa: T201


def touched(engine: Engine) -> None:
    """Time refreshes that each touch other customers."""
    times: list[Spent] = []
    with engine.connect() as connection:
        customer = mirror.customer.c.id
        chosen = list(
            connection.execute(select(customer).order_by(customer).limit(TOUCHED * TIMES)).scalars()
        )
        connection.rollback()
        for first in range(0, len(chosen), TOUCHED):
            with timed(times):
                ledger.refresh(connection, set(chosen[first : first + TOUCHED]), NOW)
                connection.commit()
    say(f"refresh of {TOUCHED} customers", times)


def main() -> None:
    """Print by-hand, rebuild and refresh times of both databases in one run."""
    subscriptions = int(os.environ.get("SUBSCRIPTIONS", "100000"))
    print(f"ledger: {subscriptions:,} subscriptions")  # noqa: T201
    business = made(subscriptions)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, databases() as engines:
        parquet(business, Path(folder))
        floor = floor_of(Path(folder))
        for name, engine in engines.items():
            fill(business, engine)
            print(f"  {name}:")  # noqa: T201
            rebuilt(engine, floor)
            touched(engine)
