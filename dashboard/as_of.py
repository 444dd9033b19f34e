"""The day as of which a page is, chosen above it and kept in its address."""

from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from dashboard import address
from data import clock

KEY = "as_of"
DAY = timedelta(days=1)


def day_end(now: datetime, first_month: str) -> datetime:
    """Draw the choice; the end of the day that is chosen, or now for today, which is not over."""
    today, first = now.date(), clock.month_start(first_month).date()
    st.session_state[KEY] = _asked(today, first)
    chosen: Any = st.date_input(
        "As of the end of",
        min_value=first,
        max_value=today,
        key=KEY,
        format="YYYY-MM-DD",
        on_change=_write,
        args=(today,),
        width=150,
        help="What was known then is not kept: this is what the invoices, payments and credit notes of today "
        "say of that day.",
    )
    if not isinstance(chosen, date) or chosen >= today:
        return now
    return datetime.combine(chosen + DAY, time(), now.tzinfo)


def _asked(today: date, first: date) -> date:
    """The day in the address; today where it names none that there is, and that is then taken out of it."""
    given = st.query_params.get(KEY, "")
    try:
        found = date.fromisoformat(given)
    except ValueError:
        found = None
    if found is not None and first <= found <= today:
        return found
    if given:
        address.leave_out(KEY)
    return today


def _write(today: date) -> None:
    chosen = st.session_state.get(KEY)
    address.write(**{KEY: f"{chosen}" if chosen and chosen != today else ""})
