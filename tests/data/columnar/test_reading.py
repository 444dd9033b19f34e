"""Everybody's rows, read as lines, are those of each customer; parts hold every row once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy import Connection, Engine

from data.columnar.apart import NotReadError, answers
from data.columnar.numbering import numbered, part_of, shares
from data.columnar.reading import MARK, tables
from data.database import upsert
from data.tables import mirror

AT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def rows(table: Any, *given: dict[str, Any]) -> list[dict[str, Any]]:
    empty = dict.fromkeys(table.columns.keys()) | {"observed_at": AT}
    return [empty | each for each in given]


def fill(connection: Connection, odd: str) -> None:
    """Columns that are null at first and a text later, all null, and texts that look like numbers."""
    subscriptions = ({"id": f"sub_{n}", "customer_id": f"cus_{n}", "start_at": AT} for n in range(3))
    upsert(connection, mirror.subscription, rows(mirror.subscription, *subscriptions))
    line = {"invoice_id": "in_1", "subscription_id": "sub_1", "subscription_item_id": "1", "amount": 0}
    some = {"invoice_item_id": "ii_1", "quantity": 2**40, "period_start": AT, "proration": True}
    given = [{"amount": 5, "discount": f"di_'{odd}\n"}]
    lines = (
        {"id": "il_1", "price_id": f"price{odd}1"} | line,
        {"id": "il_2"} | line | some | {"credited_lines": ["il_1"], "discount_amounts": given},
        {"id": "il_3"} | line | {"credited_lines": [], "discount_amounts": []},
    )
    upsert(connection, mirror.invoice_line, rows(mirror.invoice_line, *lines))


@pytest.mark.parametrize("odd", ["", MARK, "\n", "\r\n"])
def test_everybody_and_every_customer(sqlite_engine: Engine, odd: str) -> None:
    with sqlite_engine.begin() as connection:
        fill(connection, odd)
        every = [f"cus_{number}" for number in range(3)]
        everybody, named = (dict(tables(connection, customers)) for customers in (None, every))
    assert len(everybody["read_line"]) == 3
    assert everybody == named


def test_other_processes_read_what_is_committed(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        fill(connection, "\n")
        here = list(tables(connection, None, many=0))
    with sqlite_engine.begin() as connection:
        assert list(tables(connection, None, many=0)) == here
        connection.execute(mirror.invoice_line.delete())
        assert len(dict(tables(connection, None, many=0))["read_line"]) == 0


def test_a_column_that_begins_with_nulls_keeps_its_kind(sqlite_engine: Engine, tmp_path: Path) -> None:
    schema = pa.schema([("name", pa.string()), ("count", pa.int64())])
    empty, odd = ("select null, 1 where false", schema), ("values (null, 2), ('1', null)", schema)
    found = answers(str(sqlite_engine.url.database), [empty, odd])
    assert [each.to_pydict() for each in found] == [
        {"name": [], "count": []},
        {"name": [None, "1"], "count": [2, None]},
    ]
    with pytest.raises(NotReadError):
        answers(str(tmp_path / "none.db"), [odd])


NAMED = """
select subscription.sub, name, price from read_line as line
join read_subscription as subscription on line.sub = number
join read_item_name as item on item.item = line.item
"""


def test_parts_hold_every_row_once() -> None:
    subs = [f"sub_{number}" for number in range(50)]
    owners = [f"cus_{number % 7}" for number in range(50)]
    own = {"sub": [*subs, "sub_gone"], "item": [f"si_{number % 45}" for number in range(51)]}
    named = own | {"price": ["price_b", "price_a", "price_gone"] * 17}
    some = {name: pa.table(named) for name in ("read_item", "read_line", "read_pending")}
    read = some | {
        "read_subscription": pa.table({"sub": subs, "customer_id": owners}),
        "read_bill": pa.table({"sub": subs}),
        "read_event": pa.table({"sub": pa.array([], pa.string())}),
        "read_coupon": pa.table({"id": ["co_1"]}),
    }
    number = numbered(read, ["price_a", "price_b"])
    found: list[tuple[Any, ...]] = []
    theirs = []
    for part in shares(number, 5):
        with duckdb.connect() as engine:
            part_of(engine, number, part)
            found += engine.execute(NAMED).fetchall()
            assert engine.execute("from read_coupon").fetchall() == [("co_1",)]
            assert engine.execute("select count(*) from read_bill").fetchall() == [(len(part),)]
            theirs += engine.execute("select distinct customer_id from read_subscription").fetchall()
    assert len(theirs) == len(set(owners)) > len(shares(number, 5)) > 1
    prices = {"price_a": 0, "price_b": 1, "price_gone": None}
    every = zip(*(named[column] for column in ("sub", "item", "price")), strict=True)
    known = [(sub, item, prices[price]) for sub, item, price in every if sub != "sub_gone"]
    assert sorted(found, key=str) == sorted(known, key=str)
