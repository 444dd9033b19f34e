"""Pipeline: where quotes stand, what they are worth, how many are won, and what waits for me."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import cache, desk, filters, formatting, kpis, navigation, states, widgets
from dashboard.charts import pipeline as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.metrics import pipeline
from dashboard.metrics.definitions import Metric
from dashboard.metrics.explain import Explanation
from dashboard.metrics.pipeline_rows import behind as rows_of
from dashboard.quotes.states import STATES
from dashboard.quoting import pipeline as quote_pipeline
from dashboard.quoting.desk import NotChangedError
from dashboard.store import once

MEASURES = {"quotes": "Quotes", "total": "Contract value", "arr": "ARR"}
WHICH = {"open": "Open", "soon": "Expire soon", "mine": "Wait for me", "decided": "Decided", "all": "All"}
BY = {"owner": "By owner", "size": "By size"}
VALUE = "Everything billed in the term, before taxes"
BY_STATE = (
    Column("stands", "State"),
    Column("quotes", "Quotes", "count"),
    Column("total", "Contract value", "amount", VALUE),
    Column("arr", "ARR", "amount"),
    Column("oldest", "Oldest, days in it", "count"),
)
STAYS = (
    Column("stands", "State"),
    Column("median", "Median of days", "decimal"),
    Column("longest", "Longest, days", "decimal"),
    Column("stays", "Stays that ended", "count"),
    Column("here", "There now", "count"),
)
DISCOUNTS = (
    Column("group", "Owner or size"),
    Column("quotes", "Quotes sent", "count"),
    Column("total", "Contract value", "amount", VALUE),
    Column("at_list", "Recurring at list", "amount"),
    Column("off", "Off list", "share"),
)
LIST = (
    Column("quote", "Quote"),
    Column("name", "For"),
    Column("stands", "State"),
    Column("age", "Days in it", "count"),
    Column("total", "Contract value", "own", VALUE),
    Column("arr", "ARR", "own"),
    Column("off", "Off list", "share"),
    Column("expires_on", "Expires", "day"),
    Column("owner", "Owner"),
    Column("created_at", "Begun", "day"),
    Column("sent_at", "Sent", "day"),
    Column("decided_at", "Decided", "day"),
)

snapshot = widgets.begin(
    "pipeline", "Where do quotes stand, what are they worth, how many are won, and what waits for me?"
)
known, now, changed = filters.facts(snapshot), desk.now(), cache.quotes_changed()
selection, _ = filters.bar(known, plan=False, customer=False)
currency, months = selection.currency, selection.months
of = figures(snapshot, selection)
everything = quote_pipeline.rows(snapshot, changed, now)
owners = once(pipeline.owners, everything)
chosen = filters.chips("Owner", "All owners", "owner", owners) if len(owners) > 1 else []
some = everything.loc[everything["owner"].isin(chosen)] if chosen else everything
shown = (changed, now.date(), *chosen, None, *of.key)


def in_one_currency(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the currency, or of all turned into it; those without one stay."""
    if not selection.converted:
        return rows.loc[rows["currency"].isna() | (rows["currency"] == currency)]
    without = rows["currency"].isna()
    amounts = ["total", "arr", "recurring_list", "recurring_net"]
    return pd.concat([of.turned(rows.loc[~without], amounts, of.current), rows.loc[without]])


mine = snapshot.kept("pipeline in one currency", shown, lambda: in_one_currency(some))


def waiting() -> list[str] | None:
    """The quotes that wait for the person; None where that is not known."""
    try:
        return quote_pipeline.for_me()
    except NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
        return None


