"""Renewals: what falls due, monthly and yearly apart, and what puts it at risk."""

from datetime import timedelta

import streamlit as st

from dashboard import filters, formatting, kpis, states, widgets
from dashboard.charts import renewals as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import renewals

HORIZON = timedelta(days=365)
WINDOWS = {"30 days": 30, "60 days": 60, "90 days": 90, "12 months": 365}
DUE = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "ARR", "amount"),
    Column("due_at", "Due", "day"),
    Column("account_manager", "Owner"),
    Column("reasons", "Reasons for risk", "long"),
    Column("ends", "Falls due with"),
)
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
known = filters.facts(snapshot)
selection, _ = filters.bar(known, period=False)
currency, now = selection.currency, snapshot.now
key = (*selection.key, known.current)
due = snapshot.kept(
    "due", key, lambda: renewals.due(snapshot.frame("renewals", now, now + HORIZON), selection)
)


def key_figures() -> None:
    """Three windows added up from today, and what of the longest is at risk."""
    windows = {days: renewals.within(due, now, days) for days in renewals.WINDOWS}
    longest = windows[max(windows)]
    at_risk, total = renewals.arr_at_risk(longest), renewals.arr_due(longest)
    figures = [
        kpis.money(renewals.arr_due, renewals.arr_due(rows), currency).named(f"Due in {days} days")
        for days, rows in windows.items()
    ]
    risk = kpis.money(renewals.arr_at_risk, at_risk, currency)
    share = kpis.share(renewals.risk_share, renewals.risk_share(at_risk, total))
    counted = formatting.plural(len(longest), "renewal")
    whole = " With other plans that fall due together." if selection.products else ""
    kpis.row(
        [*figures, risk.named("At risk in 90 days"), share.named("Share at risk")],
        f"ARR from {formatting.day(now)}, added up: {counted} in the next 90 days.{whole}",
    )


def by_month() -> None:
    """The main chart: a row of columns for each term that has any."""
    frame = snapshot.kept("months due", key, lambda: renewals.by_month(due))
    terms = [term for term in renewals.TERMS if term in set(frame["term"])]
    codes = filters.months_ahead(known.current, 12)
    with widgets.card(
        "ARR due by month", "Each subscription once, at its next due date. Every term has its own scale."
    ) as alt:
        figure = snapshot.kept("by month", key, lambda: charts.by_month(frame, codes, terms, currency))
        told = frame.assign(risk=["At risk" if risk else "No risk seen" for risk in frame["at_risk"]])
        widgets.chart(figure, told, MONTHS, currency, "renewals_by_month", alt=alt)


def windows() -> None:
    """Monthly and yearly apart, in the next 30, 60 and 90 days."""
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


def customers() -> None:
    """Every renewal of the chosen window by customer."""
    with widgets.card("Renewals by customer", "The soonest first."):
        chosen = st.segmented_control(
            "Window", list(WINDOWS), default="90 days", required=True, key="window", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        rows = renewals.within(due, now, WINDOWS[chosen or "90 days"])
        if rows.empty:
            st.markdown("Nothing falls due in this window.")
            return
        rows = widgets.people(rows, "customer_name")
        rows = rows.assign(
            reasons=["; ".join(renewals.told(risks)) for risks in rows["risks"]],
            ends=rows["governs"].map({"schedule": "Contract end", "period": "Period end"}),
        )
        grid(rows, DUE, currency, "renewals_customers")


key_figures()
if due.empty:
    states.empty("Nothing falls due in the next 12 months with these filters.")
else:
    by_month()
    left, right = st.columns(2)
    with left:
        windows()
    with right:
        risks()
    customers()
