"""Timelines from the mirror: set-based where the evidence is plain, one by one where it is not."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Connection, func, select

from data.columnar import discounts, events, facts, standing, values, walk
from data.columnar.folder import Folder
from data.columnar.numbering import Tables, numbered, part_of, shares
from data.columnar.reading import Customers, Source, tables
from data.history import history
from data.history.spans import price_doubt
from data.lives import PRICE, lives, price_of
from data.money import half_up
from data.tables import mirror
from data.tabular import table_of
from data.timeline import SEGMENTS, Segment, timeline
from data.unknown import UNKNOWNS, Unknown, unknown
from data.valuation import Price, is_recurring, yearly

STEPS = (facts.STEPS, events.STEPS, walk.STEPS, standing.STEPS, discounts.STEPS, values.PLAIN)
FEW = 150
"""So many customers, or subscriptions, are followed one by one before DuckDB has planned its statements."""
PART = 100_000
"""About so many subscriptions are told at once by one thread; memory grows with it."""
LEAST = 10_000
"""Fewer are not worth a thread of their own."""
TOGETHER = min(4, os.cpu_count() or 1)
"""So many threads tell them, each a part."""
AT_ONCE = 2_000
"""So many customers are read at once to be followed one by one."""
_PRICE = pa.schema(
    {
        "number": pa.int64(),
        "id": pa.string(),
        "product_id": pa.string(),
        "interval": pa.string(),
        "currency": pa.string(),
        "metered": pa.bool_(),
        "graduated": pa.bool_(),
        "costs": pa.bool_(),
    }
)
PRICED = {"product_id": "product_id", "price_id": "id", "interval": "interval", "currency": "currency"}
"""What a segment has of its price."""
_WORTH = pa.schema(
    {
        "term": pa.int64(),
        "percent": pa.string(),
        "arr": pa.int64(),
        "doubt": pa.string(),
    }
)


class Plain(NamedTuple):
    """What was told set-based, and the subscriptions that were refused as (sub, customer_id, reason)."""

    segments: pa.Table
    unknowns: pa.Table
    refused: pa.Table


def past(source: Source, customers: Customers) -> tuple[pa.Table, pa.Table]:
    """The segments of some customers' subscriptions (None: of all), and the changes that nothing dates."""
    parts, unknowns = parted(source, customers)
    return pa.concat_tables(parts), unknowns


def parted(source: Source, customers: Customers) -> tuple[list[pa.Table], pa.Table]:
    """The same, with the segments in parts that share no customer; there is one at least."""
    if not isinstance(source, Folder) and _few(source, customers):
        segments, unknowns = _followed(source, [] if customers == [] else [customers], None)
        return [segments], unknowns
    told = _parts(source, customers)
    refused = pa.concat_tables([each.refused for each in told])
    owners = sorted(set(refused["customer_id"].to_pylist()))
    parts = [owners[start : start + AT_ONCE] for start in range(0, len(owners), AT_ONCE)]
    followed, unknowns = _followed(source, parts, set(refused["sub"].to_pylist()))
    segments = _apart([each.segments for each in told], followed, owners)
    return segments, pa.concat_tables([*(each.unknowns for each in told), unknowns])


def _apart(parts: Sequence[pa.Table], followed: pa.Table, owners: Sequence[str]) -> list[pa.Table]:
    """Parts without the customers of what was followed, who are a part of their own."""
    if not owners:
        return [*parts]
    within = [compute.is_in(each["customer_id"], pa.array(owners)) for each in parts]
    theirs = [each.filter(mask) for each, mask in zip(parts, within, strict=True)]
    others = [each.filter(compute.invert(mask)) for each, mask in zip(parts, within, strict=True)]
    return [*others, pa.concat_tables([*theirs, followed])]


def _few(connection: Connection, customers: Customers) -> bool:
    if customers is None:
        count = select(func.count()).select_from(mirror.subscription)
        return (connection.scalar(count) or 0) <= FEW
    return len(customers) <= FEW


def plain(source: Source, customers: Customers) -> Plain:
    """The past of subscriptions whose evidence agrees with itself; the others are named."""
    return Plain(*map(pa.concat_tables, zip(*_parts(source, customers), strict=True)))


