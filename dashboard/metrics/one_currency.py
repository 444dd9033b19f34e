"""Counts and balances of all currencies as rows of the reporting currency, beside `conversion`.

Amounts turn at the closing rate of their month. What is kept of a period's start is compared at one rate,
that of its end, so that a rate's own change is neither churn nor expansion.
"""

from collections.abc import Sequence

import pandas as pd

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
