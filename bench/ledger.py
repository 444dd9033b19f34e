"""How fast the ledger is rebuilt and refreshed, against the same movements written by hand over Parquet.

SUBSCRIPTIONS=1000000 make bench ARGS=ledger measures another size than 100,000.
"""

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import parquet as parquet_file
from sqlalchemy import Connection, Engine, func, select

from bench._ledger_by_hand import movements as by_hand
from bench._ledger_data import NOW, fill, made, mirrored, parquet
from bench.sync import databases
from data import audiences, ledger, rollups, staging
from data.bulk import replace_table
from data.columnar import TOGETHER, parted, plain
from data.columnar.reading import tables
from data.ledger_files import build
from data.movements import movements
from data.tables import ledger as written
from data.tables import mirror

TOUCHED = 100
TIMES = 5


class Spent(NamedTuple):
    """Seconds on the clock, and of work of this process and those it started: a database server's are not
    among them."""

    clock: float
    work: float


class Floor(NamedTuple):
    """What it takes by hand, and the file of the movements that come of it."""

    spent: Spent
    file: Path


def worked() -> float:
    """Seconds of work so far, with that of processes that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextmanager
def timed(times: list[Spent]) -> Iterator[None]:
    """Adds what the block took."""
    began = Spent(time.perf_counter(), worked())
    yield
    times.append(Spent(time.perf_counter() - began.clock, worked() - began.work))


def median(times: list[Spent]) -> Spent:
    """The median of each."""
    clock, work = zip(*times, strict=True)
    return Spent(statistics.median(clock), statistics.median(work))


def say(name: str, times: list[Spent], floor: Spent | None = None) -> None:
    """Print a median, and how often a floor fits into it."""
    took = median(times)
    ratio = f", {took.clock / floor.clock:.1f} ({took.work / floor.work:.1f}) times by hand" if floor else ""
    print(f"  {name}: {took.clock:,.3f} s ({took.work:,.3f} s of work){ratio}")  # noqa: T201


def floor_of(folder: Path) -> Floor:
    """What it takes by hand over Parquet, the median of three."""
    times: list[Spent] = []
    for _ in range(3):
        with timed(times):
            count = by_hand(folder)
    say(f"by hand over Parquet, {count:,} movements", times)
    return Floor(median(times), folder / "movement.parquet")


def same(moved: pa.Table, by_hand: Path) -> bool:
    """Whether both are the same rows."""
    with duckdb.connect() as engine:
        engine.register("moved", moved)
        columns = ", ".join(f'"{name}"' for name in moved.column_names)
        one, other = f"select {columns} from moved", f"select {columns} from '{by_hand}'"  # noqa: S608
        found = engine.execute(f"({one} except all {other}) union all ({other} except all {one}) limit 1")
        return not found.fetchall()


def from_files(business: duckdb.DuckDBPyConnection, folder: Path, floor: Floor) -> None:
    """Time our definition from the mirror as Parquet to the ledger as Parquet: like with like."""
    source, target = folder / "mirror", folder / "ledger"
    source.mkdir()
    target.mkdir()
    mirrored(business, source)
    times: list[Spent] = []
    for _ in range(3):
        with timed(times):
            build(source, target, NOW)
    say("our definition, Parquet to Parquet: timelines, movements and rollups", times, floor.spent)
    moved = parquet_file.read_table(target / "movement.parquet")
    day = moved["day"].cast(pa.int32()).cast(pa.int64())
    moved = moved.set_column(moved.column_names.index("day"), "day", day)
    print(f"    the movements are those by hand: {same(moved, floor.file)}")  # noqa: T201


def stages(connection: Connection, floor: Floor) -> None:
    """Time the parts of a rebuild, each alone."""
    read: list[Spent] = []
    told: list[Spent] = []
    moved: list[Spent] = []
    summed: list[Spent] = []
    with timed(read):
        for _name, _table in tables(connection, None):
            pass
    with timed(told):
        parts, _ = parted(connection, None)
    with ThreadPoolExecutor(TOGETHER) as beside:
        with timed(moved):
            moving = [beside.submit(movements, each, NOW) for each in parts]
            found = pa.concat_tables([each.result() for each in moving])
        with timed(summed):
            belonging = audiences.belonging(connection, None)
            summing = ledger.summed(beside, parts, moving, belonging, NOW)
            rollups.added([each.result() for each in summing])
    segments = pa.concat_tables(parts)
    alone = write(connection, segments, found)
    say("  of which reading the mirror", read, floor.spent)
    say("  of which reading and timelines", told, floor.spent)
    say("  of which movements", moved, floor.spent)
    say("  of which rollups", summed, floor.spent)
    say("  of which timeline and movements written and indexed", alone, floor.spent)
    least = Spent(*(one + other for one, other in zip(median(read), median(alone), strict=True)))
    say("  reading and writing these rows without computing anything", [least], floor.spent)
    print(f"    the movements are those by hand: {same(found, floor.file)}")  # noqa: T201


def write(connection: Connection, segments: pa.Table, moved: pa.Table) -> list[Spent]:
    """Time the writing of tables that are there, one after the other."""
    times: list[Spent] = []
    dated = moved.set_column(1, "day", moved["day"].cast(pa.int32()).cast(pa.date32()))
    with staging.shelves(connection, written.timeline, written.movement) as (lines, moves), timed(times):
        replace_table(connection, written.timeline, segments, staging.fill(lines, segments))
        replace_table(connection, written.movement, dated, staging.fill(moves, dated))
        connection.commit()
    return times


def rebuilt(engine: Engine, floor: Floor) -> None:
    """Time a rebuild from nothing and one that finds the same, and its parts."""
    with engine.connect() as connection:
        for name in ("rebuild, written and committed", "rebuild again, over the same"):
            times: list[Spent] = []
            with timed(times):
                ledger.refresh(connection, None, NOW)
                connection.commit()
            say(name, times, floor.spent)
        count = connection.scalar(select(func.count()).select_from(written.movement))
        print(f"    {count:,} movements")  # noqa: T201
        connection.rollback()
        stages(connection, floor)
        refused = plain(connection, None).refused
        print(f"    followed one by one: {len(refused):,} subscriptions")  # noqa: T201
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"    memory of this process at most: {most:.1f} GB")  # noqa: T201


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
        from_files(business, Path(folder), floor)
        for name, engine in engines.items():
            fill(business, engine)
            print(f"  {name}:")  # noqa: T201
            rebuilt(engine, floor)
            touched(engine)
