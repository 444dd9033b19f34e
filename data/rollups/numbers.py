"""Columns that the sums count with: months, and whether rows are added or taken away."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

JANUARY_1970 = 1970 * 12 + 1


def months(days: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days since 1970 as months since 1970; null stays null."""
    dates = days.cast(pa.int32()).cast(pa.date32())
    number = compute.add(compute.multiply(compute.year(dates), 12), compute.month(dates))
    return compute.subtract(number, JANUARY_1970)


def signed(table: pa.Table, sign: int) -> pa.Table:
    """Rows with a sign: 1 adds, -1 takes away."""
    return table.append_column("sign", pa.array(np.full(len(table), sign)))


def month_texts(numbers: NDArray[np.int64]) -> pa.Array:
    """Months since 1970 as YYYY-MM."""
    if not len(numbers):
        return pa.array([], pa.string())
    low = int(numbers.min())
    names = np.arange(low, int(numbers.max()) + 1).astype("datetime64[M]").astype(str)
    return pa.array(names).take(pa.array(numbers - low))
