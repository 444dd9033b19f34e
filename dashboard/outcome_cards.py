"""The parts of the page of renewals that look at outcomes: the forecast, and what became of those before."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting, widgets
from dashboard.cache import Snapshot
from dashboard.charts import renewals as charts
from dashboard.columns import Column
from dashboard.figures import Figures
from dashboard.grids import grid
from dashboard.metrics import forecast, outcomes, renewals
from dashboard.metrics.rates.kept import gross_retention, kept
from dashboard.renewals import desk as renewal_desk
from dashboard.renewals.figures import LISTED, Renewing
from dashboard.store import once
from data import clock

AHEAD = (
    Column("month", "Month", "month"),
    Column("renewals", "Renewals", "count"),
    Column("arr", "ARR due", "amount"),
    Column("expected", "Expected", "amount"),
    Column("low", "At least", "amount"),
    Column("high", "At most", "amount"),
    Column("unknown", "Without a rate", "amount", help="ARR due of plans and intervals that never renewed."),
)
SEGMENTS = (
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "ARR due", "amount"),
    Column("rate", "Renewal rate", "share"),
    Column("decided", "From renewals", "count", help="So many past renewals decide the rate."),
    Column("expected", "Expected", "amount"),
    Column("low", "At least", "amount"),
    Column("high", "At most", "amount"),
)
EXPECTS = (
    Column("category", "Forecast"),
    Column("subscriptions", "Renewals", "count"),
    Column("arr", "ARR due", "amount"),
)
KEPT = (
    Column("month", "Due in", "month"),
    Column("made_at", "Forecast of", "day"),
    Column("expected", "Expected", "amount"),
    Column("low", "At least", "amount"),
    Column("high", "At most", "amount"),
    Column("due", "Fell due", "amount"),
    Column("renewed", "Renewed", "amount"),
    Column("told", "In the range"),
)
BECAME = (
    Column("month", "Month", "month"),
    Column("outcome", "Outcome"),
    Column("renewals", "Renewals", "count"),
    Column("before", "ARR before", "amount"),
    Column("after", "ARR after", "amount"),
)
PAST = (
    Column("customer", "Customer"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("due_at", "Due", "day"),
    Column("outcome", "Outcome"),
    Column("before", "ARR before", "amount"),
    Column("after", "ARR after", "amount"),
)


def expected(
    ahead: pd.DataFrame, renewing: Renewing, currency: str, is_whole: bool, key: tuple[object, ...]
) -> None:
    """What of the ARR due will be renewed, and on what that rests; key names the rows ahead."""
    snapshot = renewing.of.snapshot
    note = "ARR due times the renewal rate of its own plan and interval, with the rate's 95% range."
    left, right = st.columns([3, 2])
    with left, widgets.card("Forecast", note) as alt:
        table = snapshot.kept("forecast months", key, lambda: _by_month(ahead))
        figure = snapshot.kept("forecast chart", key, lambda: charts.forecast(table, currency))
        widgets.chart(figure, table, AHEAD, currency, "renewals_forecast", alt=alt)
        if missing := once(forecast.without_rate, ahead):
            told = formatting.amount(missing, currency)
            st.caption(
                formatting.markdown(f"Of {told} no plan and interval ever renewed; it is not expected.")
            )
        _keep(ahead, snapshot, currency, is_whole)
    with right, widgets.card("What it rests on", "Past renewals of the same plan and interval, 12 months."):
        by_plan = snapshot.kept("forecast segments", key, lambda: forecast.by_segment(ahead))
        grid(by_plan, SEGMENTS, currency, "renewals_segments")
        st.markdown("**What people expect**")
        said = snapshot.kept(
            "forecast categories", key, lambda: renewals.by_category(renewing.noted(), ahead)
        )
        grid(said, EXPECTS, currency, "renewals_expected")


def _by_month(ahead: pd.DataFrame) -> pd.DataFrame:
    table = forecast.by_month(ahead)
    return table.assign(unknown=table["arr"] - table["arr_known"])


def _keep(ahead: pd.DataFrame, snapshot: Snapshot, currency: str, is_whole: bool) -> None:
    """A button that keeps the forecast of the months that have not begun, to be compared with what comes."""
    rows = once(_not_begun, ahead, clock.month_of(snapshot.now))
    if not access.permitted(renewal_desk.KEEP) or rows.empty:
        return
    if not is_whole:
        st.caption("To keep this forecast, show all terms, plans, intervals and customers.")
        return
    if st.button("Keep this forecast", key="keep_forecast", icon=":material/bookmark_add:"):
        made = forecast.to_keep(rows, currency)
        dialogs.make(lambda: renewal_desk.keep_forecast(snapshot.url, made), "The forecast is kept.")


def _not_begun(ahead: pd.DataFrame, current: str) -> pd.DataFrame:
    return ahead.loc[ahead["month"] > current]


def became(renewing: Renewing, currency: str, key: tuple[object, ...]) -> None:
    """What became of the renewals of the last 12 months, and of their forecasts; key names the rows."""
    past, of, snapshot = renewing.past(), renewing.of, renewing.of.snapshot
    by_count, by_arr = once(outcomes.rate_by_count, past), once(outcomes.rate_by_arr, past)
    rates = f"{formatting.percent(by_arr)} by ARR, {formatting.percent(by_count)} by count"
    note = f"Renewal rate over what fell due: {rates}.{_whole_base(of)} Pick a column for its customers."
    if past.empty:
        note = "The last 12 months."
    with widgets.card("What became of past renewals", note) as alt:
        if past.empty:
            st.markdown("Nothing has fallen due in the last 12 months.")
            return
        partial = clock.month_of(snapshot.now)
        table = snapshot.kept("outcomes by month", key, lambda: outcomes.by_month(past))
        figure = snapshot.kept("outcomes chart", key, lambda: charts.outcomes(table, currency, partial))
        place = widgets.chart(
            figure, table, BECAME, currency, "renewals_outcomes", alt=alt, select=True, partial=partial
        )
        _kept(past, snapshot, currency, key)
    if place is not None:
        _behind(renewing, table.iloc[place], currency)


def _whole_base(of: Figures) -> str:
    """Gross retention over all customers, named beside the renewal rate so that nobody confuses them."""
    month = clock.months_before(of.current, 1)
    frame = once(kept, of.retention, replace(of.selection, months=(month,)), 12)
    rate = gross_retention(int(frame["arr_start"].sum()), int(frame["arr_kept"].sum()))
    return f" GRR over the whole base, 12 months: {formatting.percent(rate.value)}."


def _kept(past: pd.DataFrame, snapshot: Snapshot, currency: str, key: tuple[object, ...]) -> None:
    made = snapshot.frame("renewal_forecasts")
    table = snapshot.kept("against outcome", key, lambda: _against(made, past, currency))
    if table.empty:
        st.caption("Forecasts that are kept appear here beside what came, once their months are over.")
        return
    st.markdown("**Forecasts and what came**")
    grid(table, KEPT, currency, "renewals_kept")


def _against(made: pd.DataFrame, past: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Forecasts beside what came, with whether it was in their range in words."""
    table = forecast.against_outcome(made, past, currency)
    words = {True: "Yes", False: "No"}
    told = [
        f"{formatting.plural(count, 'renewal')} still open" if count else words[bool(inside)]
        for count, inside in zip(table["open"], table["inside"], strict=True)
    ]
    return table.assign(told=told)


def _behind(renewing: Renewing, picked: "pd.Series[Any]", currency: str) -> None:
    """The renewals behind a column of the chart."""
    rows = renewing.fell_due((str(picked["outcome"]),), str(picked["month"]))
    plans, ranks = outcomes.ranked(renewing.of.snapshot.frame("products"))
    widgets.customers(
        rows.assign(plan=outcomes.plans_of(rows["product_ids"], plans, ranks)),
        PAST,
        currency,
        "renewals_past",
        f"{picked['outcome']}, due in {formatting.month(str(picked['month']))}",
        widgets.limited(rows, "renewal", LISTED),
        name="customer_name",
    )
