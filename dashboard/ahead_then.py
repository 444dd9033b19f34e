"""What lay ahead before: who was set to cancel as a month ended, and what fell due from a day on."""

from dashboard import formatting
from dashboard.figures import Figures
from dashboard.metrics import churn, renewals
from dashboard.renewals.figures import Renewing, earlier
from data import clock

DAYS = 90
TERMS = "long"
"""As Renewals shows at first, and as the declared figure has it."""


def figures(of: Figures, month: str) -> tuple[int | None, int | None]:
    """ARR set to cancel as a month ended, and due within DAYS of its day; None: not known, or no month."""
    if not month:
        return None, None
    return of.snapshot.kept("ahead then", (*of.key, month), lambda: (_leaving(of, month), _due(of, month)))


def _leaving(of: Figures, month: str) -> int | None:
    """Only events tell what was taken back since, so before the first of them it is not known."""
    then = clock.month_start(clock.next_month(month))
    since = of.snapshot.frame("events_since")["since"].iloc[0]
    if formatting.is_missing(since) or since > then:
        return None
    rows = of.rows("scheduled_then", then, of.snapshot.now, month=month)
    return churn.scheduled_arr(of.selection.cells(rows))


def _due(of: Figures, month: str) -> int:
    """What fell due since the day that Renewals compares with; of what is still to come, ARR as it is now."""
    then = earlier(of.snapshot.now, month)
    renewing, end = Renewing(of, TERMS), renewals.end_of(then, DAYS)
    past, coming = renewing.outcomes(then, min(of.snapshot.now, end)), renewing.due()
    fell = int(past["before"].sum())
    return fell + renewals.arr_due(coming.loc[coming["due_at"] < end])


def told(of: Figures, month: str, leaving: int | None) -> str:
    """What the changes are against, and why one is missing; begins with a space."""
    if not month:
        return ""
    renewed = formatting.day(earlier(of.snapshot.now, month))
    if leaving is None:
        since = f" The change of renewals is against {renewed}"
        return f"{since}; what was set to cancel at the end of {formatting.month(month)} is not known."
    return f" Scheduled churn is against the end of {formatting.month(month)}, renewals against {renewed}."
