"""The frames behind a page's figures, already narrowed to the audiences and the currency of its selection.

    of = figures(snapshot, selection)
    bridge = snapshot.kept(
        "bridge",
        of.key,
        lambda: movements.bridge(of.month_end, of.movements, selection),
    )
    rows = of.rows("customers_of_month", month, kinds=OF_CUSTOMERS, amounts=["delta_arr"], month=month)

Plans and intervals stay for the metrics to narrow: `selection.cells(frame)`, `distinct(frame, ...)`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from dashboard.cache import Snapshot
from dashboard.metrics import conversion, one_currency
from dashboard.metrics.rates.monthly import Facts
from dashboard.metrics.selection import Selection
from dashboard.store import once
from data import clock
from data.fx.rates import RateTable

MOST = 500
T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """The rollups of a selection. Each is read when it is first asked for, and kept for its data version.

    Every one has the columns of its namesake in data.frames. In the reporting currency, movements have rows
    of the kind conversion.IMPACT too.
    """

    snapshot: Snapshot
    selection: Selection

    @property
    def current(self) -> str:
        """The month that is not over yet."""
        return clock.month_of(self.snapshot.now)

    @property
    def key(self) -> tuple[object, ...]:
        """What to keep things made of these figures by: the selection and the current month."""
        return (*self.selection.key, self.current)

    @property
    def month_end(self) -> pd.DataFrame:
        """Run rate at month ends: month, currency, product_id, interval, arr."""
        return self._converted.month_end if self.selection.converted else self._read("month_end")

    @property
    def movements(self) -> pd.DataFrame:
        """month, currency, kind, product_id, interval, delta_arr."""
        return self._converted.movements if self.selection.converted else self._read("movements")

    @property
    def left_out(self) -> pd.DataFrame:
        """What no rate converts: month, currency, arr, delta_arr in its own money; empty otherwise."""
        if self.selection.converted:
            return self._converted.left_out
        return pd.DataFrame({"month": [], "currency": [], "arr": [], "delta_arr": []})

    @property
    def month_end_subscribers(self) -> pd.DataFrame:
        """Customers by what they hold: month, currency, portfolio, subscribers."""
        return self._counted("month_end_subscribers", "subscribers")

    @property
    def movement_customers(self) -> pd.DataFrame:
        """month, currency, kind, portfolio, customers."""
        return self._counted("movement_customers", "customers")

    @property
    def transitions(self) -> pd.DataFrame:
        """month, currency, held_before, held_after, first, customers."""
        return self._counted("transitions", "customers")

    @property
    def cohort_subscribers(self) -> pd.DataFrame:
        """cohort, month, currency, portfolio, subscribers."""
        return self._counted("cohort_subscribers", "subscribers")

    @property
    def cohort_month_end(self) -> pd.DataFrame:
        """cohort, month, currency, product_id, interval, arr."""
        return self._balances("cohort_month_end", ["arr"])

    @property
    def retention(self) -> pd.DataFrame:
        """Until the current month: month, span, currency, held_before, arr_start, arr_end, arr_kept, ..."""
        return self._balances("retention", ["arr_start", "arr_end", "arr_kept"], self.current)

    @property
    def facts(self) -> Facts:
        """What `metrics.rates.monthly.rates` takes."""
        return Facts(
            self.month_end, self.month_end_subscribers, self.movements, self.transitions, self.retention
        )

    def rows(
        self,
        name: str,
        *given: Any,
        amounts: Sequence[str] = ("arr",),
        month: str | None = None,
        limit: int | None = None,
        **named: Any,
    ) -> pd.DataFrame:
        """A list frame of data.frames, narrowed by all of the selection that the frame takes.

        In the reporting currency: the lists of all currencies with a rate, one after the other, their amounts
        at the closing rate of `month` (or of each row's own month), and without a limit in the frame's order
        of currencies; with one, the largest of the first amount.
        """
        chosen = self.snapshot.narrowed(name, self.selection) | named
        if limit is not None:
            chosen["limit"] = limit
        if not self.selection.converted:
            return self.snapshot.frame(name, *given, **chosen)
        month = month or self.current

        def build() -> pd.DataFrame:
            return self._every(name, given, chosen, amounts, month)

        fixed = tuple(sorted((word, str(value)) for word, value in chosen.items()))
        return self.snapshot.kept(f"rows {name}", (*self.key, given, fixed, tuple(amounts), month), build)

    def _every(
        self, name: str, given: Any, chosen: dict[str, Any], amounts: Sequence[str], month: str
    ) -> pd.DataFrame:
        if not self.snapshot.takes(name, "currencies"):
            frame = self.snapshot.frame(name, *given, **chosen)
            return self.turned(frame, amounts, month)
        codes = sorted({str(code) for code in self._read("month_end")["currency"]})
        parts = [
            self.turned(self.snapshot.frame(name, *given, **{**chosen, "currencies": [code]}), amounts, month)
            for code in codes
        ]
        whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        size = whole[amounts[0]].abs()
        order = size.sort_values(ascending=False, kind="stable").index
        return whole.loc[order].head(int(chosen.get("limit", MOST))).reset_index(drop=True)

    def turned(self, frame: pd.DataFrame, amounts: Sequence[str], month: str) -> pd.DataFrame:
        """The rows in the selection's currency; those without a rate are left out."""
        dated = None if "month" in frame.columns else month
        return once(one_currency.amounts, frame, tuple(amounts), self.rates, dated)

    def with_unrated(self, frame: pd.DataFrame, amounts: Sequence[str], month: str) -> pd.DataFrame:
        """The same, and after them the rows without a rate in their own currency."""
        turned = self.turned(frame, amounts, month)
        dated = frame if "month" in frame.columns else frame.assign(month=month)
        own = frame.loc[~one_currency.rated(dated, self.rates)]
        return pd.concat([turned, own], ignore_index=True) if len(own) else turned

    @cached_property
    def rates(self) -> RateTable:
        """The rates into the selection's currency."""
        to, rates = self.selection.currency, self.snapshot.frame("exchange_rates")
        return self.snapshot.kept("rates into", (to,), lambda: conversion.rates_into(to, rates))

    @property
    def _converted(self) -> conversion.Converted:
        return self._kept(
            "converted",
            lambda: conversion.convert(self._read("month_end"), self._read("movements"), self.rates),
        )

    def _counted(self, name: str, count: str) -> pd.DataFrame:
        if not self.selection.converted:
            return self._read(name)

        def build() -> pd.DataFrame:
            rows = pd.concat([self._read(name), self._read(name, together=True)], ignore_index=True)
            return one_currency.counted(rows, count, self.rates)

        return self._kept(name, build)

    def _balances(self, name: str, amounts: Sequence[str], *given: Any) -> pd.DataFrame:
        if not self.selection.converted:
            return self._read(name, *given)
        return self._kept(name, lambda: one_currency.balances(self._read(name, *given), amounts, self.rates))

    def _read(self, name: str, *given: Any, **named: Any) -> pd.DataFrame:
        if self.selection.audiences is not None:
            named["audiences"] = self.selection.audiences
        return self.snapshot.frame(name, *given, **named)

    def _kept(self, name: str, build: Callable[[], T]) -> T:
        key = (self.selection.currency, self.selection.audiences)
        return self.snapshot.kept(f"converted {name}", key, build)


def figures(snapshot: Snapshot, selection: Selection) -> Figures:
    """The figures of a selection."""
    return Figures(snapshot, selection)
