"""Counts and balances of all currencies as rows of the reporting currency, beside `conversion`.

Amounts turn at the closing rate of their month. What is kept of a period's start is compared at one rate,
that of its end, so that a rate's own change is neither churn nor expansion.
"""

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd

from data.clock import months_before
from data.fx.rates import RateTable

EVERY = ""
"""The currency of rows that count customers over all currencies together, each once."""


def rated(frame: pd.DataFrame, table: RateTable) -> "pd.Series[bool]":
    """Which rows of a frame with month and currency have a closing rate."""
    pairs = zip(frame["month"].tolist(), frame["currency"].tolist(), strict=True)
    found = {pair: table.closing(pair[1], pair[0]) is not None for pair in set(pairs)}
    pairs = zip(frame["month"].tolist(), frame["currency"].tolist(), strict=True)
    return pd.Series([found[pair] for pair in pairs], index=frame.index, dtype="bool")


def counted(frame: pd.DataFrame, count: str, table: RateTable) -> pd.DataFrame:
    """Customers over all currencies that have a rate, as rows of the reporting currency.

    Where every currency has a rate and the frame counts customers over all of them, each counts once; else
    one with two currencies counts in each.
    """
    every, single = (frame.loc[(frame["currency"] == EVERY) == is_every] for is_every in (True, False))
    has_rate = rated(single, table)
    rows = every if len(every) and bool(has_rate.all()) else single.loc[has_rate]
    key = [name for name in frame.columns if name != count]
    return _summed(rows.assign(currency=table.to), key, [count])[list(frame.columns)]


def amounts(
    frame: pd.DataFrame, columns: Sequence[str], table: RateTable, month: str | None = None
) -> pd.DataFrame:
    """A frame's rows with their amounts in the reporting currency; rows without a rate are dropped.

    month: the one whose closing rate counts, where the frame has no column of that name.
    """
    dated = frame if month is None else frame.assign(month=month)
    rows = dated.loc[rated(dated, table)]
    key = list(zip(rows["currency"].tolist(), rows["month"].tolist(), strict=True))
    rates = {pair: table.closing(*pair) for pair in set(key)}

    def turned(name: str) -> "pd.Series[int]":
        pairs = zip(rows[name].tolist(), key, strict=True)
        values = [_turned(table, amount, pair[0], rates[pair]) for amount, pair in pairs]
        return pd.Series(values, index=rows.index, dtype="Int64")

    made = rows.assign(**{name: turned(name) for name in columns}, currency=table.to)
    return made[list(frame.columns)]


def balances(frame: pd.DataFrame, columns: Sequence[str], table: RateTable) -> pd.DataFrame:
    """A rollup with its amounts in the reporting currency, summed over the currencies."""
    measures = [name for name in frame.columns if name in MEASURES]
    key = [name for name in frame.columns if name not in MEASURES]
    rows = amounts(frame.loc[frame["currency"] != EVERY], columns, table)
    return _summed(rows, key, measures)[list(frame.columns)]


MEASURES = ("arr", "delta_arr", "arr_start", "arr_end", "arr_kept", "customers", "lost", "subscribers")


def _turned(table: RateTable, amount: object, currency: str, rate: object) -> object:
    if amount is None or pd.isna(amount) or rate is None:  # type: ignore[call-overload]
        return pd.NA
    return table.converted(int(amount), currency, rate)  # type: ignore[call-overload,arg-type]


def _summed(rows: pd.DataFrame, key: list[str], measures: list[str]) -> pd.DataFrame:
    if rows.empty:
        return rows
    return rows.groupby(key, as_index=False, observed=True, sort=True, dropna=False)[measures].sum()


CELL = ("currency", "product_id", "interval", "kind", "counted", "part")
"""What tells the cells of a rollup apart, as far as rows behind a figure have it."""


def behind(rows: pd.DataFrame, columns: Sequence[str], table: RateTable, month: str) -> pd.DataFrame:
    """Rows behind a month's figure in the reporting currency; those without a rate stay in their own.

    A cell's rows come to exactly what the cell as a whole comes to: the largest takes what rounding leaves.
    Movements turn at the month's average rate, what they are measured against at that of the one before.
    """
    has_rate = [table.closing(str(code), month) is not None for code in rows["currency"]]
    turned = rows.copy()
    some = rows.loc[has_rate]
    key = [name for name in CELL if name in rows.columns]
    for _, cell in some.groupby(key, dropna=False, observed=True, sort=False):
        first = cell.iloc[0]
        code, kind = str(first["currency"]), str(first.get("kind", ""))
        for name in columns:
            rate = _rate(table, code, month, kind, is_movement=name == "delta_arr")
            if rate is not None and bool(cell[name].notna().all()):
                turned.loc[cell.index, name] = _exactly(cell[name].astype(int).tolist(), code, rate, table)
    turned.loc[some.index, "currency"] = table.to
    return turned


def _rate(table: RateTable, currency: str, month: str, kind: str, *, is_movement: bool) -> Fraction | None:
    if kind == "start":
        return table.closing(currency, months_before(month, 1))
    return table.average(currency, month) if is_movement else table.closing(currency, month)


def matched(rows: pd.DataFrame, name: str, whole: int, most: int) -> pd.DataFrame:
    """Rows that were turned one by one, of a figure that was turned in other parts.

    The largest takes what rounding left between the two: at most so many minor units, more is no rounding.
    """
    odd = whole - int(rows[name].sum())
    if not odd or rows.empty or abs(odd) > most:
        return rows
    is_largest = rows.index == rows[name].abs().idxmax()
    return rows.assign(**{name: rows[name] + odd * is_largest})


def _exactly(values: Sequence[int], currency: str, rate: Fraction, table: RateTable) -> list[int]:
    """Each value converted, and together what their sum converts to."""
    turned = [table.converted(value, currency, rate) for value in values]
    largest = max(range(len(values)), key=lambda place: abs(values[place]))
    turned[largest] += table.converted(sum(values), currency, rate) - sum(turned)
    return turned
