"""Texts as numbers, so that they are joined and grouped as numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute


class Numbered(NamedTuple):
    """Each row's number, counted from 0, and the different rows at the place of their number."""

    numbers: pa.Array
    names: pa.Table


def numbered(table: pa.Table, columns: Sequence[str], *, ordered: bool = False) -> Numbered:
    """Numbers of the rows that differ in some columns, none of them null.

    They count in the order in which the rows come, or (ordered) that of the columns' values.
    """
    parts = [table[name].combine_chunks().dictionary_encode() for name in columns]
    combined = np.zeros(len(table), np.int64)
    for part in parts:
        combined = combined * len(part.dictionary) + part.indices.to_numpy(zero_copy_only=False)
    found = parts[0] if len(parts) == 1 else pa.array(combined).dictionary_encode()
    numbers, rest = found.indices.cast(pa.int64()), np.arange(len(found.dictionary))
    rest = rest if len(parts) == 1 else found.dictionary.to_numpy()
    names = {}
    for name, part in zip(reversed(columns), reversed(parts), strict=True):
        rest, place = np.divmod(rest, max(1, len(part.dictionary)))
        names[name] = part.dictionary.take(pa.array(place))
    different = pa.table({name: names[name] for name in columns})
    return _in_order(numbers, different) if ordered else Numbered(numbers, different)


def _in_order(numbers: pa.Array, names: pa.Table) -> Numbered:
    order = compute.sort_indices(names, [(name, "ascending") for name in names.column_names])
    rank = np.empty(len(order), np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    return Numbered(pa.array(rank).take(numbers), names.take(order))
