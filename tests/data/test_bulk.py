"""A page handed over whole is stored exactly as value by value."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, delete, func, insert, inspect, select

from data import staging
from data.bulk import BATCH, indexed_after, insert_table, replace_table, upsert_page
from data.database import upsert
from data.tables.ledger import timeline
from data.tables.mirror import customer
from data.timeline import SEGMENTS

INDEXES = {index.name for index in timeline.indexes}
AT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def row(key: str, **given: Any) -> dict[str, Any]:
    empty = {str(column.name): None for column in customer.columns}
    return {**empty, "id": key, "observed_at": AT, **given}


ROWS = [
    row("plain", name="Ann", balance=-12, delinquent=True, created_at=AT.replace(microsecond=0)),
    row("empty"),
    row("hostile", name="'; drop table customer; -- \\ \" \u2028 \U0001f600", email="a\tb\nc"),
    row("nested", metadata={"k": 'v"', "n": {"a": [1, None, True]}}, tax_ids=[], address={"country": "DE"}),
    row("large", balance=2**62, delinquent=False),
]


def stored(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [
            dict(found) for found in connection.execute(select(customer).order_by(customer.c.id)).mappings()
        ]


def test_it_stores_what_upsert_stores(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, customer, ROWS)
    expected = stored(engine)
    with engine.begin() as connection:
        connection.execute(delete(customer))
        upsert_page(connection, customer, ROWS, "observed_at")
    assert stored(engine) == expected == sorted(ROWS, key=lambda each: str(each["id"]))


def test_newer_wins_within_a_page_and_between_pages(engine: Engine) -> None:
    later, latest = AT + timedelta(seconds=1), AT + timedelta(seconds=2)
    with engine.begin() as connection:
        page = [row("a", name="new", observed_at=later), row("a", name="old")]
        upsert_page(connection, customer, page, "observed_at")
        upsert_page(connection, customer, [row("a", name="older")], "observed_at")
    assert [found["name"] for found in stored(engine)] == ["new"]
    with engine.begin() as connection:
        upsert_page(connection, customer, [row("a", name="newest", observed_at=latest)], "observed_at")
        upsert_page(connection, customer, [], "observed_at")
    assert [found["name"] for found in stored(engine)] == ["newest"]


def test_a_nul_does_not_stop_a_page(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert_page(connection, customer, [row("nul", name="a\x00b", phone="\\u0000")], "observed_at")
    assert stored(engine)[0]["name"] in ("a\x00b", "a\ufffdb")
    assert stored(engine)[0]["phone"] == "\\u0000"


def test_tables_are_stored_as_rows_are(engine: Engine) -> None:
    hostile = "'; drop table movement; -- \\ \" \u2028 \U0001f600, a\tb\nc"
    row = dict.fromkeys(SEGMENTS.names) | {"arr": 12, "counted": True, "from_at": AT, "evidence": hostile}
    rows = [row, row | {"product_id": "", "counted": False, "quantity": 2**62, "to_at": AT, "arr": -1}]
    with engine.begin() as connection:
        connection.execute(insert(timeline), rows)
        expected = connection.execute(select(timeline).order_by(timeline.c.id)).all()
        connection.execute(delete(timeline))
        insert_table(connection, timeline, pa.Table.from_pylist(rows, SEGMENTS))
        stored = connection.execute(select(timeline).order_by(timeline.c.id)).all()
    assert [tuple(each)[1:] for each in stored] == [tuple(each)[1:] for each in expected]


def test_indexes_are_there_again_after_many_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        before = {each["name"] for each in inspect(connection).get_indexes("timeline")}
        with indexed_after(connection, timeline, 1_000_000):
            during = inspect(connection).get_indexes("timeline")
        after = {each["name"] for each in inspect(connection).get_indexes("timeline")}
    assert bool(during) == (engine.dialect.name == "postgresql")
    assert before == after == INDEXES


def test_a_table_is_replaced_by_many_rows_as_by_few(engine: Engine) -> None:
    row = dict.fromkeys(SEGMENTS.names) | {"arr": 12, "counted": True, "from_at": AT, "evidence": "a'\n"}
    ends = [row | {"product_id": "", "quantity": 2**62}, row | {"to_at": AT, "counted": False}]
    many = pa.Table.from_pylist([ends[0], *[row] * BATCH, ends[1]], SEGMENTS)
    with engine.begin() as connection:
        connection.execute(insert(timeline), ends)
        expected = [tuple(each)[1:] for each in connection.execute(select(timeline)).all()]
    for _ in range(2):
        with engine.connect() as connection, connection.begin() as transaction:
            with staging.shelves(connection, timeline) as (shelf,):
                replace_table(connection, timeline, many, staging.fill(shelf, many))
            assert {each["name"] for each in inspect(connection).get_indexes("timeline")} == INDEXES
            assert connection.scalar(select(func.count()).select_from(timeline)) == len(many)
            places = (timeline.c.id, timeline.c.id.desc())
            stored = [connection.execute(select(timeline).order_by(place).limit(1)).one() for place in places]
            assert [tuple(each)[1:] for each in stored] == expected
            transaction.rollback()
    with engine.connect() as connection:
        assert len(connection.execute(select(timeline)).all()) == 2
        if engine.dialect.name == "sqlite":
            assert len(connection.exec_driver_sql("pragma database_list").all()) == 1
            assert not list(Path(str(engine.url.database)).parent.glob("*staged*"))
