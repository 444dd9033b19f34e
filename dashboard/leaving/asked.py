"""What the churn page is asked for, and the frames of it that only that page reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dashboard.cache import Snapshot
from dashboard.figures import Figures, figures
from dashboard.filters import Facts
from dashboard.metrics import audiences, breakdown, churn, leaving, movements, plans
from dashboard.metrics.selection import Selection
from dashboard.metrics.text import known as told
from dashboard.store import once

MOST_GROUPS = 12
OTHERS = "Others"
DIMENSIONS = {
    "reason": "Reason",
    "plan": "Plan",
    "tenure": "Time as a customer",
    "size": "Size",
    "cohort": "Won in",
}


@dataclass(frozen=True)
class Asked:
    """A selection of the data, and how its frames are read.

    page: the months of the page, of which `over` takes others; empty: those of the selection.
    """

    snapshot: Snapshot
    known: Facts
    selection: Selection
    page: tuple[str, ...] = ()

    @property
    def of(self) -> Figures:
        """The rollups of the selection."""
        return figures(self.snapshot, self.selection)

    @property
    def whole_months(self) -> tuple[str, ...]:
        """The months of the selection that are over; the current one where there is no other."""
        return tuple(month for month in self.selection.months if month != self.known.current) or (
            self.selection.months
        )

    def over(self, months: Sequence[str]) -> "Asked":
        """The same over other months."""
        page = self.page or self.selection.months
        return replace(self, selection=replace(self.selection, months=tuple(months)), page=page)

    def kept(self, name: str, build: Any, *more: object) -> Any:
        """What `build` makes, once for the selection and its months."""
        return self.snapshot.kept(name, (*self.of.key, *self.selection.months, *more), build)

    def frame(self, name: str, *given: Any, amounts: Sequence[str] = ("arr",), **named: Any) -> pd.DataFrame:
        """A frame of data.frames narrowed by the selection; of all currencies at once where they convert."""
        chosen = self.snapshot.narrowed(name, self.selection) | named
        if self.selection.converted and self.snapshot.takes(name, "currencies"):
            chosen |= self._rated()
        frame = self.snapshot.frame(name, *given, **chosen)
        if not self.selection.converted or not amounts:
            return frame
        return self.of.turned(frame, amounts, self.known.current)

    def _rated(self) -> dict[str, list[str]]:
        """The currencies that a rate converts, where there are others too."""
        rates, month = self.of.rates, self.known.current
        rated = [code for code in self.known.currencies if rates.closing(code, month) is not None]
        return {} if len(rated) == len(self.known.currencies) else {"currencies": rated}

    def departures(self) -> pd.DataFrame:
        """Who left in the months of the selection, counted, with why: those of the page are read once."""
        months, bounds = self.selection.months, breakdown.bounds(self.selection.currency)
        others = tuple(month for month in months if month not in self.page)

        def build() -> pd.DataFrame:
            wanted = [each for each in (others, self.page if len(others) < len(months) else ()) if each]
            frames = [
                self.frame("departures", each, bounds=bounds, amounts=("arr", "churn"))
                for each in wanted or [months]
            ]
            every = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
            return leaving.with_why(every.loc[every["month"].isin(months)].reset_index(drop=True))

        frame: pd.DataFrame = self.kept("departures with why", build)
        return frame

    def flow(self) -> pd.DataFrame:
        """Subscribers month by month with our rate and Stripe's, and the rates of MRR."""
        of, selection = self.of, self.selection

        def build() -> pd.DataFrame:
            frame = churn.flow(of.month_end_subscribers, of.transitions, selection)
            bridge = movements.bridge(of.month_end, of.movements, selection)
            return frame.merge(bridge[["month", "churn", "gross_churn", "net_churn"]], on="month")

        frame: pd.DataFrame = self.kept("flow with MRR", build)
        return frame

    def dimensions(self) -> dict[str, str]:
        """By what churn can be looked at: DIMENSIONS, and what is known of customers."""
        options = once(audiences.options, self.known.audiences)
        return DIMENSIONS | {name: audiences.ATTRIBUTES[name] for name in options}

    def cells(self, dimension: str) -> pd.DataFrame:
        """Subscribers at the start and lost of each month by group: metrics.breakdown.CELLS."""
        frame: pd.DataFrame = self.kept("cells", lambda: self._cells(dimension), dimension)
        return frame

    def _cells(self, dimension: str) -> pd.DataFrame:
        if dimension == "reason":
            return breakdown.by_why(self.departures())
        if dimension == "plan":
            return breakdown.by_flow([self._flow(name, each) for name, each in self.by_plan().items()])
        if dimension == "size":
            return breakdown.by_size(self.departures(), self._sizes(), self.selection)
        if dimension in ("tenure", "cohort"):
            group = breakdown.tenure if dimension == "tenure" else lambda cohort, _: breakdown.quarter(cohort)
            return breakdown.by_cohort(self.departures(), self.of.cohort_subscribers, self.selection, group)
        return breakdown.by_flow(
            [self._flow(name, each) for name, each in self.by_attribute(dimension).items()]
        )

    def _flow(self, name: str, selection: Selection) -> tuple[str, pd.DataFrame, pd.DataFrame]:
        of = figures(self.snapshot, selection)
        flow = churn.flow(of.month_end_subscribers, of.transitions, selection)
        return name, flow, movements.by_kind(of.movements, selection).reset_index(names="month")

    def by_plan(self) -> dict[str, Selection]:
        """The selection narrowed to each plan that is in it."""
        products, chosen = self.known.products, self.selection.products
        names = plans.order(products, set(self.known.month_end["product_id"]))
        ids = {name: plans.products_of(products, [name]) for name in names}
        return {
            name: self.selection.only(products=each)
            for name, each in ids.items()
            if chosen is None or each & chosen
        }

    def _sizes(self) -> pd.DataFrame | None:
        """Subscribers by size; not known of some plans alone, nor over several currencies."""
        if self.selection.converted or not self.selection.is_whole:
            return None
        return self.frame("subscribers_by_size", self.known.current)

    def by_attribute(self, attribute: str) -> dict[str, Selection]:
        """The selection narrowed to each value of an attribute of customers, the smallest together."""
        return {
            name: replace(self.selection, audiences=ids) for name, ids in self.audiences_by(attribute).items()
        }

    def audiences_by(self, attribute: str) -> dict[str, tuple[int, ...]]:
        """The selected audiences by the value of an attribute, most subscribers first."""
        rows = self.known.audiences
        rows = rows.loc[rows["id"] != 0]
        if (chosen := self.selection.audiences) is not None:
            rows = rows.loc[rows["id"].isin(chosen)]
        names = [told(value) or audiences.UNKNOWN for value in rows[audiences.COLUMNS[attribute]]]
        sizes = self.snapshot.frame("audience_sizes", self.known.current)
        held = dict(zip(sizes["audience_id"].tolist(), sizes["subscribers"].tolist(), strict=True))
        groups: dict[str, list[int]] = {}
        for name, each in zip(names, rows["id"].tolist(), strict=True):
            groups.setdefault(name, []).append(int(each))
        ranked = sorted(groups, key=lambda name: (-sum(held.get(each, 0) for each in groups[name]), name))
        found = {name: tuple(groups[name]) for name in ranked[:MOST_GROUPS]}
        if rest := ranked[MOST_GROUPS:]:
            found[OTHERS] = tuple(each for name in rest for each in groups[name])
        return found
