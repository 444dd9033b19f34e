"""Engines: upsert keeps the newer row, read-only engines refuse writes, both databases alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError

from data.database import open_engine, upsert
from data.tables import mirror
from data.tables.mirror import refund
from tests import hostile

MOMENT = datetime(2026, 11, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def row(status: str, seen: datetime) -> dict[str, object]:
    return {"id": "re_1", "status": status, "amount": 2**40, "created_at": None, "observed_at": seen}


def stored(engine: Engine) -> tuple[object, ...]:
    with engine.connect() as connection:
        return tuple(connection.execute(select(refund.c.status, refund.c.amount, refund.c.observed_at)).one())


def test_the_newer_row_stays(engine: Engine) -> None:
    later = MOMENT + timedelta(seconds=1)
    for state, seen in (("pending", MOMENT), ("succeeded", later), ("pending", MOMENT)):
        with engine.begin() as connection:
            upsert(connection, refund, [row(state, seen)], newer_by="observed_at")
    assert stored(engine) == ("succeeded", 2**40, later)


def test_equally_new_overwrites(engine: Engine) -> None:
    for state in ("pending", "failed"):
        with engine.begin() as connection:
            upsert(connection, refund, [row(state, MOMENT)], newer_by="observed_at")
    assert stored(engine) == ("failed", 2**40, MOMENT)


def test_upsert_of_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, refund, [])


def test_naive_datetimes_are_refused(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(Exception, match="naive"):
        upsert(connection, refund, [row("pending", datetime(2026, 1, 1))])  # noqa: DTZ001 - meant


def test_a_read_only_engine_refuses_writes(database_url: str) -> None:
    writer = open_engine(database_url)
    with writer.begin() as connection:
        connection.execute(text("create table thing (name text)"))
    reader = open_engine(database_url, read_only=True)
    with reader.connect() as connection, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        connection.execute(text("insert into thing values ('x')"))
    reader.dispose()
    writer.dispose()


def test_a_missing_file_is_not_made_by_reading(tmp_path: Path) -> None:
    reader = open_engine(f"sqlite:///{tmp_path / 'application.db'}", read_only=True)
    with pytest.raises(DBAPIError):
        reader.connect()
    reader.dispose()
    assert list(tmp_path.iterdir()) == []


def test_any_text_can_be_written_and_looked_for(engine: Engine) -> None:
    """A NUL, which PostgreSQL cannot keep, is U+FFFD there, also where something is looked for."""
    texts = {f"evt_{place}": given for place, given in enumerate(hostile.TEXTS)}
    rows = [
        {"id": key, "type": given, "data": {"object": {given: [given]}}, "observed_at": MOMENT}
        for key, given in texts.items()
    ]
    nul = "\ufffd" if engine.dialect.name == "postgresql" else "\0"
    with engine.begin() as connection:
        connection.execute(insert(mirror.event), rows)
        kept = connection.execute(select(mirror.event.c.id, mirror.event.c.type, mirror.event.c.data)).all()
        found = select(mirror.event.c.id).where(mirror.event.c.type == bindparam("text"))
        for key, given in texts.items():
            assert key in connection.scalars(found, {"text": given}).all()
    for found_row in kept:
        expected = texts[found_row.id].replace("\0", nul)
        assert (found_row.type, found_row.data) == (expected, {"object": {expected: [expected]}})
