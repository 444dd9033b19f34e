"""What a page is asked to look at, and the rows of a frame that belong to it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd

K = TypeVar("K")


@dataclass(frozen=True)
class Selection:
    """One currency, some months, and the products, intervals and audiences chosen; None means all of them.

    audiences are ids of data.frames.audiences. converted: all currencies, turned into this one.
    """

    currency: str
    months: tuple[str, ...]
    products: frozenset[str] | None = None
    intervals: frozenset[str] | None = None
    audiences: tuple[int, ...] | None = None
    converted: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every plan and interval is in it."""
        return self.products is None and self.intervals is None

    @property
    def currencies(self) -> list[str] | None:
        """The currencies that frames are asked for; None, all of them, where they are converted."""
        return None if self.converted else [self.currency]

    @property
    def key(self) -> tuple[str | bool | tuple[int, ...] | None, ...]:
        """The same for the same selection, to keep what was made of it by."""
        chosen = (
            None if some is None else "|".join(sorted(some)) for some in (self.products, self.intervals)
        )
        months = (*self.months[:1], *self.months[-1:])
        return (self.currency, *months, *chosen, self.audiences, self.converted)

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
        return any(self.has(*cell) for cell in cells_of(portfolio))

    def has(self, product: str, interval: str) -> bool:
        """Whether a product at an interval is in the selection."""
        return (self.products is None or product in self.products) and (
            self.intervals is None or interval in self.intervals
        )


def cells_of(portfolio: str) -> Iterator[tuple[str, str]]:
    """The product and interval of each cell of a portfolio."""
    for cell in filter(None, portfolio.split("|")):
        product, _, interval = cell.rpartition(":")
        yield product, interval


def _narrowed(held: frozenset[str] | None, further: Iterable[str] | None) -> frozenset[str] | None:
    if further is None:
        return held
    return frozenset(further) if held is None else held & frozenset(further)


def distinct(frame: pd.DataFrame, count: str, selection: Selection) -> dict[str, int]:
    """Distinct customers by month that hold anything of the selection.

    A customer has one portfolio, so the sum over the portfolios that meet the selection counts each once.
    """
    counted = distinct_by(frame, count, selection, lambda _product, _interval: None)
    return {month: customers for (month, _), customers in counted.items()}


def distinct_by(
    frame: pd.DataFrame, count: str, selection: Selection, key: Callable[[str, str], K]
) -> dict[tuple[str, K], int]:
    """Distinct customers by month and key of a cell (product, interval): each once for every key it holds."""
    keys: dict[str, set[K]] = {}
    counted: dict[tuple[str, K], int] = defaultdict(int)
    columns = (frame[name].tolist() for name in ("month", "currency", "portfolio", count))
    for month, currency, portfolio, customers in zip(*columns, strict=True):
        if currency != selection.currency:
            continue
        if portfolio not in keys:
            keys[portfolio] = {key(*cell) for cell in cells_of(portfolio) if selection.has(*cell)}
        for each in keys[portfolio]:
            counted[month, each] += customers
    return dict(counted)


def ratio(part: float | None, whole: float | None) -> float | None:
    """A share; None where it is not defined because the whole is 0 or unknown."""
    return None if not whole or part is None else part / whole
