"""What a page is asked to look at, and the rows of a frame that belong to it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd


@dataclass(frozen=True)
class Selection:
    """One currency, some months, and the products and intervals chosen; None means all of them."""

    currency: str
    months: tuple[str, ...]
    products: frozenset[str] | None = None
    intervals: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every plan and interval is in it."""
        return self.products is None and self.intervals is None

    def only(
        self, products: Iterable[str] | None = None, intervals: Iterable[str] | None = None
    ) -> "Selection":
        """The same, narrowed further to these products and intervals."""
        return replace(
            self,
            products=_narrowed(self.products, products),
            intervals=_narrowed(self.intervals, intervals),
        )

    def cells(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a frame with currency, product_id and interval that are in the selection."""
        chosen = frame["currency"] == self.currency
        if self.products is not None:
            chosen &= frame["product_id"].isin(self.products)
        if self.intervals is not None:
            chosen &= frame["interval"].isin(self.intervals)
        return frame.loc[chosen]

    def touches(self, portfolio: str) -> bool:
        """Whether a portfolio ("prodA:1month|prodB:1year") has a cell in the selection."""
        return any(self._has(cell) for cell in portfolio.split("|") if cell)

    def _has(self, cell: str) -> bool:
        product, _, interval = cell.rpartition(":")
        return (self.products is None or product in self.products) and (
            self.intervals is None or interval in self.intervals
        )


def _narrowed(held: frozenset[str] | None, further: Iterable[str] | None) -> frozenset[str] | None:
    if further is None:
        return held
    return frozenset(further) if held is None else held & frozenset(further)


def distinct(frame: pd.DataFrame, count: str, selection: Selection, by: str = "month") -> "pd.Series[int]":
    """Distinct customers per month (or other key) that hold anything of the selection.

    A customer has one portfolio, so the sum over the portfolios that meet the selection counts each once.
    """
    rows = frame.loc[frame["currency"] == selection.currency]
    touched = {portfolio for portfolio in rows["portfolio"].unique() if selection.touches(portfolio)}
    kept = rows.loc[rows["portfolio"].isin(touched)]
    return kept.groupby(by, observed=True)[count].sum().astype("int64")


def ratio(part: float | None, whole: float | None) -> float | None:
    """A share; None where it is not defined because the whole is 0 or unknown."""
    return None if not whole or part is None else part / whole
