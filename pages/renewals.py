"""Renewals: what falls due and when notice ends, what puts it at risk, what became of those before."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import (
    access,
    dialogs,
    filters,
    formatting,
    kpis,
    outcome_cards,
    renewal_cards,
    renewal_desk,
    states,
    widgets,
)
from dashboard.charts import renewals as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.kpis import Asked
from dashboard.metrics import due_explained, forecast, outcomes, renewals
from dashboard.metrics.explain import Explanation

HORIZON = timedelta(days=365)
BOARD = 4  # months side by side
TERMS = {"long": "Contracts and longer periods", "monthly": "Monthly", "all": "All terms"}
BY = {"month": "By due month", "notice_month": "By notice deadline"}
WINDOWS = {"this": "This month", "next": "Next month", "90": "90 days", "365": "12 months"}
RISK = {"all": "All", "risk": "At risk only"}
MONTHS = (
    Column("month", "Month", "month"),
    Column("term", "Term"),
    Column("risk", "Risk"),
    Column("subscriptions", "Renewals", "count"),
    Column("arr", "ARR", "amount"),
)
RISKS = (
    Column("risk", "Reason"),
    Column("subscriptions", "Renewals", "count"),
    Column("arr", "ARR due", "amount"),
)
BY_WINDOW = (
    Column("term", "Term"),
    Column("window", "Due in"),
    Column("subscriptions", "Renewals", "count"),
    Column("arr", "ARR", "amount"),
    Column("at_risk", "Of it at risk", "amount"),
)

snapshot = widgets.begin("renewals", "What falls due, with whom, and what may go wrong?")
dialogs.say_what_was_done()
known = filters.facts(snapshot)
selection, _ = filters.bar(known, period=False)
terms = filters.choice("Terms", TERMS, "terms")
of = figures(snapshot, selection)
currency, now = selection.currency, snapshot.now
key = (*of.key, terms)
notes = snapshot.frame("renewal_notes")


def is_asked(term: str, governs: str) -> bool:
    """Whether a renewal is among the terms that the page is asked for."""
    monthly = term == "Monthly" and governs == "period"
    return terms == "all" or monthly == (terms == "monthly")


def read_due() -> pd.DataFrame:
    """What falls due within the horizon."""
    rows = of.rows("renewals", now, now + HORIZON, month=of.current)
    rows = renewals.due(rows, selection, notes)
    return rows.loc[[is_asked(*pair) for pair in zip(rows["term"], rows["governs"], strict=True)]]


def read_past() -> pd.DataFrame:
    """What fell due in the last 12 months, and what became of it."""
    rows = of.rows("outcomes", now - HORIZON, now, amounts=("before", "after"), month=of.current)
    rows = outcomes.told(rows.drop(columns="month", errors="ignore"), selection, now)
    return rows.loc[[is_asked(*pair) for pair in zip(rows["term"], rows["governs"], strict=True)]]


due = snapshot.kept("due", key, read_due)
past = snapshot.kept("past", key, read_past)
rates = snapshot.kept("segments", key, lambda: outcome_cards.segments(past, known.products))
ahead = snapshot.kept("forecast", key, lambda: forecast.forecast(due, rates))


def key_figures() -> None:
    """What falls due, what of it is at risk and what is expected, and the rate that this rests on."""
    soon, later = (renewals.within(ahead, now, days) for days in (30, 90))
    low, high = forecast.in_range(later)
    rate = outcomes.rate_by_arr(past)
    months = snapshot.kept("rates", key, lambda: outcomes.rates_by_month(past))
    expected = kpis.money(forecast.expected, forecast.expected(later), currency)
    in_range = f"{formatting.short(low, currency)} to {formatting.short(high, currency)}"
    of_which = f", of which {in_range} is expected to renew" if len(later) else ""
    counted = formatting.plural(len(later), "renewal")
    whole = " With other plans that fall due together." if selection.products else ""
    kpis.row(
        [
            kpis.money(
                renewals.arr_due, renewals.arr_due(soon), currency, explain=lambda: explained(30)
            ).named("Due in 30 days"),
            kpis.money(
                renewals.arr_due, renewals.arr_due(later), currency, explain=lambda: explained(90)
            ).named("Due in 90 days"),
            kpis.money(
                renewals.arr_at_risk,
                renewals.arr_at_risk(later),
                currency,
                explain=lambda: explained(90, risky=True),
            ).named("At risk in 90 days"),
            expected.named("Expected of 90 days"),
            kpis.share(outcomes.rate_by_arr, rate, spark=list(months["by_arr"])).named("Renewal rate by ARR"),
        ],
        f"{TERMS[terms]}, ARR from {formatting.day(now)}: {counted} in the next 90 days{of_which}. "
        f"The rate is of the last 12 months.{whole}",
        asked=Asked(snapshot, selection, known.current),
    )


def explained(days: int, *, risky: bool = False) -> Explanation:
    """The renewals behind a key figure, and why the others are not in it."""
    rows = snapshot.frame("renewals", now, now + HORIZON, **snapshot.narrowed("renewals", selection))
    if selection.converted:
        rows = of.turned(rows, ["arr"], of.current)
    return due_explained.due(rows, selection, now, days, is_asked, risky=risky)


def on_the_board() -> None:
    """The months ahead side by side."""
    with widgets.card("Board", "The largest of each month; the months ahead are in the chart below."):
        by = filters.choice("Board", BY, "by")
        months = filters.months_ahead(known.current, BOARD - 1)
        rows = snapshot.kept("board", (*key, by), lambda: renewals.board(due, months, by))
        renewal_cards.board(rows, currency)
        without = int(due["notice_month"].isna().sum())
        if by == "notice_month" and without:
            st.caption(f"{formatting.plural(without, 'renewal')} without a notice period in the terms.")


def by_month() -> str | None:
    """The main chart: a row of columns for each term that has any; the month that was picked."""
    frame = snapshot.kept("months due", key, lambda: renewals.by_month(due))
    shown = [term for term in renewals.TERMS if term in set(frame["term"])]
    codes = filters.months_ahead(known.current, 12)
    note = (
        "Each subscription once, at its next due date, every term on its own scale. Pick a column to list it."
    )
    with widgets.card("ARR due by month", note) as alt:
        figure = snapshot.kept("by month", key, lambda: charts.by_month(frame, codes, shown, currency))
        told = frame.assign(risk=["At risk" if risk else "No risk seen" for risk in frame["at_risk"]])
        place = widgets.chart(figure, told, MONTHS, currency, "renewals_by_month", alt=alt, select=True)
    return None if place is None else str(frame["month"].iloc[place])


def the_list(picked: str | None) -> None:
    """Every renewal of the chosen window, to read and to edit."""
    with widgets.card("Renewals by customer", "The soonest first."):
        with st.container(horizontal=True):
            window = filters.choice("Window", WINDOWS, "window", "90")
            risk = filters.choice("Risk", RISK, "risk")
        rows = due.loc[due["month"] == picked] if picked else windowed(window)
        if picked:
            st.caption(f"Due in {formatting.month(picked)}, as picked in the chart.")
        rows = rows.loc[rows["at_risk"]] if risk == "risk" else rows
        if rows.empty:
            st.markdown("Nothing falls due here." if risk == "all" else "Nothing at risk falls due here.")
            return
        renewal_cards.table(rows.reset_index(drop=True), notes, currency, snapshot.url)
        if access.permitted("download"):
            st.download_button(
                "Download calendar", lambda: renewal_desk.dates(rows), "renewals.ics",
                "text/calendar", key="renewals_calendar", type="tertiary", icon=":material/event:",
                on_click="ignore", help="Due dates and notice dates of the rows above.",
            )  # fmt: skip


def windowed(window: str) -> pd.DataFrame:
    """The renewals of one of WINDOWS."""
    if window.isdigit():
        return renewals.within(due, now, int(window))
    return due.loc[
        due["month"] == (known.current if window == "this" else filters.months_ahead(known.current, 1)[-1])
    ]


def windows() -> None:
    """Terms apart, in the next 30, 60 and 90 days."""
    with widgets.card("Next 30, 60 and 90 days", "Added up from today: 60 days include the first 30."):
        frame = snapshot.kept("windows", key, lambda: renewals.by_window(due, now))
        told = frame.assign(window=[f"{days} days" for days in frame["days"]])
        grid(told.loc[told["term"].isin(set(due["term"]))], BY_WINDOW, currency, "renewals_windows")


def risks() -> None:
    """Why renewals of the next 90 days may fail."""
    frame = snapshot.kept("risks", key, lambda: renewals.by_risk(renewals.within(due, now, 90)))
    with widgets.card(
        "Why renewals are at risk", "Next 90 days. A renewal with two reasons is in both."
    ) as alt:
        if frame.empty:
            st.markdown("The data shows no reason to worry about these renewals.")
        else:
            figure = snapshot.kept("risks chart", key, lambda: charts.by_risk(frame, currency))
            widgets.chart(figure, frame, RISKS, currency, "renewals_risks", alt=alt)


key_figures()
if due.empty:
    states.empty("Nothing falls due in the next 12 months with these filters.")
else:
    on_the_board()
    picked = by_month()
    the_list(picked)
    left, right = st.columns(2)
    with left:
        windows()
    with right:
        risks()
    outcome_cards.expected(ahead, snapshot, currency, terms == "all" and selection.is_whole, key)
outcome_cards.became(past, snapshot, of, currency, key)
