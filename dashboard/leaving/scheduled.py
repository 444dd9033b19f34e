"""Who is set to leave, who took a cancellation back, and how long customers gave us."""

import pandas as pd
import streamlit as st

from dashboard import formatting, kpis, widgets
from dashboard.charts import saves as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.leaving.asked import Asked
from dashboard.metrics import churn, plans, saves
from dashboard.store import once

LEAVING = (
    Column("customer", "Customer"),
    Column("ends_at", "Ends on", "day"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "MRR", "monthly"),
    Column("account_manager", "Account manager"),
    Column("requested_at", "Asked for on", "day"),
    Column("feedback", "Feedback", "word"),
    Column("comment", "Comment", "long"),
    Column("stripe", "Stripe", "link"),
)
DECIDED = (
    Column("month", "Month", "month"),
    Column("ended", "Carried out", "count"),
    Column("ended_arr", "MRR ended", "monthly"),
    Column("undone", "Taken back", "count"),
    Column("undone_arr", "MRR saved", "monthly"),
    Column("save_rate", "Save rate", "share", help=saves.save_rate.formula),
)
SAVED = (
    Column("customer", "Customer"),
    Column("at", "Taken back on", "day"),
    Column("asked_at", "Asked for on", "day"),
    Column("arr", "MRR", "monthly"),
    Column("since", "Since then"),
    Column("feedback", "Feedback", "word"),
    Column("comment", "Comment", "long"),
    Column("account_manager", "Account manager"),
)
LENGTHS = (
    Column("length", "Took"),
    Column("subscriptions", "Subscriptions", "count"),
    Column("share", "Share", "share"),
    Column("arr", "MRR", "monthly"),
)


def draw(asked: Asked) -> None:
    """Scheduled churn by name, then what was saved."""
    scheduled(asked)
    decided = asked.frame("decided", asked.selection.months)
    since = saves.since_month(asked.snapshot.frame("events_since"))
    figures(asked, decided, since)
    left, right = st.columns([3, 2])
    with left:
        _decided(asked, decided, since)
    with right:
        _lengths(asked, decided)
    _saved(asked)


def scheduled(asked: Asked) -> None:
    """Who is set to leave and still counts."""
    leaving = once(churn.scheduled, asked.frame("scheduled_churn", asked.snapshot.now), asked.selection)
    told = formatting.plural(leaving["customer_id"].nunique(), "customer")
    title, note = "Scheduled churn", f"{told} set to cancel; they count in MRR until the day."
    if leaving.empty:
        with widgets.card(title, note):
            st.markdown("Nobody is set to leave.")
        return
    rows = widgets.people(once(plans.with_plan, leaving, asked.known.products), "customer_name")
    widgets.customers(rows, LEAVING, asked.selection.currency, "churn_scheduled", title, note)


def figures(asked: Asked, decided: pd.DataFrame, since: str | None) -> None:
    """What was saved in the period, of the months that events tell of."""
    whole = decided.loc[decided["month"] >= since] if since else decided.iloc[:0]
    counted = whole.groupby("outcome")["subscriptions"].sum()
    undone, ended = (int(counted.get(outcome, 0)) for outcome in ("undone", "ended"))
    rate = saves.save_rate(undone, ended)
    days = once(saves.days_to_end, decided)
    kpis.row(
        [
            kpis.share(saves.save_rate, rate),
            kpis.money(saves.saved_arr, once(saves.saved_arr, decided), asked.selection.currency),
            kpis.count(saves.days_to_end, days),
        ],
        _known(asked, since),
    )


def _known(asked: Asked, since: str | None) -> str:
    if since is None:
        return "What was taken back is known from events, and none was read."
    kept = "Stripe keeps events for 30 days, this database from its first sync on."
    if since >= asked.known.current:
        return f"What was taken back is known from events, and no month that is over has them all yet. {kept}"
    return (
        f"What was taken back is known from events, of whole months since {formatting.month(since)}. {kept}"
    )


def _decided(asked: Asked, decided: pd.DataFrame, since: str | None) -> None:
    frame = once(saves.by_month, decided, asked.selection.months, since)
    note = "By the month in which it was decided. Before events were kept, what was taken back is not known."
    with widgets.card("Carried out and taken back", note) as alt:
        if decided.empty:
            st.markdown("No cancellation was decided in this period.")
            return
        current, currency = asked.known.current, asked.selection.currency
        widgets.chart(
            once(charts.decided, frame, current),
            frame,
            DECIDED,
            currency,
            "churn_decided",
            alt=alt,
            partial=current,
        )


def _lengths(asked: Asked, decided: pd.DataFrame) -> None:
    frame = once(saves.by_length, decided)
    with widgets.card("Time from request to end", "Of subscriptions that somebody ended in the period."):
        if frame["subscriptions"].sum():
            grid(frame, LENGTHS, asked.selection.currency, "churn_lengths")
        else:
            st.markdown("None ended.")


def _saved(asked: Asked) -> None:
    rows = asked.frame("saves", asked.snapshot.now, asked.selection.months)
    title = "Cancellations taken back"
    note = "The latest first; without a day where only the reason once given tells of it."
    if rows.empty:
        with widgets.card(title, note):
            st.markdown("None is known in this period.")
        return
    rows = widgets.people(once(saves.told, rows), "customer_name")
    widgets.customers(rows, SAVED, asked.selection.currency, "churn_saves", title, note)
