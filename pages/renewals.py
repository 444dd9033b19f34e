"""Renewals: what falls due and when notice ends, what puts it at risk, what became of those before."""

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import address, dialogs, downloads, filters, formatting, kpis, outcome_cards, states, widgets
from dashboard.charts import renewals as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.kpis import Asked
from dashboard.metrics import forecast, outcomes, renewals
from dashboard.renewals import cards as renewal_cards
from dashboard.renewals import desk as renewal_desk
from dashboard.renewals.figures import ENDLESS, LISTED, TERMS, TO_CALENDAR, Renewing, Then, earlier, window
from dashboard.store import once

DECIDED = [each for each in outcomes.OUTCOMES if each != "Open"]
BOARD = 4  # months side by side
BY = {"month": "By due month", "notice_month": "By notice deadline"}
WINDOWS = {
    "this": "This month",
    "next": "Next month",
    "90": "90 days",
    "365": "A year",
    "24m": "24 months",
    "36m": "36 months",
    "any": "Any time",
}
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
selection, against = filters.bar(known, period=False, against=True)
terms = filters.choice("Terms", TERMS, "terms")
of = figures(snapshot, selection)
currency, now = selection.currency, snapshot.now
renewing = Renewing(of, terms)
key = renewing.key


due = renewing.due()
past = renewing.past()
rates = snapshot.kept("segments", key, lambda: renewing.rates(past))
ahead = snapshot.kept("forecast", key, lambda: forecast.forecast(due, rates))


def figured() -> tuple[list[int], int | None, tuple[int, int], int]:
    """ARR due in 30 and in 90 days and at risk; what of it is expected; the range; how many renewals."""
    soon, later = (renewals.within(ahead, now, days) for days in (30, 90))
    arr = [renewals.arr_due(soon), renewals.arr_due(later), renewals.arr_at_risk(later)]
    return arr, forecast.expected(later), forecast.in_range(later), renewals.number(later)


def key_figures() -> None:
    """What falls due, what of it is at risk and what is expected, and the rate that this rests on."""
    (soon, later, risky), expecting, (low, high), count = snapshot.kept("due figures", key, figured)
    rate = once(outcomes.rate_by_arr, past)
    months = snapshot.kept("rates", key, lambda: outcomes.rates_by_month(past))
    moment, before = compared()
    expected = kpis.money(
        forecast.expected,
        expecting,
        currency,
        before=before and before.expected,
        rise="off",
        explain=None if expecting is None else lambda: forecast.explained(ahead, now, 90),
    )
    in_range = f"{formatting.short(low, currency)} to {formatting.short(high, currency)}"
    of_which = f", of which {in_range} is expected to renew" if count else ""
    if expecting is None:
        of_which = "; what of it to expect is not known, since no renewal of its kind was decided yet"
    counted = formatting.plural(count, "renewal")
    whole = " With other plans that fall due together." if selection.products else ""
    kpis.row(
        [
            kpis.money(
                renewals.arr_due,
                soon,
                currency,
                before=before and before.due_in_30,
                rise="off",
                explain=lambda: renewing.explained(30),
            ).named("Due in 30 days"),
            kpis.money(
                renewals.arr_due,
                later,
                currency,
                before=before and before.due_in_90,
                rise="off",
                explain=lambda: renewing.explained(90),
            ).named("Due in 90 days"),
            kpis.money(
                renewals.arr_at_risk,
                risky,
                currency,
                explain=lambda: renewing.explained(90, risky=True),
            ).named("At risk in 90 days"),
            expected.named("Expected of 90 days"),
            kpis.share(
                outcomes.rate_by_arr,
                rate,
                before=before and before.rate,
                spark=list(months["by_arr"]),
                explain=lambda: outcomes.rate_explained(
                    past, renewing.fell_due(DECIDED), renewing.fell_due(("Open",))
                ),
            ),
        ],
        f"{TERMS[terms]}, ARR from {formatting.day(now)}: {counted} in the next 90 days{of_which}. "
        f"The rate is of the last 12 months.{since(moment)}{whole}",
        asked=Asked(snapshot, selection, known.current),
    )


def compared() -> tuple[datetime | None, Then | None]:
    """The instant as many months ago as the month to compare with, and what the figures were."""
    if not against:
        return None, None
    moment = earlier(now, against)
    return moment, snapshot.kept("renewals then", (*key, against), lambda: renewing.then(moment))


def since(moment: datetime | None) -> str:
    """What the changes are against; which cards and payments were amiss then is not kept."""
    if moment is None:
        return ""
    told = f" Changes are against {formatting.day(moment)}, by what is known today"
    return f"{told}; what was at risk then is not known."


def on_the_board() -> None:
    """The months ahead side by side."""
    with widgets.card("Board", "The largest of each month; the months ahead are in the chart below."):
        by = filters.choice("Board", BY, "by")
        months = filters.months_ahead(known.current, BOARD - 1)
        board = snapshot.kept("board", (*key, by), lambda: {month: of_month(month, by) for month in months})
        renewal_cards.board(board, currency)
        if by == "notice_month" and (without := renewals.number(due.loc[due["notice_month"].isna()])):
            st.caption(f"{formatting.plural(without, 'renewal')} without a notice period in the terms.")


