"""Run rate in one reporting currency: balances at month-end rates, movements at the rate of their month.

The rest is its own row, the exchange-rate impact: it is no movement, since no customer did anything.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd

from dashboard.formatting import mrr
from dashboard.metrics.movements import KINDS
from dashboard.metrics.selection import Selection
from data.clock import months_between
from data.fx.rates import ExchangeRate, RateTable, rate_table
from data.money import allocate

IMPACT = "exchange_impact"
CELL = ["currency", "product_id", "interval"]
MOVED = ["month", "currency", "kind", "product_id", "interval", "delta_arr"]
HELD = ["month", *CELL, "arr"]

Cell = tuple[str, str, str]
Amounts = Mapping[tuple[Cell, str], int]
"""Minor units by cell and month."""


@dataclass(frozen=True)
class Converted:
    """Balances and movements in the reporting currency, and what has no rate.

    month_end and movements have the columns of data.frames, movements with rows of the kind IMPACT.
    left_out: month, currency, arr (at the month's end), delta_arr (moved in it), in minor units of its own.
    """

    month_end: pd.DataFrame
    movements: pd.DataFrame
    left_out: pd.DataFrame


@dataclass(frozen=True)
class _Months:
    """The months there are, and the rates of each by currency and month; None: there is none."""

    table: RateTable
    months: list[str]
    closing: Mapping[tuple[str, str], Fraction | None]
    average: Mapping[tuple[str, str], Fraction | None]

    def has(self, currency: str, month: str) -> bool:
        return self.closing.get((currency, month)) is not None

    def at(self, rate: Fraction | None, amount: int, currency: str) -> int:
        return 0 if rate is None else self.table.converted(amount, currency, rate)


def rates_into(currency: str, rates: pd.DataFrame) -> RateTable:
    """The rates into a currency, from the frame of all rates."""
    rows = _tuples(rates, ["date", "from_currency", "to_currency", "rate"])
    return rate_table(currency, (ExchangeRate(day.date(), a, b, Decimal(rate)) for day, a, b, rate in rows))


def convert(month_end: pd.DataFrame, movements: pd.DataFrame, table: RateTable) -> Converted:
    """Every month, product and interval in the currency of the rates, whole minor units.

    For each of them and any sum: start + movements + impact = end, exactly, where start is the end before.
    Only where the month before has no rate, a balance starts at the rate of its first month that has one.
    """
    rates = _rates(month_end, movements, table)
    held = _with_rate(month_end, rates)
    moved = _converted_movements(_with_rate(movements, rates), rates)
    native = _amounts(month_end, "arr")
    ends = {
        (cell, month): rates.at(rates.closing[cell[0], month], amount, cell[0])
        for (cell, month), amount in _amounts(held, "arr").items()
    }
    impact = _rows(_impact(native, ends, _amounts(moved, "delta_arr"), rates), [*CELL, "month", "delta_arr"])
    every = pd.concat([moved, impact.assign(kind=IMPACT)], ignore_index=True)
    balances = _rows(
        ((*cell, month, amount) for (cell, month), amount in ends.items()), [*CELL, "month", "arr"]
    )
    left = [frame[~_rated(frame, rates)] for frame in (month_end, movements)]
    return Converted(_in(table.to, balances, HELD), _in(table.to, every, MOVED), _left_out(*left))


def _rates(month_end: pd.DataFrame, movements: pd.DataFrame, table: RateTable) -> _Months:
    found = [*month_end["month"], *movements["month"]]
    months = months_between(min(found), max(found)) if found else []
    pairs = [
        (str(name), month) for name in {*month_end["currency"], *movements["currency"]} for month in months
    ]
    return _Months(
        table,
        months,
        {pair: table.closing(*pair) for pair in pairs},
        {pair: table.average(*pair) for pair in pairs},
    )


def _rated(frame: pd.DataFrame, rates: _Months) -> "pd.Series[bool]":
    pairs = zip(frame["currency"].tolist(), frame["month"].tolist(), strict=True)
    return pd.Series([rates.has(*pair) for pair in pairs], index=frame.index, dtype="bool")


def _with_rate(frame: pd.DataFrame, rates: _Months) -> pd.DataFrame:
    return frame[_rated(frame, rates)]


def _amounts(frame: pd.DataFrame, column: str) -> Counter[tuple[Cell, str]]:
    """The sums of a column by cell and month."""
    sums: Counter[tuple[Cell, str]] = Counter()
    for currency, product, interval, month, amount in _tuples(frame, [*CELL, "month", column]):
        sums[(currency, product, interval), month] += int(amount)
    return sums


def _tuples(frame: pd.DataFrame, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


def _converted_movements(movements: pd.DataFrame, rates: _Months) -> pd.DataFrame:
    """Movements at the rate of their month, still in their own currency's rows."""
    deltas = [
        rates.at(rates.average[currency, month], int(delta), currency)
        for currency, month, delta in _tuples(movements, ["currency", "month", "delta_arr"])
    ]
    rows = movements.assign(delta_arr=pd.Series(deltas, index=movements.index, dtype="int64"))
    for _, group in movements[movements["kind"] == "transfer"].groupby(["currency", "month"], observed=True):
        rows.loc[group.index, "delta_arr"] = _sum_to_zero(
            [int(delta) for delta in group["delta_arr"]], rows.loc[group.index, "delta_arr"].tolist()
        )
    return rows


def _sum_to_zero(native: list[int], converted: list[int]) -> list[int]:
    """Transfers whose gains and losses are equal again after each was rounded."""
    moved = sum(amount for amount in converted if amount > 0)
    gains = allocate(moved, [max(amount, 0) for amount in native])
    losses = allocate(moved, [max(-amount, 0) for amount in native])
    return [gain - loss for gain, loss in zip(gains, losses, strict=True)]


def _impact(native: Amounts, ends: Amounts, moved: Amounts, rates: _Months) -> Iterator[tuple[Any, ...]]:
    """What rates alone changed: currency, product, interval, month, delta."""
    cells = sorted({cell for cell, _ in (*native, *moved)})
    for cell in cells:
        for before, month in pairwise(["", *rates.months]):
            if not rates.has(cell[0], month):
                continue
            first = rates.at(rates.average[cell[0], month], native.get((cell, before), 0), cell[0])
            start = ends.get((cell, before), 0) if rates.has(cell[0], before) else first
            delta = ends.get((cell, month), 0) - start - moved.get((cell, month), 0)
            if delta:
                yield (*cell, month, delta)


def _rows(rows: Iterator[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)


def _in(currency: str, frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows of several currencies as rows of the one that they were converted into."""
    key, amount = columns[:-1], columns[-1]
    frame = frame.assign(currency=currency).astype({amount: "int64"})
    return frame.groupby(key)[amount].sum().reset_index()[columns]


def _left_out(month_end: pd.DataFrame, movements: pd.DataFrame) -> pd.DataFrame:
    """What could not be converted, by month and currency."""
    key = ["month", "currency"]
    sums = [month_end.groupby(key)["arr"].sum(), movements.groupby(key)["delta_arr"].sum()]
    frame = pd.concat(sums, axis="columns").fillna(0).astype("int64")
    return frame[(frame != 0).any(axis="columns")].sort_index().reset_index()


def bridge(converted: Converted, selection: Selection) -> pd.DataFrame:
    """Month by month: month, start, a column per kind, exchange_impact, end; they add up exactly."""
    columns = [*KINDS, IMPACT]
    rows = selection.cells(converted.movements)
    table = rows.pivot_table(index="month", columns="kind", values="delta_arr", aggfunc="sum", fill_value=0)
    table = table.reindex(index=list(selection.months), columns=columns).fillna(0).astype("int64")
    ends = selection.cells(converted.month_end).groupby("month")["arr"].sum()
    end = ends.reindex(table.index).fillna(0).astype("int64")
    frame = table.assign(start=end - table.sum(axis=1), end=end).rename_axis(columns=None)
    return frame.reset_index(names="month")[["month", "start", *columns, "end"]]


def told(left_out: pd.DataFrame, month: str) -> str:
    """What a month's figures lack because no rate converts it, in its own money; "" when nothing."""
    rows = left_out.loc[(left_out["month"] == month) & (left_out["arr"] != 0)]
    if rows.empty:
        return ""
    amounts = (
        f"{mrr(arr, code)} a month in {code.upper()}"
        for code, arr in zip(rows["currency"], rows["arr"], strict=True)
    )
    return f"Left out, since no rate converts it: {', '.join(amounts)}."
