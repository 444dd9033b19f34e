"""A month as it was known on a day, beside the month as it is known now."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import address, formatting, widgets
from dashboard.charts import growth as charts
from dashboard.columns import Column
from dashboard.figures import Figures
from dashboard.grids import grid
from dashboard.metrics import restatements

KNOWN_ON, KNOWN_MONTH = "known_on", "known_month"
DAY = timedelta(days=1)
KINDS = (
    Column("what", "Movement"),
    Column("known", "As known then", "moved"),
    Column("late", "Restated since", "moved", help=restatements.restated.formula),
    Column("in_time", "Happened since", "moved", help="Of days that were not over then, or not synced yet."),
    Column("now", "As known now", "moved"),
)


def card(of: Figures, current: str) -> None:
    """A day and a month to choose, and the month's movements by kind as known then and now."""
    begun = of.snapshot.frame("known_since")["at"].iloc[0]
    if formatting.is_missing(begun):
        return
    note = "Choose a day: what was known at its end, what was restated since, and what is known now add up."
    with widgets.card("A month as it was known", note):
        with st.container(horizontal=True, gap="small"):
            known_at = _day(begun, of.snapshot.now)
            month = _month(of.selection.months, current)
        key = (*of.key, known_at, month)
        table = of.snapshot.kept("as known", key, lambda: _compared(of, known_at, month))
        grid(table, KINDS, of.selection.currency, "growth_as_known")
        total = {name: int(table[name].sum()) for name in ("known", "now")}
        then, now = (formatting.mrr(total[name], of.selection.currency) for name in ("known", "now"))
        same = "the same is known now" if then == now else f"now it is {now}"
        told = f"Net new MRR of {formatting.month(month)} was {then} as known then; {same}."
        st.caption(formatting.markdown(told))


def _compared(of: Figures, known_at: datetime, month: str) -> pd.DataFrame:
    changes = of.rows("changes_by_month", known_at, amounts=["delta_arr"])
    table = restatements.compared(of.movements, changes, of.selection, month)
    table = table.loc[(table[["known", "late", "in_time", "now"]] != 0).any(axis="columns")]
    return table.assign(what=table["kind"].map(charts.NAMES)).reset_index(drop=True)


def _day(begun: datetime, now: datetime) -> datetime:
    """The end of the day that was chosen; the first day on which anything was known where none was."""
    first, today = begun.date(), now.date()
    try:
        asked = date.fromisoformat(st.query_params.get(KNOWN_ON, ""))
    except ValueError:
        asked = first
    st.session_state[KNOWN_ON] = asked if first <= asked <= today else first
    chosen: Any = st.date_input(
        "Known at the end of",
        min_value=first,
        max_value=today,
        key=KNOWN_ON,
        format="YYYY-MM-DD",
        on_change=_write,
        width=170,
    )
    day = chosen if isinstance(chosen, date) else first
    return min(now, datetime.combine(day + DAY, time(), now.tzinfo))


def _write() -> None:
    address.write(**{KNOWN_ON: f"{st.session_state[KNOWN_ON]}"})


def _month(months: tuple[str, ...], current: str) -> str:
    newest = [*reversed(months)]
    whole = next((place for place, month in enumerate(newest) if month != current), 0)
    chosen = st.selectbox(
        "Month", newest, index=whole, format_func=formatting.month, key=KNOWN_MONTH, width=150
    )
    return chosen or newest[0]
