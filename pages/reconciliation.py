"""Reconciliation: where Stripe, quotes and the application database disagree, and who puts it right."""

import pandas as pd
import streamlit as st

from dashboard import dialogs, filters, formatting, kpis, states, widgets
from dashboard.charts import reconciliation as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.findings import cards as finding_cards
from dashboard.grids import MOST_SHOWN, Whole
from dashboard.metrics import reconciliation
from dashboard.metrics.explain import Explanation
from dashboard.store import once

STATES = {"open": "Open", "snoozed": "Snoozed", "closed": "Closed in 90 days"}
MEASURES = {"findings": "Findings", "amount": "Amount"}
BY_KIND = (
    Column("name", "Kind"),
    Column("findings", "Findings", "count"),
    Column("amount", "Amount", "amount"),
    Column("rhythm", "A month or once"),
    Column("unknown", "Of them without amount", "count"),
)

snapshot = widgets.begin(
    "reconciliation",
    "Where do Stripe, quotes and the application disagree, what is it worth, who puts it right?",
)
dialogs.say_what_was_done()
known = filters.facts(snapshot)
selection, _ = filters.bar(known, period=False, plan=False, customer=False)
currency, now = selection.currency, snapshot.now
of = figures(snapshot, selection)
notes = snapshot.frame("finding_notes")
log = snapshot.frame("findings_closed", now - reconciliation.RECENT)
compared_at = snapshot.frame("findings_compare", now)["compared_at"].iloc[0]


def in_one_currency(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the currency, or of all in it; those without any stay."""
    if not selection.converted:
        return reconciliation.of_currency(rows, currency)
    without = rows["currency"].isna()
    turned = of.turned(rows.loc[~without], ["amount"], of.current)
    return reconciliation.of_currency(pd.concat([turned, rows.loc[without]], ignore_index=True), currency)


everything = snapshot.kept(
    "findings", (), lambda: reconciliation.with_state(snapshot.frame("findings_brief", now), notes, now)
)
rows = snapshot.kept("findings in", of.key, lambda: in_one_currency(everything))
elsewhere = 0 if selection.converted else once(reconciliation.elsewhere, everything, currency)


def key_figures() -> None:
    """How much there is, and what it is worth."""
    others = f" {formatting.plural(elsewhere, 'finding')} in other currencies." if elsewhere else ""
    again = "" if compared_at >= now else ", when both sides were last compared"
    kpis.row(
        [
            count(reconciliation.open_findings, once(reconciliation.open_findings, rows)),
            amount(reconciliation.in_question, once(reconciliation.in_question, rows)),
            amount(reconciliation.once, once(reconciliation.once, rows)),
            count(reconciliation.snoozed, once(reconciliation.snoozed, rows)),
            count(reconciliation.closed, once(reconciliation.closed, log)),
        ],
        f"As of {formatting.moment(compared_at)}{again}. A finding without amount counts in every currency."
        f"{others}",
        asked=kpis.Asked(snapshot, selection, of.current),
    )


def in_full(some: pd.DataFrame) -> pd.DataFrame:
    """Findings with all that is known of them: many are read only when somebody asks for it."""
    return reconciliation.told(some, lambda: snapshot.frame("findings_kept", now))


def beginning(some: pd.DataFrame) -> pd.DataFrame:
    """The first findings in full, as many as a table shows."""
    first = some.head(MOST_SHOWN)
    names = tuple(first["finding"])
    return reconciliation.told(first, lambda: snapshot.frame("findings_named", now, names))


def explained(metric: kpis.Declared) -> Explanation:
    """The findings in a figure, and the others."""
    every = in_full(rows if selection.converted else everything)
    return reconciliation.explained(metric, every, log, currency)


def count(metric: kpis.Declared, number: int) -> kpis.Kpi:
    """A number of findings."""
    return kpis.count(metric, number, explain=lambda: explained(metric))


def amount(metric: kpis.Declared, minor: int) -> kpis.Kpi:
    """An amount that is no run rate."""
    return kpis.Kpi(
        metric.name,
        formatting.short(minor, currency),
        f"{formatting.amount(minor, currency)}.\n\n{metric.formula}",
        explain=lambda: explained(metric),
    )


def by_kind(some: pd.DataFrame) -> str | None:
    """The main chart: how many of each kind; the kind that was picked."""
    with widgets.card("Findings by kind", "Open ones. Pick a bar to list its findings.") as alt:
        measure = widgets.measure(MEASURES)
        frame = once(finding_cards.by_kind, some)
        figure = snapshot.kept(
            "findings chart", (*of.key, measure), lambda: charts.by_kind(frame, measure, currency)
        )
        place = widgets.chart(figure, frame, BY_KIND, currency, "reconciliation_kinds", alt=alt, select=True)
    return None if place is None else str(frame["kind"].iloc[place])


def the_list(picked: str | None) -> None:
    """The findings of a state, and of a kind where one was picked."""
    with widgets.card("Findings", "The largest first. Only the data closes a finding."):
        state = filters.choice("State", STATES, "state")
        if state == "closed":
            finding_cards.closed(log, currency)
            return
        some = once(reconciliation.chosen, rows, STATES[state], picked)
        if picked:
            st.caption(f"{reconciliation.KINDS[picked].name}, as picked in the chart.")
        if some.empty:
            st.markdown("None.")
            return
        first = snapshot.kept("findings shown", (*of.key, state, picked), lambda: beginning(some))
        whole = Whole(len(some), lambda: in_full(some))
        finding_cards.table(first, whole, notes, currency, snapshot)


key_figures()
finding_cards.what_is_not_compared(snapshot)
open_ones = once(reconciliation.chosen, rows, "Open")
if everything.empty:
    states.empty("All that is compared agrees: there is nothing to put right.")
picked = by_kind(open_ones) if len(open_ones) else None
the_list(picked)
