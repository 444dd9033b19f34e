"""What is behind a figure: the rows that are in it and those that are not, each with its reason.

The rows come from the frame that an Explained names; they add up to what its metric gives, exactly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.metrics import churn, plan_mix
from dashboard.metrics.definitions import Metric
from dashboard.metrics.kinds import KINDS
from dashboard.metrics.rates.customers import churn_rate
from dashboard.metrics.rates.kept import gross_retention, net_retention
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection
from data.history.words import EVIDENCE

Figure = int | Rate


@dataclass(frozen=True)
class Explanation:
    """A figure and its rows, in the columns of the frame behind it; excluded has a reason too."""

    definition: Metric[..., Any]
    figure: Figure
    included: pd.DataFrame
    excluded: pd.DataFrame

    @property
    def reasons(self) -> pd.DataFrame:
        """How many rows are left out for each reason, the most first: reason, rows."""
        counted = self.excluded.groupby("reason")["rows"].sum().reset_index()
        return counted.sort_values(["rows", "reason"], ascending=[False, True], ignore_index=True)


@dataclass(frozen=True)
class Explained:
    """A figure that can be explained: the frame of its rows, why a row is left out, what the others make."""

    definition: Metric[..., Any]
    frame: str
    span: int  # months, where the figure is of a period
    reason: Callable[[Any, Selection], str]
    figure: Callable[[pd.DataFrame], Figure]

    def arguments(self, month: str, now: datetime, selection: Selection) -> tuple[list[Any], dict[str, Any]]:
        """What the frame is asked with."""
        if self.frame == "behind_arr":
            return [month, now], {}
        if self.frame == "behind_movements":
            return [month], {}
        return [month, self.span], {"products": selection.products, "intervals": selection.intervals}


def explain(name: str, rows: pd.DataFrame, selection: Selection) -> Explanation:
    """One of EXPLAINED, from the rows of its frame. KeyError: it cannot be explained."""
    chosen = EXPLAINED[name]
    told = [chosen.reason(row, selection) for row in rows.to_dict("records")]
    reasons = pd.Series(told, index=rows.index, dtype="string")
    included = rows.loc[reasons == ""]
    return Explanation(
        chosen.definition,
        chosen.figure(included),
        included.reset_index(drop=True),
        rows.assign(reason=reasons).loc[reasons != ""].reset_index(drop=True),
    )


def _outside(row: Mapping[str, Any], selection: Selection) -> str:
    """Why a row with a product and an interval is not in the selection."""
    if row["currency"] != selection.currency:
        return f"In another currency: {str(row['currency']).upper()}."
    if selection.products is not None and row["product_id"] not in selection.products:
        return "Another plan than those selected."
    if selection.intervals is not None and row["interval"] not in selection.intervals:
        return "Another interval than those selected."
    return ""


def _not_counted(row: Mapping[str, Any], selection: Selection) -> str:
    """Why a row of the timeline is not in the run rate."""
    if not row["counted"]:
        return EVIDENCE.get(str(row["evidence"]), f"Not counted: {row['evidence']}.")
    return _outside(row, selection)


def _another_kind(kind: str) -> Callable[[Mapping[str, Any], Selection], str]:
    def reason(row: Mapping[str, Any], selection: Selection) -> str:
        return _outside(row, selection) or (
            "" if row["kind"] == kind else f"Another kind of movement: {row['kind']}."
        )

    return reason


def _not_of_the_base(row: Mapping[str, Any], selection: Selection) -> str:
    """Why a customer does not enter what is measured over the subscribers of the period's start."""
    if row["currency"] != selection.currency:
        return f"In another currency: {str(row['currency']).upper()}."
    if row["held"]:
        return ""
    if row["arr_start"] > 0:
        return "Held nothing of what is selected at the start of the period."
    return "New in the period." if row["first"] else "Won or won back in the period."


def _sum(column: str) -> Callable[[pd.DataFrame], int]:
    return lambda rows: int(rows[column].sum())


def _share(rate: Callable[..., Rate], column: str) -> Callable[[pd.DataFrame], Rate]:
    return lambda rows: rate(int(rows["arr_start"].sum()), int(rows[column].sum()))


def _customers_lost(rows: pd.DataFrame) -> Rate:
    return churn_rate(int(rows["rows"].sum()), int(rows["lost"].sum()))


def _kept(definition: Metric[..., Any], span: int, figure: Callable[[pd.DataFrame], Figure]) -> Explained:
    return Explained(definition, "behind_retention", span, _not_of_the_base, figure)


EXPLAINED: Mapping[str, Explained] = {
    "arr": Explained(plan_mix.run_rate, "behind_arr", 1, _not_counted, _sum("arr")),
    **{
        kind: Explained(definition, "behind_movements", 1, _another_kind(kind), _sum("delta_arr"))
        for kind, definition in KINDS.items()
    },
    "customers_lost": _kept(churn.lost, 1, _sum("lost")),
    "customer_churn": _kept(churn_rate, 1, _customers_lost),
    "grr_1_month": _kept(gross_retention, 1, _share(gross_retention, "arr_kept")),
    "grr_12_months": _kept(gross_retention, 12, _share(gross_retention, "arr_kept")),
    "nrr_1_month": _kept(net_retention, 1, _share(net_retention, "arr_end")),
    "nrr_12_months": _kept(net_retention, 12, _share(net_retention, "arr_end")),
}
"""Every figure that can be explained, by the name under which it is exported."""