def _parts(source: Source, customers: Customers) -> list[Plain]:
    """The same in parts that share no customer."""
    prices = [price_of(row) for row in _near(source, []).execute(select(*PRICE))]
    read = numbered(dict(tables(source, customers)), [each.id for each in prices])
    count = len(read["read_subscription"])
    parts = shares(read, max(1, round(count / PART), min(TOGETHER, count // LEAST))) or [range(0)]
    with ThreadPoolExecutor(TOGETHER) as workers:
        return list(workers.map(lambda part: _told(read, part, prices), parts))


def _near(source: Source, customers: Customers) -> Connection:
    """Where the rows of some customers can be asked for one by one."""
    return source.near(customers or ()) if isinstance(source, Folder) else source


def _told(read: Tables, part: range, prices: Sequence[Price]) -> Plain:
    """What the statements tell of a part of the subscriptions."""
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": False}) as engine:
        engine.execute("set timezone = 'UTC'")
        part_of(engine, read, part)
        engine.register("price", _priced(prices))
        for steps in STEPS:
            engine.execute(steps)
        engine.register("worth", _worths(engine.execute(values.WORTHS).fetchall(), prices))
        engine.execute(values.VALUED)
        engine.execute(values.SEGMENTS)
        segments = _segments(engine, read, prices)
        unknowns = engine.sql(values.UNKNOWNS).to_arrow_table()
        refused = engine.sql(values.REFUSED).to_arrow_table()
    return Plain(segments, unknowns.cast(UNKNOWNS), refused)


def _segments(engine: duckdb.DuckDBPyConnection, read: Tables, prices: Sequence[Price]) -> pa.Table:
    """The segments of a part, names in place of numbers."""
    found = engine.sql(values.NUMBERED).to_arrow_table().combine_chunks()
    subs, other = read["read_subscription"], engine.sql("from other_item order by item").to_arrow_table()
    items = pa.chunked_array([*read["read_item_name"]["name"].chunks, *other["name"].chunks], pa.string())
    place = read["read_place"]["place"].take(found["sub"])
    names = {name: _priced(prices)[column].take(found["price"]) for name, column in PRICED.items()}
    names |= {
        "subscription_id": subs["sub"].take(place),
        "subscription_item_id": items.take(found["item"]),
        "customer_id": subs["customer_id"].take(place),
    }
    if names["currency"].null_count:
        own = subs["currency"].take(place).cast(pa.string())
        names["currency"] = compute.coalesce(names["currency"], own)
    known = {name: found[name] for name in SEGMENTS.names if name not in names}
    return pa.table(names | known).select(SEGMENTS.names).cast(SEGMENTS)


def _priced(prices: Sequence[Price]) -> pa.Table:
    """What the statements ask of a price; it is known by its place."""
    rows = [
        (each.id, each.product_id, each.interval_name, each.currency, not is_recurring(each), each.tiers_mode)
        for each in prices
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 6
    graduated = [mode == "graduated" for mode in columns.pop()]
    return pa.table(
        [range(len(prices)), *columns, graduated, [_costs(each) for each in prices]], schema=_PRICE
    )


def _costs(price: Price) -> bool:
    """Whether any units of a price come to something."""
    return bool(price.unit_amount) or any(tier.unit or tier.flat for tier in price.tiers)


def _worths(combinations: Sequence[tuple[int, str | None]], prices: Sequence[Price]) -> pa.Table:
    """The ARR of each term, whole and with a percentage off, each computed once; or why it does not count."""
    rows = [_worth(term, percent, prices[term >> 40]) for term, percent in combinations]
    return pa.Table.from_pylist(rows, schema=_WORTH)


def _worth(term: int, percent: str | None, price: Price) -> dict[str, Any]:
    quantity = term & ((1 << 40) - 1)
    doubt = price_doubt(price)
    value = Fraction(0) if doubt else yearly(price, quantity) or Fraction(0)
    reduced = max(Fraction(0), value * (1 - Fraction(percent or 0) / 100))
    return {
        "term": term,
        "percent": percent,
        "arr": half_up(reduced),
        "doubt": doubt,
    }


def _followed(
    source: Source, parts: Sequence[Customers], wanted: set[str] | None
) -> tuple[pa.Table, pa.Table]:
    """The segments and unknown changes of wanted subscriptions (None: of all), part by part of customers."""
    segments: list[Segment] = []
    unknowns: list[Unknown] = []
    for customers in parts:
        for life in lives(_near(source, customers), customers):
            if wanted is None or life.id in wanted:
                found = history(life)
                segments += timeline(life, found)
                unknowns += unknown(life, found)
    return table_of(segments, SEGMENTS), table_of(unknowns, UNKNOWNS)
