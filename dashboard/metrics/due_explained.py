"""What is behind a figure of renewals: those in it, and why the others of the next 12 months are not."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd

from dashboard.metrics import left_out, renewals
from dashboard.metrics.explain import Explanation
from dashboard.metrics.selection import Selection
from dashboard.metrics.text import known

IsAsked = Callable[[str, str], bool]
"""Whether a renewal of a term (renewals.TERMS), by what governs it, is among those that are asked for."""


def due(
    rows: pd.DataFrame,
    selection: Selection,
    now: datetime,
    days: int,
    is_asked: IsAsked,
    *,
    risky: bool = False,
) -> Explanation:
    """ARR due within so many days, or of it what is at risk; rows are those of frames.renewals."""
    last = now + timedelta(days=days)

    def reason(row: dict[str, object]) -> str:
        if elsewhere := left_out.not_due(row, selection):
            return elsewhere
        if not is_asked(renewals.term(str(row["interval"])), str(row["governs"])):
            return "Of other terms than those shown."
        if pd.Timestamp(str(row["due_at"])) > last:
            return f"Due later than in {days} days."
        return "The data shows no reason for risk." if risky and not known(row["risks"]) else ""

    told = pd.Series(
        [reason({str(name): value for name, value in row.items()}) for row in rows.to_dict("records")],
        index=rows.index,
        dtype="string",
    )
    shown = rows.assign(rows=1, falls_due_at=rows["due_at"])
    included = shown.loc[told == ""].reset_index(drop=True)
    return Explanation(
        renewals.arr_at_risk if risky else renewals.arr_due,
        int(included["arr"].sum()),
        included,
        shown.assign(reason=told).loc[told != ""].reset_index(drop=True),
    )
