"""Growth: what MRR is made of, month by month and over a period, and why others count it otherwise."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import as_known, filters, formatting, kpis, largest, states, widgets
from dashboard.charts import growth as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.metrics import bridge, growth, kinds
from dashboard.metrics.differences import ALIKE
from dashboard.store import once

MONTHS = (
    Column("month", "Month", "month"),
    Column("start", "MRR at start", "monthly"),
    *(Column(step, charts.NAMES[step], "moved") for step in growth.STEPS),
    Column("end", "MRR at end", "monthly"),
    Column("net_new", "Net new", "moved", help=growth.net_new.formula),
    Column("growth", "Growth", "share", help=growth.growth.formula),
)
STEPS = (Column("name", "Step"), Column("arr", "MRR", "monthly"))
MOVED = (
    Column("customer", "Customer"),
    Column("day", "Day", "day"),
    Column("what", "Movement"),
    Column("delta_arr", "MRR", "moved"),
    Column("account_manager", "Account manager"),
)
DIFFERENCES = (
    Column("name", "Difference", "long"),
    Column("arr", "MRR", "moved"),
    Column("items", "Items", "count"),
    Column("explanation", "Why", "long"),
    Column("source", "Source", "link"),
)
RESTATED = (
    Column("month", "Month", "month"),
    Column("before", "Net new, as first known", "moved"),
    Column("restated", "Restated by", "moved"),
    Column("net_new", "Net new", "moved"),
    Column("known_at", "Last restated", "day"),
)
LATE = (
    Column("customer", "Customer"),
    Column("day", "Day", "day"),
    Column("what", "Movement"),
    Column("delta_arr", "MRR", "moved"),
    Column("known_at", "Known since", "day"),
    Column("evidence", "Evidence"),
    Column("reason", "Why", "long"),
)
SHOWN = {"months": "Month by month", "period": "Whole period", "sums": "Added up"}
DEFINITIONS = {"stripe": "Stripe", "chartmogul": "ChartMogul"}
SPARK = 13  # months
MOST = 500

snapshot = widgets.begin("growth", "How does MRR grow, and from what?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against="whole")
of = figures(snapshot, selection)
currency, current, key = selection.currency, known.current, of.key
months = snapshot.kept("growth", key, lambda: growth.monthly(of.month_end, of.movements, selection))
steps = growth.kinds_present(months)


def key_figures() -> None:
    """The last whole month against the one to compare with; the current one is never compared as if whole."""
    whole = months.loc[months["month"] != current]
    last = whole.iloc[-1] if len(whole) else None
    before = compared().iloc[0] if against and len(whole) else None

    def moved(metric: kpis.Declared, column: str, draw: Callable[..., kpis.Kpi] = kpis.money) -> kpis.Kpi:
        return draw(
            metric,
            kpis.value(last, column),
            currency,
            before=kpis.value(before, column),
            spark=[float(arr) for arr in whole[column].iloc[-SPARK:]],
            explain=column,
        )

    grown = kpis.share(
        growth.growth,
        kpis.value(last, "growth"),
        before=kpis.value(before, "growth"),
        spark=[
            None if formatting.is_missing(each) else float(each) for each in whole["growth"].iloc[-SPARK:]
        ],
        explain="growth",
    )
    told = f" against {formatting.month(before['month'])}" if before is not None else ""
    kpis.row(
        [
            moved(growth.net_new, "net_new"),
            grown,
            moved(kinds.new, "new"),
            moved(kinds.expansion, "expansion"),
            moved(kinds.churned, "churn", kpis.lost),
        ],
        "No month is over yet."
        if last is None
        else f"{formatting.month(last['month'])}, the last whole month{told}.",
        asked=kpis.Asked(snapshot, selection, current if last is None else str(last["month"])),
    )


def compared() -> pd.DataFrame:
    """The month to compare with, which may lie before the period."""
    alone = replace(selection, months=(against,))
    return snapshot.kept(
        "growth against", (*key, against), lambda: growth.monthly(of.month_end, of.movements, alone)
    )


def shape() -> tuple[Column, ...]:
    """The columns of the months, without kinds that never happened."""
    return tuple(column for column in MONTHS if column.name not in growth.STEPS or column.name in steps)


def main_chart() -> None:
    """The movements by month, as one waterfall, or added up; what is picked opens its customers."""
    with widgets.card(
        "How MRR grew",
        "MRR at the start plus its movements is MRR at the end, exactly. Pick a part to see who.",
    ) as alt:
        shown = filters.choice("Shown", SHOWN, "shown")
        picked = of_the_period(alt) if shown == "period" else by_month(alt, shown)
    if picked is not None:
        customers(*picked)


def by_month(alt: str, shown: str) -> tuple[str, str, str | None] | None:
    """A point for each month; the month that was picked."""
    table = months if shown == "months" else once(growth.cumulative, months)
    figure = snapshot.kept(
        "growth by month",
        (*key, shown),
        lambda: (
            charts.by_month(table, steps, currency, current)
            if shown == "months"
            else charts.added_up(table, steps, currency)
        ),
    )
    place = widgets.chart(
        figure, table, shape(), currency, f"growth_{shown}", alt=alt, select=True, partial=current
    )
    if place is None:
        return None
    month = str(table["month"].iloc[place])
    return month, month, None


def named_steps() -> pd.DataFrame:
    """The steps of the waterfall with their names."""
    table = growth.waterfall(months)
    return table.assign(name=table["step"].map(charts.NAMES))


def of_the_period(alt: str) -> tuple[str, str, str | None] | None:
    """The waterfall over all chosen months; the kind of movement that was picked."""
    table = snapshot.kept("growth steps", key, named_steps)
    figure = snapshot.kept("growth waterfall", key, lambda: charts.waterfall(table, currency))
    place = widgets.chart(figure, table, STEPS, currency, "growth_period", alt=alt, select=True)
    step = None if place is None else str(table["step"].iloc[place])
    if step not in growth.OF_CUSTOMERS:
        return None
    return str(months["month"].iloc[0]), str(months["month"].iloc[-1]), step


def customers(first: str, last: str, kind: str | None) -> None:
    """Who moved from a month to another, by name."""
    rows = largest.moved(of, first, last, (kind,) if kind else None, MOST)
    when = (
        formatting.month(last) if first == last else f"{formatting.month(first)} to {formatting.month(last)}"
    )
    widgets.customers(
        widgets.people(rows).assign(what=rows["kind"].map(charts.NAMES)),
        MOVED,
        currency,
        "growth_moved",
        f"{charts.NAMES[kind] if kind else 'Customers who moved'}, {when}",
        widgets.limited(rows, "movement"),
    )


def restatements() -> None:
    """Months whose movements became known, or were taken back, after the month was over."""
    begun = snapshot.frame("known_since")["at"].iloc[0]
    if formatting.is_missing(begun):
        return
    late = of.rows("changes_by_month", amounts=["delta_arr"])
    rows = once(growth.restated, months, late, selection)
    note = f"What was known is kept since {formatting.moment(begun)}. "
    with widgets.card("Restated months", f"{note}Select a month to see what became known of it, and why."):
        if rows.empty:
            st.markdown("No month of this period was restated since.")
            return
        place = grid(rows, RESTATED, currency, "growth_restated", select=True)
    if place is not None:
        restated(str(rows["month"].iloc[place]))


def restated(month: str) -> None:
    """What became known of a month after it was over, by customer."""
    rows = snapshot.frame("restated", **snapshot.narrowed("restated", selection) | {"month": month})
    if selection.converted:
        rows = of.turned(rows, ["delta_arr"], month)
    rows = selection.cells(rows).reset_index(drop=True)
    widgets.customers(
        widgets.people(rows.assign(what=rows["kind"].map(charts.NAMES)), "customer_name"),
        LATE,
        currency,
        "growth_late",
        f"Restated in {formatting.month(month)}",
        widgets.limited(rows, "movement"),
    )


def other_definitions() -> None:
    """Why Stripe's and ChartMogul's MRR are not ours, in amounts."""
    whole = [month for month in reversed(selection.months) if month != current] or [current]
    with widgets.card(
        "The same MRR by other definitions",
        "From our figure to theirs, in amounts that add up exactly. What no data tells is named without one.",
    ) as alt:
        definition = filters.choice("Definition", DEFINITIONS, "definition")
        every = bridged(whole[0], definition)
        optional = dict(every.loc[every["optional"], ["key", "name"]].to_numpy().tolist())
        off = filters.chips(
            "Settings", "Settings as they come", "without", list(optional), optional.__getitem__
        )
        rows = bridged(whole[0], definition, frozenset(off)) if off else every
        st.markdown(formatting.markdown(f"{formatting.month(whole[0])}: {bridge.sentence(rows, definition)}"))
        st.caption(formatting.markdown(ALIKE[definition]))
        inside = rows.iloc[1:-1]
        drawn = inside.loc[inside["arr"].fillna(0) != 0]
        if drawn.empty:
            grid(rows, DIFFERENCES, currency, "growth_definitions")
        else:
            switched = (*key, definition, tuple(sorted(off)))
            figure = snapshot.kept("differences chart", switched, lambda: charts.differences(drawn, currency))
            widgets.chart(figure, rows, DIFFERENCES, currency, "growth_definitions", alt=alt)


def bridged(month: str, definition: str, without: frozenset[str] = frozenset()) -> pd.DataFrame:
    """From our MRR of a month to another definition's, with some of its settings switched."""

    def build() -> pd.DataFrame:
        parts = snapshot.frame("bridge_parts", month, snapshot.now, audiences=selection.audiences)
        if selection.converted:
            parts = of.turned(parts, ["arr"], month)
        rows = bridge.bridge(parts, selection, without)
        return rows.loc[rows["definition"] == definition].reset_index(drop=True)

    return snapshot.kept("bridge", (*key, month, definition, tuple(sorted(without))), build)


key_figures()
if not months[["start", "end", *growth.STEPS]].to_numpy().any():
    states.empty()
else:
    main_chart()
    other_definitions()
    restatements()
    as_known.card(of, current)
