"""Rows in order of some columns, and the runs of rows that share them: groups and windows over whole columns.

Rows are columns of 64-bit integers by name, all of one length. Nothing here is a loop over rows.
"""

from collections.abc import Sequence
from functools import cached_property, reduce
from math import prod

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Column = NDArray[np.int64]
Mask = NDArray[np.bool_]
Rows = dict[str, Column]
LARGEST = 2**63 - 1
EXACT = 2**53
"""Every whole number up to this is a floating point number."""


def column(values: pa.Array | pa.ChunkedArray) -> Column:
    """An Arrow column of integers, or truths, none of them null."""
    found = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def chosen(rows: Rows, which: Mask | Column) -> Rows:
    """The rows of a mask, or at places."""
    return {name: values[which] for name, values in rows.items()}


def together(*parts: Rows) -> Rows:
    """The rows of parts, which have the same columns, one part after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def ordered(rows: Rows, *names: str) -> Rows:
    """The rows in order of columns; rows that share them stay as they are."""
    key = packed([rows[name] for name in names])
    return rows if bool((key[1:] >= key[:-1]).all()) else chosen(rows, np.argsort(key, kind="stable"))


def packed(columns: Sequence[Column]) -> Column:
    """One number a row, whose order is that of the columns, one column after the other."""
    return reduce(_beside, columns[1:], columns[0])


def _beside(first: Column, second: Column) -> Column:
    """Both as one number; where 64 bits do not hold it, their ranks."""
    if not len(first):
        return first
    for rank in (_itself, _ranked):
        first, second = rank(first), rank(second)
        low, span = int(second.min()), int(second.max()) - int(second.min()) + 1
        if (max(abs(int(first.min())), abs(int(first.max()))) + 1) * span <= LARGEST:
            break
    return first * span + (second - low)


def _itself(values: Column) -> Column:
    return values


def _ranked(values: Column) -> Column:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


class Runs:
    """The runs of rows, which are in order of some columns, that share these columns."""

    def __init__(self, *columns: Column) -> None:
        self.length = len(columns[0])
        self._begins = np.ones(self.length, np.bool_)
        if self.length:
            changes = (each[1:] != each[:-1] for each in columns)
            self._begins[1:] = reduce(np.logical_or, changes)
        self.starts: Column = np.flatnonzero(self._begins)

    @cached_property
    def lengths(self) -> Column:
        """How many rows each run has."""
        return np.diff(self.starts, append=self.length)

    def of_rows(self, values: Column) -> Column:
        """For each row the value of its run."""
        return np.repeat(values, self.lengths)

    @cached_property
    def places(self) -> Column:
        """Each row's place in its run, from 0."""
        return np.arange(self.length) - self.of_rows(self.starts)

    def first(self, rows: Rows, *names: str) -> Rows:
        """Each run's first row, some of its columns."""
        return {name: rows[name][self.starts] for name in names}

    def sums(self, values: Column) -> Column:
        """The sum of each run."""
        return np.add.reduceat(values, self.starts) if self.length else values

    def lowest(self, values: Column) -> Column:
        """The least value of each run."""
        return np.minimum.reduceat(values, self.starts) if self.length else values

    def highest(self, values: Column) -> Column:
        """The greatest value of each run."""
        return np.maximum.reduceat(values, self.starts) if self.length else values

    def bits(self, values: Column) -> Column:
        """The bits that any row of a run has."""
        return np.bitwise_or.reduceat(values, self.starts) if self.length else values

    def running(self, values: Column) -> Column:
        """For each row the sum of its run up to and with it."""
        total = np.cumsum(values)
        return total - self.of_rows((total - values)[self.starts])

    def before(self, values: Column, nothing: int) -> Column:
        """For each row the value of the one before it in its run."""
        found = np.empty_like(values)
        found[1:] = values[:-1]
        found[self.starts] = nothing
        return found

    def following(self, values: Column, nothing: int) -> Column:
        """For each row the value of the next one in its run."""
        found = np.empty_like(values)
        found[:-1] = values[1:]
        found[self.starts[1:] - 1] = nothing
        found[-1:] = nothing
        return found


def summed(rows: Rows, keys: Sequence[str], measures: Sequence[str]) -> Rows:
    """The sums of measures over rows that share keys, but where all of them are 0, in order of the keys."""
    columns, values = [rows[name] for name in keys], [rows[name] for name in measures]
    found, sums = _counted(columns, values) or _gathered(columns, values)
    something = reduce(np.logical_or, (each != 0 for each in sums))
    return chosen(dict(zip([*keys, *measures], [*found, *sums], strict=True)), something)


def _counted(keys: Sequence[Column], values: Sequence[Column]) -> tuple[list[Column], list[Column]] | None:
    """Keys and sums where keys are close together: each has a place of its own, and nothing is sorted.

    Sums go through floating point, which is exact as long as no sum can exceed 2**53.
    """
    if not len(keys[0]):
        return None
    lows = [int(key.min()) for key in keys]
    spans = [int(key.max()) - low + 1 for key, low in zip(keys, lows, strict=True)]
    size = prod(spans)
    if size > 4 * len(keys[0]) or any(_total(each) >= EXACT for each in values):
        return None
    place = np.zeros(len(keys[0]), np.int64)
    for key, low, span in zip(keys, lows, spans, strict=True):
        place = place * span + (key - low)
    found = np.flatnonzero(np.bincount(place, minlength=size))
    sums = [np.bincount(place, each, size)[found].astype(np.int64) for each in values]
    return [each + low for each, low in zip(np.unravel_index(found, spans), lows, strict=True)], sums


def _total(values: Column) -> int:
    """No sum of some of the values is larger than this."""
    return max(abs(int(values.min())), abs(int(values.max()))) * len(values)


def _gathered(keys: Sequence[Column], values: Sequence[Column]) -> tuple[list[Column], list[Column]]:
    """Keys and sums of any keys, by sorting."""
    order = np.argsort(packed(keys), kind="stable")
    sorted_keys = [key[order] for key in keys]
    runs = Runs(*sorted_keys)
    return [key[runs.starts] for key in sorted_keys], [runs.sums(each[order]) for each in values]
