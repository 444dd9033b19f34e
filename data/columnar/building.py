"""Timelines from the mirror: set-based where the evidence is plain, one by one where it is not."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, select

from data.columnar import events, facts, standing, values, walk
from data.columnar.reading import Customers, tables
from data.history import history
from data.history.spans import price_doubt
from data.lives import PRICE, lives, price_of
from data.money import half_up
from data.timeline import SEGMENTS, Segment, timeline
from data.unknown import UNKNOWNS, Unknown, unknown
from data.valuation import Price, is_recurring, yearly

STEPS = (facts.STEPS, events.STEPS, walk.STEPS, standing.STEPS, values.STEPS, values.PLAIN)
ONE_BY_ONE = 2_000
"""So many customers are followed one by one in one go."""
_PRICE = pa.schema(
    {
        "number": pa.int64(),
        "id": pa.string(),
        "product_id": pa.string(),
        "interval": pa.string(),
        "currency": pa.string(),
        "metered": pa.bool_(),
        "graduated": pa.bool_(),
    }
)
_WORTH = pa.schema(
    {
        "term": pa.int64(),
        "percent": pa.string(),
        "arr": pa.int64(),
        "reduced": pa.int64(),
        "doubt": pa.string(),
    }
)


def past(connection: Connection, customers: Customers) -> tuple[pa.Table, pa.Table]:
    """The segments of some customers' subscriptions (None: of all), and the changes that nothing dates."""
    segments, refused = plain(connection, customers)
    followed, unknowns = _followed(connection, refused)
    return pa.concat_tables([segments, followed]), unknowns


def plain(connection: Connection, customers: Customers) -> tuple[pa.Table, pa.Table]:
    """The segments of subscriptions with plain evidence; the others as (sub, customer_id, reason)."""
    with duckdb.connect() as engine:
        prices = [price_of(row) for row in connection.execute(select(*PRICE))]
        engine.register("price", _priced(prices))
        for name, read in tables(connection, customers):
            engine.register(name, read)
        for steps in STEPS:
            engine.execute(steps)
        engine.register("worth", _worths(engine.execute(values.WORTHS).fetchall(), prices))
        segments = engine.sql(values.SEGMENTS).to_arrow_table().cast(SEGMENTS)
        return segments, engine.sql(values.REFUSED).to_arrow_table()


def _priced(prices: Sequence[Price]) -> pa.Table:
    """What the statements ask of a price; it is known by its place."""
    rows = [
        (each.id, each.product_id, each.interval_name, each.currency, not is_recurring(each), each.tiers_mode)
        for each in prices
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 6
    graduated = [mode == "graduated" for mode in columns.pop()]
    return pa.table([range(len(prices)), *columns, graduated], schema=_PRICE)


def _worths(combinations: Sequence[tuple[int, str | None]], prices: Sequence[Price]) -> pa.Table:
    """The ARR of each term, whole and with a percentage off, each computed once; or why it does not count."""
    rows = [_worth(term, percent, prices[term >> 40]) for term, percent in combinations]
    return pa.Table.from_pylist(rows, schema=_WORTH)


def _worth(term: int, percent: str | None, price: Price) -> dict[str, Any]:
    quantity = term & ((1 << 40) - 1)
    doubt = price_doubt(price)
    value = Fraction(0) if doubt else yearly(price, quantity) or Fraction(0)
    reduced = value * (1 - Fraction(percent or 0) / 100)
    return {
        "term": term,
        "percent": percent,
        "arr": half_up(value),
        "reduced": max(0, half_up(reduced)),
        "doubt": doubt,
    }


def _followed(connection: Connection, refused: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The segments and unknown changes of refused subscriptions."""
    wanted = set(refused["sub"].to_pylist())
    customers = sorted(set(refused["customer_id"].to_pylist()))
    segments: list[Segment] = []
    unknowns: list[Unknown] = []
    for start in range(0, len(customers), ONE_BY_ONE):
        for life in lives(connection, customers[start : start + ONE_BY_ONE]):
            if life.id in wanted:
                found = history(life)
                segments += timeline(life, found)
                unknowns += unknown(life, found)
    return _rows(segments, SEGMENTS), _rows(unknowns, UNKNOWNS)


def _rows(found: Sequence[Segment] | Sequence[Unknown], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*found, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)], schema
    )
