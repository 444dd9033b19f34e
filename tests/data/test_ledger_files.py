"""The ledger from Parquet files to Parquet files has the rows that a rebuild in a database has."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from sqlalchemy import Column, Connection, Engine, Table, select

from data.clock import from_epoch
from data.columnar import building, plain
from data.columnar.folder import Folder, copied
from data.ledger import refresh
from data.ledger_files import build
from data.records import TABLES
from data.rollups import MEASURES
from data.sandbox.generate import generate
from data.sandbox.store import Store
from data.tables import ledger
from data.tables.history import unknown_history
from tests.data.columnar.test_same import NOW, fill

LEDGER = (ledger.timeline, ledger.movement, unknown_history, *MEASURES)


@pytest.fixture
def mirrored(engine: Engine, tmp_path: Path) -> tuple[Engine, Path]:
    """A small business with its ledger in a database, and its mirror in a folder."""
    store = Store(None)
    generate(store, customers=25, months=15, seed=3, until=NOW)
    with engine.begin() as connection:
        fill(connection, {resource: list(store.all(resource)) for resource in TABLES})
        refresh(connection, None, _now())
        copied(connection, tmp_path)
    store.close()
    return engine, tmp_path


def _now() -> Any:
    return from_epoch(NOW)


def rows_of(rows: Iterable[Any]) -> Counter[tuple[Any, ...]]:
    return Counter(map(tuple, rows))


def in_database(connection: Connection) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows of the ledger, without row numbers."""
    return {table.name: rows_of(connection.execute(select(*_columns(table)))) for table in LEDGER}


def in_files(folder: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """The same of files."""
    found = {}
    for table in LEDGER:
        read = parquet.read_table(folder / f"{table.name}.parquet")
        rows = read.select([column.name for column in _columns(table)]).to_pylist()
        found[table.name] = rows_of(row.values() for row in rows)
    return found


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if column.name != "id"]


@pytest.fixture
def far_away(mirrored: tuple[Engine, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """From then on, the machine's clock on the wall does not show UTC."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_away")
def test_files_have_the_rows_of_the_database(
    mirrored: tuple[Engine, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, source = mirrored
    monkeypatch.setattr(building, "LEAST", 5)
    monkeypatch.setattr(building, "TOGETHER", 3)
    target = tmp_path / "ledger"
    target.mkdir()
    with Folder(source) as mirror:
        assert 0 < len(plain(mirror, None).refused) < 25
    build(source, target, _now())
    with engine.connect() as connection:
        assert in_files(target) == in_database(connection)
