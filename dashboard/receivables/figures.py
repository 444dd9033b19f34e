"""What is owed in a selection as of an instant: the frames of data, narrowed and in one currency.

owing = Owing(figures(snapshot, selection), snapshot.now)
overdue = receivables.overdue(owing.owed())
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.figures import Figures
from dashboard.metrics import one_currency, receivables, recognition
from dashboard.metrics.explain import Explanation
from dashboard.store import once
from data import clock
from data.clock import months_before

MOMENT = timedelta(microseconds=1)
EVERY = 100_000
"""Invoices that an explanation reads: as many as are open at a time."""


@dataclass(frozen=True)
class Owing:
    """The receivables of a selection at an instant; amounts are minor units of the selection's currency."""

    of: Figures
    at: datetime

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.of.selection.currency

    @property
    def month(self) -> str:
        """The month that lies before the instant, whose closing rate turns other currencies."""
        return clock.month_of(self.at - MOMENT)

    @property
    def months(self) -> list[str]:
        """The months of the selection that had begun by then."""
        return [each for each in self.of.selection.months if each <= self.month] or [self.month]

    @property
    def partial(self) -> str | None:
        """The last of the months, where the instant lies in its midst."""
        return self.month if self.at < clock.month_start(clock.next_month(self.month)) else None

    @property
    def key(self) -> tuple[object, ...]:
        """What to keep things made of this by."""
        return (*self.of.key, self.at)

    def before(self) -> "Owing":
        """The same at the end of the month before its own."""
        return Owing(self.of, clock.month_start(self.month))

    def owed(self) -> pd.DataFrame:
        """A row for each customer and age: the columns of data.frames.owed.

        Their amounts come to the sums of `over_time`, which are turned into another currency as a whole.
        """

        def build() -> pd.DataFrame:
            rows = self._rows("owed", self.at, amounts=["open"])
            return self._added_up(rows) if self.of.selection.converted else rows

        return self.of.snapshot.kept("owed added up", self.key, build)

    def _added_up(self, rows: pd.DataFrame) -> pd.DataFrame:
        now, _ = self.now_and_before(self.months)
        of_ages = [(rows.loc[rows["age"] == age], int(now[age])) for age in receivables.AGES]
        parts = [one_currency.matched(some, "open", whole, len(some)) for some, whole in of_ages if len(some)]
        return pd.concat(parts or [rows]).sort_index()

    def overdue_customers(self) -> int:
        """How many customers are past due."""
        return receivables.customers_overdue(self._rows("owed_by_customer", self.at, amounts=["open"]))

    def over_time(self) -> pd.DataFrame:
        """At the end of each month, and at the instant for its own: month and receivables.over_time."""
        sums = self._sums(self.months)
        return sums.loc[sums["at"].isin(list(self._ends(self.months)))].reset_index(drop=True)

    def now_and_before(self, months: Sequence[str] = ()) -> tuple[Any, Any]:
        """The sums at the instant and at the end of the month before: open, overdue, long_overdue, ages.

        They are read with those of some months, where these are shown too.
        """
        sums = self._sums(months).set_index("at")
        return sums.loc[self.at], sums.loc[self.before().at]

    def _sums(self, months: Sequence[str]) -> pd.DataFrame:
        """month and receivables.over_time at both instants and at months' ends, each at its month's rate."""

        def build() -> pd.DataFrame:
            ends = self._ends([months_before(self.month, 1), *months, self.month])
            rows = self.of.snapshot.frame("owed_over_time", tuple(ends), **self._whose())
            if self.of.selection.converted:
                named = {pd.Timestamp(end): month for end, month in ends.items()}
                rows = self.of.turned(rows.assign(month=rows["at"].map(named)), ["open"], self.month)
            rows = receivables.of_currency(rows, self.currency)
            return receivables.over_time(rows, list(ends)).assign(month=list(ends.values()))

        return self.of.snapshot.kept("owed sums", (*self.key, tuple(months)), build)

    def _ends(self, months: Sequence[str]) -> dict[datetime, str]:
        """When months end, the instant for its own: the month of each end, in their order."""
        return {min(clock.month_start(clock.next_month(each)), self.at): each for each in sorted(set(months))}

    def invoiced(self) -> int:
        """What was invoiced in the 90 days before."""
        return int(self._rows("invoiced", self.at, amounts=["invoiced"])["invoiced"].sum())

    def invoices(self, ages: Sequence[str], customer_id: str | None = None) -> pd.DataFrame:
        """The open invoices of some ages, of one customer or of all, the longest due first."""
        whose = {} if customer_id is None else {"customers": (customer_id,)}
        rows = self._rows("owed_invoices", self.at, amounts=["open", "total"], ages=tuple(ages), **whose)
        return once(receivables.listed, rows, self.at)

    def failing(self) -> pd.DataFrame:
        """Invoices whose payment fails, as of now."""
        return once(receivables.failing, self._rows("failing_payments", amounts=["open"]))

    def recovery(self) -> pd.DataFrame:
        """What became of payments that failed at first, since the first month: month, outcome, amount."""
        return self._rows("payment_recovery", clock.month_start(self.months[0]), amounts=["amount"])

    def deferred(self) -> pd.DataFrame:
        """What is to be recognised from the instant's day on: month, revenue, deferred (at its end)."""

        def build() -> pd.DataFrame:
            day = self.at.date()
            rows = recognition.ahead(self.of.snapshot.frame("service_ahead", self.at, **self._whose()), day)
            if self.of.selection.converted:
                rows = self.of.turned(rows, ["revenue", "deferred"], self.month)
            rows = receivables.of_currency(rows, self.currency)
            return (
                rows.groupby("due_month", as_index=False)[["revenue", "deferred"]]
                .sum()
                .rename(columns={"due_month": "month"})
            )

        return self.of.snapshot.kept("owing deferred", self.key, build)

    def explained_deferred(self) -> Explanation:
        """The largest lines of service that is still to come, and what is not deferred."""
        day, whose, amounts = self.at.date(), self._whose(), ["amount", "left", "credited"]
        only = {} if self.of.selection.converted else {"currencies": (self.currency,)}

        def read(name: str, **named: Any) -> pd.DataFrame:
            rows = recognition.with_left(self.of.snapshot.frame(name, self.at, **whose, **named), day)
            return self._turned(rows, amounts)

        sums, shown = read("service_ahead"), self.deferred()
        made = recognition.explained(sums, read("service_lines", **only), day, self.currency)
        return self._matched(made, "amount", int(shown["revenue"].sum()), len(sums) * (len(shown) + 1))

    def explained(self, metric: Any, ages: Sequence[str]) -> Explanation:
        """The open invoices behind an amount of some ages, and those that are not in it."""
        rows = self.of.snapshot.frame("owed_invoices", self.at, limit=EVERY, **self._whose())
        made = receivables.explained(metric, self._turned(rows, ["open"]), self.currency, ages)
        return self._matched(made, "open", int(metric(self.owed())), len(rows))

    def explained_customers(self) -> Explanation:
        """The customers who are overdue, and those who owe something and are not."""
        if self.of.selection.converted:
            return receivables.customers_explained(self.owed(), self.currency)
        rows = self.of.snapshot.frame("owed", self.at, **self._whose())
        return receivables.customers_explained(rows, self.currency)

    def explained_dso(self) -> Explanation:
        """What is open and what was invoiced, by customer."""
        rows = self._rows("invoiced_customers", self.at, amounts=["invoiced"])
        return receivables.dso_explained(self.owed(), rows, self.invoiced(), self.currency)

    def _turned(self, rows: pd.DataFrame, amounts: Sequence[str]) -> pd.DataFrame:
        """Rows of all currencies: in a selection of all of them in one, those with a rate in it."""
        return self.of.with_unrated(rows, amounts, self.month) if self.of.selection.converted else rows

    def _matched(self, made: Explanation, name: str, figure: int, most: int) -> Explanation:
        """Rows that come to the page's figure, which was turned by customer or by month."""
        if not self.of.selection.converted:
            return made
        rows = one_currency.matched(made.included, name, figure, most)
        return replace(made, figure=int(rows[name].sum()), included=rows)

    def _whose(self) -> dict[str, Any]:
        audiences = self.of.selection.audiences
        return {} if audiences is None else {"audiences": audiences}

    def _rows(self, name: str, *given: Any, amounts: Sequence[str], **named: Any) -> pd.DataFrame:
        def build() -> pd.DataFrame:
            rows = self.of.rows(name, *given, amounts=amounts, month=self.month, **named)
            return receivables.of_currency(rows, self.currency)

        asked = (given, tuple(sorted(named.items())))
        return self.of.snapshot.kept(f"owing {name}", (*self.key, *asked), build)