def key_figures(for_me: list[str] | None) -> None:
    """How many are open and worth what, how many were won, what is urgent."""
    value, rate = once(pipeline.open_value, mine), once(pipeline.win_rate, mine, months)
    by_value = once(pipeline.win_rate_by_value, mine, months)
    unknown = once(pipeline.unpriced, mine)
    left_out = f" {formatting.plural(unknown, 'draft')} cannot be priced yet." if unknown else ""
    elsewhere = len(some) - len(mine)
    others = f" {formatting.plural(elsewhere, 'quote')} in other currencies." if elsewhere else ""
    earlier = pipeline.before(months)
    was = once(pipeline.win_rate, mine, earlier).number
    won = kpis.share(pipeline.win_rate, rate.number, before=was, explain=behind(pipeline.win_rate))
    exact = (
        f"{int(rate.numerator)} of {int(rate.denominator)}; by value {formatting.percent(by_value.number)}."
    )
    told = f"Not defined: {rate.reason}." if rate.reason else exact
    since = "" if was is None or rate.number is None else f", with the change since {span(earlier)}"
    kpis.row(
        [
            kpis.count(
                pipeline.open_quotes,
                once(pipeline.open_quotes, mine),
                explain=behind(pipeline.open_quotes),
            ),
            kpis.Kpi(
                pipeline.open_value.name,
                formatting.short(value, currency),
                f"{formatting.amount(value, currency)}.{left_out}\n\n{pipeline.open_value.formula}",
                explain=behind(pipeline.open_value),
            ),
            replace(won, help=f"{told}\n\n{won.help}"),
            kpis.count(
                pipeline.expiring,
                once(pipeline.expiring, mine, now.date()),
                explain=behind(pipeline.expiring),
            ).named("Expire soon"),
            kpis.count(
                pipeline.waiting_for_me, None if for_me is None else pipeline.waiting_for_me(for_me)
            ).named("Wait for me"),
        ],
        f"Open quotes as of now; won in {span(months)}{since}.{others}",
        asked=kpis.Asked(snapshot, selection, months[-1], f"As of now, decided in {span(months)}"),
    )


def behind(definition: Metric[..., Any]) -> Callable[[], Explanation]:
    """The quotes in a figure and those that are not."""

    def made() -> Explanation:
        elsewhere = some.loc[~some["quote_id"].isin(mine["quote_id"])]
        return rows_of(definition, mine, elsewhere, months, now.date(), currency)

    return made


def span(months: Sequence[str]) -> str:
    """Months in words."""
    first, last = formatting.month(months[0]), formatting.month(months[-1])
    return first if first == last else f"{first} to {last}"


def course() -> str | None:
    """The main chart: open quotes by state; the state that was picked."""
    with widgets.card("Open quotes by state", "Pick a bar to list its quotes.") as alt:
        measure = widgets.measure(MEASURES)
        frame = once(pipeline.by_state, mine, STATES)
        if frame.empty:
            st.markdown("No quote is open.")
            return None
        figure = once(charts.by_state, frame, measure, currency)
        place = widgets.chart(figure, frame, BY_STATE, currency, "pipeline_states", alt=alt, select=True)
    return None if place is None else str(frame["state"].iloc[place])


def how_it_went() -> None:
    """Days in each state, and discounts, side by side."""
    left, right = st.columns(2, gap="small")
    stays = quote_pipeline.stays(snapshot, changed, now)
    table = once(pipeline.time_of, stays, mine, months, STATES)
    with (
        left,
        widgets.card("Days in each state", f"Median of the stays that ended in {span(months)}.") as alt,
    ):
        if table["stays"].sum():
            figure = once(charts.time_in_state, table)
            widgets.chart(figure, table, STAYS, currency, "pipeline_stays", alt=alt)
        else:
            st.markdown("No stay ended in these months.")
    sent = once(pipeline.sent_in, mine, months)
    with right, widgets.card("Discounts", f"Off list, of quotes first sent in {span(months)}.") as alt:
        by = filters.choice("Discounts by", BY, "by")
        frame = once(pipeline.discounts, sent, currency, by)
        if frame.empty:
            st.markdown("No quote was sent in these months.")
        else:
            figure = once(charts.discounts, frame, currency)
            widgets.chart(figure, frame, DISCOUNTS, currency, "pipeline_discounts", alt=alt)


def listed(picked: str | None, for_me: list[str] | None) -> None:
    """The quotes, those that have stood still longest first; a selected row opens one."""
    with widgets.card("Quotes", "Those that have stood still longest first. Select a row to open it."):
        which = filters.choice("Which", WHICH, "which")
        rows = once(pipeline.part, mine, which, months, for_me or [], picked)
        if picked:
            st.caption(f"{STATES[picked]}, as picked in the chart.")
        if rows.empty:
            st.markdown("None.")
            return
        place = grid(rows, LIST, currency, "pipeline", select=True)
    if place is not None:
        navigation.open_quote(str(rows["quote_id"].iloc[place]))


for_me = waiting()
key_figures(for_me)
if everything.empty:
    states.empty("A quote is begun on the page of quotes, or on a customer's.", title="No quotes yet")
else:
    picked = course()
    how_it_went()
    listed(picked, for_me)
