"""Subscriptions, items and prices as numbers, in parts that need nothing of each other."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import compute

OF_SUBSCRIPTION = ("read_item", "read_line", "read_pending", "read_bill", "read_event")
"""The tables that are numbered and parted; every part has the others whole."""
OF_ITEM = ("read_item", "read_line", "read_pending")
Tables = Mapping[str, pa.Table]


def part_of(engine: duckdb.DuckDBPyConnection, found: Tables, part: range) -> None:
    """Show an engine some subscriptions, by their numbers, of numbered tables, without a copy."""
    for name, table in found.items():
        number = "number" if name == "read_subscription" else "sub" if name in OF_SUBSCRIPTION else None
        if number is None or len(part) == len(found["read_subscription"]):
            engine.register(name, table)
            continue
        engine.register(f"every_{name}", table)
        within = f"{part.start} <= {number} and {number} < {part.stop}"
        engine.execute(f"create view {name} as from every_{name} where {within}")


def shares(found: Tables, count: int) -> list[range]:
    """The numbers of the subscriptions in about so many parts; a customer's are in one."""
    whose = np.sort(found["read_subscription"]["owner"].to_numpy())
    wanted = [len(whose) * part // count for part in range(count + 1)]
    cuts = [np.searchsorted(whose, whose[place]) if place < len(whose) else place for place in wanted]
    return [range(int(start), int(stop)) for start, stop in pairwise(cuts) if start < stop]


def numbered(read: Tables, prices: Sequence[str]) -> dict[str, pa.Table]:
    """The tables with numbers in place of names: rows of what is no subscription here are left out.

    `number` counts subscriptions, `owner` customers; read_place has the
    subscriptions' rows by their numbers, read_item_name the items' names.
    """
    found = dict(read)
    found["read_subscription"] = subscriptions = _by_customer(read["read_subscription"])
    found["read_place"] = pa.table({"place": np.argsort(subscriptions["number"].to_numpy())})
    subs, priced = subscriptions["sub"].combine_chunks(), pa.array(prices, pa.string())
    number = subscriptions["number"].combine_chunks()
    with ThreadPoolExecutor(2) as workers:
        places = workers.map(
            lambda name: number.take(compute.index_in(read[name]["sub"], value_set=subs)), OF_SUBSCRIPTION
        )
        found |= {
            name: _put(read[name], "sub", each) for name, each in zip(OF_SUBSCRIPTION, places, strict=True)
        }
    for name in OF_ITEM:
        found[name] = _put(found[name], "price", compute.index_in(read[name]["price"], value_set=priced))
    return _with_items(found)


def _by_customer(table: pa.Table) -> pa.Table:
    """Subscriptions with their number, and their owner's: a customer's count one after the other."""
    owner = table["customer_id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    number = np.empty(len(owner), np.int64)
    number[np.argsort(owner, kind="stable")] = np.arange(len(owner))
    return table.append_column("number", pa.array(number)).append_column("owner", pa.array(owner))


def _with_items(found: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Items numbered across all tables that name them."""
    items = pa.chunked_array([each for name in OF_ITEM for each in found[name]["item"].chunks], pa.string())
    coded = items.combine_chunks().dictionary_encode()
    start = 0
    for name in OF_ITEM:
        stop = start + len(found[name])
        found[name] = _put(found[name], "item", coded.indices[start:stop])
        start = stop
    names = coded.dictionary
    found["read_item_name"] = pa.table({"item": _places(len(names)), "name": names})
    return {name: _known(table) if name in OF_SUBSCRIPTION else table for name, table in found.items()}


def _known(table: pa.Table) -> pa.Table:
    """The rows of subscriptions that are there."""
    return table.filter(compute.is_valid(table["sub"])) if table["sub"].null_count else table


def _places(count: int) -> pa.Array:
    return pa.array(np.arange(count, dtype=np.int64))


def _put(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values.cast(pa.int64()))
