"""What is behind a figure: the rows that are in it and those that are not, each with its reason.

The rows come from the frame that an Explained names; they add up to what its metric gives, exactly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.metrics import churn, growth, left_out, overview, plan_mix, renewals
from dashboard.metrics.definitions import Metric
from dashboard.metrics.kinds import KINDS
from dashboard.metrics.rates import mrr, value
from dashboard.metrics.rates.customers import churn_rate
from dashboard.metrics.rates.kept import gross_retention, net_retention
from dashboard.metrics.rates.rate import Rate, rate
from dashboard.metrics.selection import Selection

Given = tuple[list[Any], dict[str, Any]]
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
    """A figure that can be explained: the frame of its rows, why a row is left out, what the others make.

    asked gives what the frame is asked with, of a month, now and a selection.
    """

    definition: Metric[..., Any]
    frame: str
    asked: Callable[[str, datetime, Selection], Given]
    reason: left_out.Reason
    figure: Callable[[pd.DataFrame], Figure]

    def arguments(self, month: str, now: datetime, selection: Selection) -> Given:
        """What the frame is asked with; audiences apart."""
        return self.asked(month, now, selection)


def explain(name: str, rows: pd.DataFrame, selection: Selection) -> Explanation:
    """One of EXPLAINED, from the rows of its frame. KeyError: it cannot be explained."""
    chosen = EXPLAINED[name]
    rows = rows if "rows" in rows.columns else rows.assign(rows=1)
    told = [chosen.reason(row, selection) for row in rows.to_dict("records")]
    reasons = pd.Series(told, index=rows.index, dtype="string")
    included = rows.loc[reasons == ""]
    return Explanation(
        chosen.definition,
        chosen.figure(included),
        included.reset_index(drop=True),
        rows.assign(reason=reasons).loc[reasons != ""].reset_index(drop=True),
    )


def _of_month(month: str, _: datetime, __: Selection) -> Given:
    return [month], {}


def _of_cells(month: str, _: datetime, selection: Selection) -> Given:
    return [month], {"products": selection.products, "intervals": selection.intervals}


def _of_period(months: int) -> Callable[[str, datetime, Selection], Given]:
    def asked(month: str, _: datetime, selection: Selection) -> Given:
        return [month, months], {"products": selection.products, "intervals": selection.intervals}

    return asked


def _sum(column: str) -> Callable[[pd.DataFrame], int]:
    return lambda rows: int(rows[column].sum())


def _share(rate: Callable[..., Rate], column: str) -> Callable[[pd.DataFrame], Rate]:
    return lambda rows: rate(int(rows["arr_start"].sum()), int(rows[column].sum()))


def _of_kinds(rate: Callable[..., Rate], *kinds: str) -> Callable[[pd.DataFrame], Rate]:
    """A rate of the sums of some kinds of movement, in its order."""
    return lambda rows: rate(*(int(rows.loc[rows["kind"] == kind, "delta_arr"].sum()) for kind in kinds))


def _customers_lost(rows: pd.DataFrame) -> Rate:
    return churn_rate(int(rows["rows"].sum()), int(rows["lost"].sum()))


def _yearly(rows: pd.DataFrame) -> Rate:
    """The part of some run rate that is billed by the year."""
    by_year = rows["interval"].fillna("").str.endswith("year")
    return rate(int(rows.loc[by_year, "arr"].sum()), int(rows["arr"].sum()), empty="there is no MRR")


def _per_subscriber(rows: pd.DataFrame) -> Rate:
    return value.arpa(int(rows["arr"].sum()), int(rows["rows"].sum()))


def _lifetime_value(rows: pd.DataFrame) -> Rate:
    """From the subscribers now, and those who were there and left in each of the months before."""
    is_now = rows["part"] == NOW
    months = sorted(set(rows.loc[~is_now, "part"]))
    churned = [_customers_lost(rows.loc[rows["part"] == month]) for month in months]
    return value.lifetime_value(_per_subscriber(rows.loc[is_now]), churned)


def _growth(rows: pd.DataFrame) -> Rate:
    at_start = rows["kind"] == START
    return growth.growth(*(int(rows.loc[some, "delta_arr"].sum()) for some in (at_start, ~at_start)))


def _left_of_life(row: left_out.Row, selection: Selection) -> str:
    return (left_out.not_held if row["part"] == NOW else left_out.not_of_the_base)(row, selection)


def _kept(definition: Metric[..., Any], months: int, figure: Callable[[pd.DataFrame], Figure]) -> Explained:
    return Explained(definition, "behind_retention", _of_period(months), left_out.not_of_the_base, figure)


def _rate_of(definition: Metric[..., Rate], *kinds: str) -> Explained:
    """A rate of movements, measured against what was held at the start where START is among its kinds."""
    frame = "behind_rates" if START in kinds else "behind_movements"
    return Explained(definition, frame, _of_month, left_out.but(*kinds), _of_kinds(definition, *kinds))


def _moved(definition: Metric[..., Any], *kinds: str) -> Explained:
    return Explained(definition, "behind_movements", _of_month, left_out.but(*kinds), _sum("delta_arr"))


def _run_rate(definition: Metric[..., Any], figure: Callable[[pd.DataFrame], Figure]) -> Explained:
    return Explained(
        definition, "behind_arr", lambda month, now, _: ([month, now], {}), left_out.not_counted, figure
    )


NOW, START = "now", "start"
EVERY_KIND = (*KINDS, "transfer")
WINDOW = 90  # days
EXPLAINED: Mapping[str, Explained] = {
    "arr": _run_rate(plan_mix.run_rate, _sum("arr")),
    "annual": _run_rate(overview.annual, _sum("arr")),
    "yearly_share": _run_rate(plan_mix.yearly_share, _yearly),
    "subscribers": Explained(
        plan_mix.subscribers, "behind_subscribers", _of_cells, left_out.not_held, _sum("rows")
    ),
    "arpa": Explained(
        plan_mix.arr_per_subscriber, "behind_subscribers", _of_cells, left_out.not_held, _per_subscriber
    ),
    "ltv": Explained(
        value.lifetime_value, "behind_lifetime_value", _of_cells, _left_of_life, _lifetime_value
    ),
    **{kind: _moved(definition, kind) for kind, definition in KINDS.items()},
    "net_new": _moved(growth.net_new, *EVERY_KIND),
    "growth": Explained(growth.growth, "behind_rates", _of_month, left_out.but(START, *EVERY_KIND), _growth),
    "gross_mrr_churn": _rate_of(mrr.gross_churn, START, "churn", "contraction"),
    "net_mrr_churn": _rate_of(mrr.net_churn, START, "churn", "contraction", "expansion", "reactivation"),
    "quick_ratio": _rate_of(mrr.quick_ratio, "new", "expansion", "reactivation", "contraction", "churn"),
    "customers_lost": _kept(churn.lost, 1, _sum("lost")),
    "customer_churn": _kept(churn_rate, 1, _customers_lost),
    "grr_1_month": _kept(gross_retention, 1, _share(gross_retention, "arr_kept")),
    "grr_12_months": _kept(gross_retention, 12, _share(gross_retention, "arr_kept")),
    "nrr_1_month": _kept(net_retention, 1, _share(net_retention, "arr_end")),
    "nrr_12_months": _kept(net_retention, 12, _share(net_retention, "arr_end")),
    "scheduled_churn": Explained(
        churn.scheduled_arr,
        "scheduled_churn",
        lambda _, now, __: ([now], {}),
        left_out.of_another_cell,
        _sum("arr"),
    ),
    "renewals_due": Explained(
        renewals.long_due,
        "renewals",
        lambda _, now, __: ([now, renewals.end_of(now, WINDOW)], {}),
        left_out.not_due,
        _sum("arr"),
    ),
}
"""Every figure that can be explained, by the name under which it is exported."""