def of_month(month: str, by: str) -> renewal_cards.Month:
    """A month of the board; notice periods are known of contracts alone."""
    if by == "month":
        largest = renewing.listed(*window(month, now), largest=True, limit=renewal_cards.SHOWN)
        return renewal_cards.Month(due.loc[due["month"] == month], largest)
    rows = renewing.contracts()
    rows = rows.loc[rows["notice_month"] == month].sort_values("arr", ascending=False, kind="stable")
    return renewal_cards.Month(rows, renewing.named(rows.head(renewal_cards.SHOWN)))


def months_due() -> pd.DataFrame:
    """What falls due by month, with whether it is at risk in words."""
    frame = renewals.by_month(due)
    return frame.assign(risk=["At risk" if risk else "No risk seen" for risk in frame["at_risk"]])


def by_month() -> str | None:
    """The main chart: a row of columns for each term that has any; the month that was picked."""
    frame = snapshot.kept("months due", key, months_due)
    shown = [term for term in renewals.TERMS if term in set(frame["term"])]
    codes = filters.months_ahead(known.current, 12)
    note = (
        "Each subscription once, at its next due date, every term on its own scale. Pick a column to list it."
    )
    with widgets.card("ARR due by month", note) as alt:
        figure = snapshot.kept("by month", key, lambda: charts.by_month(frame, codes, shown, currency))
        place = widgets.chart(figure, frame, MONTHS, currency, "renewals_by_month", alt=alt, select=True)
    return None if place is None else str(frame["month"].iloc[place])


def the_list(picked: str | None, default: str = "90") -> None:
    """The renewals of the chosen window, to read and to edit."""
    with widgets.card("Renewals by customer", "The soonest first."):
        with st.container(horizontal=True):
            chosen = filters.choice("Window", WINDOWS, "window", default)
            risky = filters.choice("Risk", RISK, "risk") == "risk"
        first, until = window(picked or chosen, now)
        if picked:
            st.caption(f"Due in {formatting.month(picked)}, as picked in the chart.")
        rows = renewing.listed(first, until, risky=risky)
        if rows.empty:
            st.markdown("Nothing at risk falls due here." if risky else "Nothing falls due here.")
            return
        further_ahead(until, risky)
        how_many(first, until, risky, len(rows))
        renewal_cards.table(rows, snapshot.frame("renewal_notes"), currency, snapshot.url)
        downloads.button(
            "Download calendar", lambda: calendar(first, until, risky), "text/calendar", "renewals.ics",
            ["customer", "due_at", "notice_at"], key="renewals_calendar",
            help="Due dates and notice dates of all renewals in this window.",
        )  # fmt: skip


def further_ahead(until: datetime, risky: bool) -> None:
    """What of a window lies beyond the months of the chart."""
    end = renewing.reach(None)
    if until <= renewals.end_of(now, 365):
        return
    every = renewing.due(until)
    later = every.loc[(every["due_at"] >= end) & (every["due_at"] < until)]
    later = later.loc[later["at_risk"]] if risky else later
    if later.empty:
        st.caption("Nothing of it is more than 12 months ahead.")
        return
    counted = formatting.plural(renewals.number(later), "renewal")
    worth = formatting.amount(renewals.arr_due(later), currency)
    told = f"Of these, more than 12 months ahead, beyond the figures and charts: {counted}, {worth} a year."
    st.caption(formatting.markdown(told))


def how_many(first: datetime, until: datetime, risky: bool, shown: int) -> None:
    """How many renewals there are beside those that are listed."""
    if shown < LISTED:
        return
    start, every = first.replace(hour=0, minute=0, second=0, microsecond=0), renewing.due(until)
    rows = every.loc[(every["due_at"] >= start) & (every["due_at"] < until)]
    whole = renewals.number(rows.loc[rows["at_risk"]] if risky else rows)
    if whole > shown:
        st.caption(f"The soonest {shown}, of {formatting.count(whole)}. Filters and windows find the others.")


def calendar(first: datetime, until: datetime, risky: bool) -> bytes:
    """The dates of a window as a file."""
    return renewal_desk.dates(renewing.listed(first, until, risky=risky, limit=TO_CALENDAR))


def windows() -> None:
    """Terms apart, in the next 30, 60 and 90 days."""
    with widgets.card("Next 30, 60 and 90 days", "Added up from today: 60 days include the first 30."):
        grid(snapshot.kept("windows", key, in_windows), BY_WINDOW, currency, "renewals_windows")


def in_windows() -> pd.DataFrame:
    """The windows of the terms that there are."""
    frame = renewals.by_window(due, now)
    told = frame.assign(window=[f"{days} days" for days in frame["days"]])
    return told.loc[told["term"].isin(set(due["term"]))]


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
    states.empty(f"Nothing falls due in the next 12 months{' with these filters' if address.now() else ''}.")
    if not renewing.due(ENDLESS).empty:
        the_list(None, "any")
else:
    on_the_board()
    picked = by_month()
    the_list(picked)
    left, right = st.columns(2)
    with left:
        windows()
    with right:
        risks()
    outcome_cards.expected(ahead, renewing, currency, terms == "all" and selection.is_whole, key)
outcome_cards.became(renewing, currency, key)
