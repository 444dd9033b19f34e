"""What falls due in a selection: sums of all of it, and the renewals of a list.

renewing = Renewing(figures(snapshot, selection), "long")
worth = renewals.arr_due(renewals.within(renewing.due(), snapshot.now, 90))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from dashboard.figures import Figures
from dashboard.metrics import due_explained, forecast, outcomes, renewals
from dashboard.metrics.explain import Explanation
from dashboard.metrics.forecast import Segments
from data import clock
from data.contracts import add_months
from data.frames.renewals import ENDLESS

HORIZON = timedelta(days=365)
"""How far ahead the figures and charts look; lists may look further."""
LISTED = 500
"""Renewals that a list or an explanation names; how many there are beside them is said."""
TO_CALENDAR = 20_000
TERMS = {"long": "Contracts and longer periods", "monthly": "Monthly or shorter", "all": "All terms"}


class Then(NamedTuple):
    """ARR that fell due within 30 and 90 days of an earlier instant, what of the latter was to be expected
    (None: no rate was known), and the renewal rate of the year before.
    """

    due_in_30: int
    due_in_90: int
    expected: int | None
    rate: float | None


@dataclass(frozen=True)
class Renewing:
    """The renewals of a selection that are due from now; terms is a key of TERMS."""

    of: Figures
    terms: str = "all"

    @property
    def now(self) -> datetime:
        """From when on renewals count as due."""
        return self.of.snapshot.now

    @property
    def key(self) -> tuple[object, ...]:
        """What to keep things made of this by."""
        return (*self.of.key, self.terms)

    def is_asked(self, interval: str, governs: str) -> bool:
        """Whether a renewal is among the terms."""
        return self.terms == "all" or renewals.comes_again(interval, governs) == (self.terms == "monthly")

    def asked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Those of the terms, of rows with interval and governs."""
        found = list(zip(rows["interval"].fillna(""), rows["governs"].fillna(""), strict=True))
        pairs = {pair: self.is_asked(*pair) for pair in set(found)}
        return rows.loc[[pairs[pair] for pair in found]]

    def reach(self, until: datetime | None) -> datetime:
        """The horizon, or an instant beyond it."""
        end = self.now + HORIZON
        return end if until is None else max(end, until)

    def due(self, until: datetime | None = None) -> pd.DataFrame:
        """What falls due within `reach`, added up: metrics.renewals.due of frames.renewals_by_day."""
        end = self.reach(until)

        def build() -> pd.DataFrame:
            return self.asked(renewals.due(self._sums(end), self.of.selection)).reset_index(drop=True)

        return self._kept(f"due {end}", build)

    def contracts(self, until: datetime | None = None) -> pd.DataFrame:
        """Those within `reach` that more than the period may govern: for sums, and to choose some to name."""
        end = self.reach(until)

        def build() -> pd.DataFrame:
            rows = self._rows("renewals_under_contract", self.now, end)
            return self.asked(renewals.due(rows, self.of.selection)).reset_index(drop=True)

        return self._kept(f"contracts due {end}", build)

    def named(self, contracts: pd.DataFrame) -> pd.DataFrame:
        """Some of `contracts` in full, in their order, each with what is written beside it."""
        ids = tuple(sorted(set(contracts["subscription_id"])))
        rows = self.of.snapshot.frame("renewals_named", self.now, ENDLESS, ids)
        if self.of.selection.converted:
            rows = self.of.turned(rows, ["arr"], self.of.current)
        key = ["subscription_id", "interval", "due_at"]
        return contracts[key].merge(self._told(rows), on=key)

    def noted(self) -> pd.DataFrame:
        """The renewals of subscriptions beside which somebody wrote something."""

        def build() -> pd.DataFrame:
            return self._told(self._rows("renewals_noted", self.now, self.now + HORIZON))

        return self._kept("noted renewals", build)

    def listed(
        self,
        first: datetime,
        until: datetime,
        *,
        risky: bool = False,
        largest: bool = False,
        limit: int = LISTED,
    ) -> pd.DataFrame:
        """The soonest renewals due from first until an instant (exclusive), or the largest."""  # fmt: skip
        asked = (first, until, risky, largest, limit)
        return self._kept(f"listed {asked}", lambda: self._listed(*asked))

    def _listed(
        self, first: datetime, until: datetime, risky: bool, largest: bool, limit: int
    ) -> pd.DataFrame:
        under = self.contracts(until)
        under = under.loc[(under["due_at"] >= first) & (under["due_at"] < until)]
        if risky:
            under = under.loc[under["at_risk"]]
        order, upwards = (["arr", "due_at"], [False, True]) if largest else (["due_at", "arr"], [True, False])
        under = self.named(under.sort_values(order, ascending=upwards, kind="stable").head(limit))
        parts = [under, *self._periods(first, until, risky=risky, largest=largest, limit=limit)]
        whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        return whole.sort_values(order, ascending=upwards, ignore_index=True).head(limit)

    def _periods(self, first: datetime, until: datetime, **named: Any) -> list[pd.DataFrame]:
        """A list for each currency, narrowed in SQL."""
        selection, snapshot = self.of.selection, self.of.snapshot
        chosen = snapshot.narrowed("renewals_of_periods", selection) | named | {"terms": self.terms}
        codes = self._currencies(until) if selection.converted else [selection.currency]
        frames = [
            snapshot.frame("renewals_of_periods", self.now, first, until, **chosen | {"currencies": (code,)})
            for code in codes
        ]
        if selection.converted:
            frames = [self.of.turned(frame, ["arr"], self.of.current) for frame in frames]
        return [self._told(frame) for frame in frames]

    def _currencies(self, until: datetime) -> Sequence[str]:
        end = self.reach(until)
        sums = self.of.snapshot.frame("renewals_by_day", self.now, end, **self._whose())
        return sorted(str(code) for code in sums["currency"].dropna().unique())

    def outcomes(self, since: datetime, until: datetime) -> pd.DataFrame:
        """What fell due between two instants and what became of it, added up: metrics.outcomes.told."""

        def build() -> pd.DataFrame:
            given = "outcomes_by_month", since, until, self.now
            rows = self.of.rows(*given, amounts=("before", "after", "kept"), month=self.of.current)
            rows = rows.drop(columns="month", errors="ignore")
            return self.asked(outcomes.told(rows, self.of.selection)).reset_index(drop=True)

        return self._kept(f"outcomes {since} {until}", build)

    def past(self) -> pd.DataFrame:
        """`outcomes` of the year until now."""
        return self.outcomes(self.now - HORIZON, self.now)

    def fell_due(self, results: Sequence[str], month: str = "") -> pd.DataFrame:
        """The largest renewals of the year until now with one of these outcomes, due in a month if given."""
        since, until = self.now - HORIZON, self.now
        if month:
            since, until = max(since, clock.month_start(month)), clock.month_start(clock.next_month(month))
        return self.of.rows(
            "outcomes",
            since,
            min(until, self.now),
            self.now,
            amounts=("before", "after"),
            month=self.of.current,
            limit=LISTED,
            results=tuple(results),
            terms=self.terms,
        )

    def rates(self, past: pd.DataFrame) -> Segments:
        """The renewal rate of each plan and interval, of rows of `outcomes`."""
        return outcomes.segments(past, *outcomes.ranked(self.of.snapshot.frame("products")))

    def then(self, against: datetime) -> Then:
        """The same figures as they would have been at an earlier instant, by what is known today.

        Of what falls due after now, ARR is as it is now.
        """
        before = self.outcomes(against - HORIZON, against)
        soon, later = (self._due_then(against, renewals.end_of(against, days)) for days in (30, 90))
        expected = forecast.expected(forecast.forecast(later, self.rates(before)))
        in_30, in_90 = int(soon["arr"].sum()), int(later["arr"].sum())
        return Then(in_30, in_90, expected, outcomes.rate_by_arr(before))

    def _due_then(self, since: datetime, until: datetime) -> pd.DataFrame:
        """What fell due and will fall due between two instants: plan, interval, arr."""
        fell, coming = self.outcomes(since, max(since, min(until, self.now))), self.due()
        plans = outcomes.plans_of(
            fell["product_ids"], *outcomes.ranked(self.of.snapshot.frame("products"))
        ).replace("", None)
        past = pd.DataFrame({"plan": plans, "interval": fell["interval"], "arr": fell["before"]})
        coming = coming.loc[coming["due_at"] < until, list(past.columns)]
        return pd.concat([each for each in (past, coming) if len(each)] or [past], ignore_index=True)

    def explained(self, days: int, *, risky: bool = False) -> Explanation:
        """The renewals behind an amount that is due within so many days, and why the others are not in it."""
        end = renewals.end_of(self.now, days)
        named = self.listed(self.now, end, risky=risky, largest=True)
        sums = self._sums(self.now + HORIZON, everything=True)
        return due_explained.due(sums, named, self.of.selection, self.now, days, self.is_asked, risky=risky)

    def _sums(self, until: datetime, *, everything: bool = False) -> pd.DataFrame:
        """By day, with the contracts one by one; everything: of all plans, intervals and currencies."""
        if everything:
            frames = [
                self.of.snapshot.frame(name, self.now, until, **self._whose())
                for name in ("renewals_by_day", "renewals_under_contract")
            ]
            if self.of.selection.converted:
                frames = [self.of.turned(frame, ["arr"], self.of.current) for frame in frames]
        else:
            frames = [
                self._rows(name, self.now, until) for name in ("renewals_by_day", "renewals_under_contract")
            ]
        periods, under = frames
        columns = list(periods.columns)
        under = under.assign(renewals=1)
        parts = [each for each in (periods, under[[*columns, "notice_at"]]) if len(each)]
        return pd.concat(parts or [under[[*columns, "notice_at"]]], ignore_index=True)

    def _told(self, rows: pd.DataFrame) -> pd.DataFrame:
        notes = self.of.snapshot.frame("renewal_notes")
        return self.asked(renewals.due(rows, self.of.selection, notes)).reset_index(drop=True)

    def _rows(self, name: str, *given: Any) -> pd.DataFrame:
        return self.of.rows(name, *given, month=self.of.current)

    def _whose(self) -> dict[str, Any]:
        audiences = self.of.selection.audiences
        return {} if audiences is None else {"audiences": audiences}

    def _kept(self, name: str, build: Any) -> pd.DataFrame:
        found: pd.DataFrame = self.of.snapshot.kept(name, self.key, build)
        return found


def window(name: str, now: datetime) -> tuple[datetime, datetime]:
    """The instants of a window: so many days ("90") or months ("24m") from now, "this" or "next" month,
    a month, "YYYY-MM", or "any" time from now.
    """
    if name == "any":
        return now, ENDLESS
    if name.isdigit():
        return now, renewals.end_of(now, int(name))
    if name.endswith("m"):
        return now, renewals.end_of(add_months(now, int(name[:-1])), 0)
    current = clock.month_of(now)
    month = {"this": current, "next": clock.next_month(current)}.get(name, name)
    return max(now, clock.month_start(month)), clock.month_start(clock.next_month(month))


def earlier(now: datetime, month: str) -> datetime:
    """The instant as many months before now as a month lies before the current one."""
    return add_months(now, 1 - len(clock.months_between(month, clock.month_of(now))))
