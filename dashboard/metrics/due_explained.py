"""What is behind a figure of renewals: those in it, and why the others of the next 12 months are not."""

from collections.abc import Callable
from datetime import datetime

import pandas as pd

from dashboard.metrics import left_out, renewals
from dashboard.metrics.explain import Explanation
from dashboard.metrics.selection import Selection
from dashboard.metrics.text import known

IsAsked = Callable[[str, str], bool]
"""Whether a renewal of an interval, by what governs it, is among those that are asked for."""


def due(
    sums: pd.DataFrame,
    named: pd.DataFrame,
    selection: Selection,
    now: datetime,
    days: int,
    is_asked: IsAsked,
    *,
    risky: bool = False,
) -> Explanation:
    """ARR due within so many days, or of it what is at risk.

    sums are all renewals, each as many as `renewals` says; named those in the figure that are told by name:
    what is in it beside them is one row.
    """
    end = renewals.end_of(now, days)

    def reason(row: dict[str, object]) -> str:
        if elsewhere := left_out.not_selected(row, selection):
            return elsewhere
        if not is_asked(str(row["interval"]), str(row["governs"])):
            return "Of other terms than those shown."
        if pd.Timestamp(str(row["due_at"])) >= end:
            return f"Due later than in {days} days."
        return "The data shows no reason for risk." if risky and not known(row["risks"]) else ""

    rows = sums if "renewals" in sums.columns else sums.assign(renewals=1)
    told = pd.Series(
        [reason({str(name): value for name, value in row.items()}) for row in rows.to_dict("records")],
        index=rows.index,
        dtype="string",
    )
    within = rows.loc[told == ""]
    return Explanation(
        renewals.arr_at_risk if risky else renewals.arr_due,
        renewals.arr_due(within),
        _included(within, named),
        _excluded(rows.assign(reason=told).loc[told != ""]),
    )


def _included(within: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Those told by name, and the others as one row."""
    shown = named.assign(rows=1, falls_due_at=named["due_at"])
    rest = renewals.number(within) - len(named)
    if not rest:
        return shown.reset_index(drop=True)
    currency = within["currency"].iloc[0]
    more = {"rows": rest, "arr": renewals.arr_due(within) - renewals.arr_due(named), "currency": currency}
    return pd.concat([shown, pd.DataFrame([more])], ignore_index=True)


def _excluded(rows: pd.DataFrame) -> pd.DataFrame:
    """By reason, plan and interval: how many and what they are worth."""
    of = [name for name in ("reason", "currency", "plan", "interval") if name in rows.columns]
    sums = rows.groupby(of, dropna=False, as_index=False).agg(rows=("renewals", "sum"), arr=("arr", "sum"))
    nobody = pd.Series(pd.NA, index=sums.index, dtype="string")
    return sums.assign(customer_id=nobody, customer_name=nobody)
