"""Key figures of what is owed, and the day as of which they are."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from dashboard import address, formatting
from dashboard.kpis import Declared, Kpi
from dashboard.metrics.explain import Explanation

AS_OF = "as_of"
DAY = timedelta(days=1)


def as_of(now: datetime, first: date) -> datetime:
    """Draw the day as of which the page is, kept in its address; the day's end, or now for today."""
    today = now.date()
    st.session_state[AS_OF] = _asked(today, first)
    chosen: Any = st.date_input(
        "As of the end of",
        min_value=first,
        max_value=today,
        key=AS_OF,
        format="YYYY-MM-DD",
        on_change=_write,
        args=(today,),
        width=150,
    )
    if not isinstance(chosen, date) or chosen >= today:
        return now
    return datetime.combine(chosen + DAY, time(), now.tzinfo)


def _asked(today: date, first: date) -> date:
    """The day in the address; today where it names none that there is."""
    try:
        found = date.fromisoformat(st.query_params.get(AS_OF, ""))
    except ValueError:
        return today
    return found if first <= found <= today else today


def _write(today: date) -> None:
    chosen = st.session_state.get(AS_OF)
    address.write(**{AS_OF: f"{chosen}" if chosen and chosen != today else ""})


def amount(
    metric: Declared,
    minor: int,
    before: int,
    currency: str,
    spark: Sequence[float | None],
    explain: Callable[[], Explanation] | None = None,
) -> Kpi:
    """What is owed, exact in its help; more of it is no good news."""
    exact = f"{formatting.amount(minor, currency)} ({currency.upper()}).\n\n{metric.formula}"
    change = minor - before
    told = _signed(formatting.short(abs(change), currency), change)
    return Kpi(metric.name, formatting.short(minor, currency), exact, told, "inverse", spark, explain)


def days(metric: Declared, number: float | None, before: float | None) -> Kpi:
    """A number of days; fewer is better. Not defined is a dash."""
    value = formatting.DASH if number is None else f"{number:.1f} days"
    change = None if number is None or before is None else round(number - before, 1)
    told = None if change is None else _signed(f"{abs(change):.1f} days", change)
    return Kpi(metric.name, value, metric.formula, told, "inverse")


def _signed(told: str, change: float) -> str | float:
    """What st.metric needs to point the arrow: a plus or an ASCII minus; a plain 0 is grey."""
    if not change:
        return 0
    return f"{'+' if change > 0 else '-'}{told}"
