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


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Adds the seconds that the block took."""
    began = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - began)


def say(name: str, seconds: list[float], floor: float | None = None) -> None:
    """Print a median, and how often a floor fits into it."""
    median = statistics.median(seconds)
    ratio = f", {median / floor:.1f} times by hand" if floor else ""
    print(f"  {name}: {median:,.3f} s{ratio}")  # noqa: T201


def floor_of(folder: Path) -> float:
    """Seconds by hand over Parquet, the median of three."""
    seconds: list[float] = []
    for _ in range(3):
        with timed(seconds):
            count = by_hand(folder)
    print(f"  by hand over Parquet: {statistics.median(seconds):,.3f} s for {count:,} movements")  # noqa: T201
    return statistics.median(seconds)


def stages(connection: Connection, floor: float) -> None:
    """Time the parts of a rebuild that write nothing."""
    read: list[float] = []
    told: list[float] = []
    moved: list[float] = []
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


def rebuilt(engine: Engine, floor: float) -> None:
    """Time a rebuild from nothing, its parts, and that its movements are as many as by hand."""
    seconds: list[float] = []
    with engine.connect() as connection:
        with timed(seconds):
            ledger.refresh(connection, None, NOW)
            connection.commit()
        say("rebuild, written and committed", seconds, floor)
        count = connection.scalar(select(func.count()).select_from(written.movement))
        print(f"    {count:,} movements")  # noqa: T201
        stages(connection, floor)
        refused = plain(connection, None).refused
        print(f"    followed one by one: {len(refused):,} subscriptions")  # noqa: T201


def touched(engine: Engine) -> None:
    """Time refreshes that each touch other customers."""
    seconds: list[float] = []
    with engine.connect() as connection:
        customer = mirror.customer.c.id
        chosen = list(
            connection.execute(select(customer).order_by(customer).limit(TOUCHED * TIMES)).scalars()
        )
        connection.rollback()
        for first in range(0, len(chosen), TOUCHED):
            with timed(seconds):
                ledger.refresh(connection, set(chosen[first : first + TOUCHED]), NOW)
                connection.commit()
    say(f"refresh of {TOUCHED} customers", seconds)


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
