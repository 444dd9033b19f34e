"""The rows of many subscriptions in parts, by the hash of their id: a part needs none of the others."""

from collections.abc import Iterable, Iterator, Mapping

import duckdb
import pyarrow as pa

OF_SUBSCRIPTION = ("read_subscription", "read_item", "read_line", "read_pending", "read_bill", "read_event")
"""The tables that are parted, of which the first must come first; every part has the others whole."""


def parted(read: Iterable[tuple[str, pa.Table]], size: int) -> Iterator[Mapping[str, pa.Table]]:
    """Tables by name in parts of about so many subscriptions; at least one part."""
    parts: list[dict[str, pa.Table]] = [{}]
    for name, table in read:
        if name == OF_SUBSCRIPTION[0]:
            parts = [{} for _ in range(max(1, round(len(table) / size)))]
        pieces = _split(table, len(parts)) if name in OF_SUBSCRIPTION else [table] * len(parts)
        for part, piece in zip(parts, pieces, strict=True):
            part[name] = piece
    while parts:
        yield parts.pop()


def _split(table: pa.Table, count: int) -> list[pa.Table]:
    if count == 1:
        return [table]
    with duckdb.connect() as engine:
        engine.register("given", table)
        pieces = (f"from given where hash(sub) % {count} = {number}" for number in range(count))
        return [engine.sql(piece).to_arrow_table() for piece in pieces]
