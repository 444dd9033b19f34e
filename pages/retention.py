"""Retention: what stays of each cohort, how long customers stay by plan, and the revenue kept by group."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, kpis, states, widgets
from dashboard.charts import retention as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.kpis import Asked as Explained
from dashboard.leaving.asked import Asked
from dashboard.metrics import audiences, people_explained, plans, retention
from dashboard.metrics.explain import EXPLAINED
from dashboard.metrics.rates import cohorts as triangle
from dashboard.metrics.rates.kept import gross_retention, kept, net_retention
from dashboard.metrics.rates.survival import survival
from dashboard.metrics.selection import Selection

COHORTS = (
    Column("cohort", "Won in", "month"),
    Column("month", "Month", "month"),
    Column("age", "Months since", "count"),
    Column("customers", "Customers", "count"),
    Column("customers_share", "Customers kept", "share", help=triangle.customers_kept.formula),
    Column("arr", "MRR", "monthly"),
    Column("arr_share", "MRR kept", "share", help=triangle.arr_kept.formula),
)
CURVE = (
    Column("age", "Months since", "count"),
    Column("cohorts", "Cohorts", "count"),
    Column("customers_share", "Customers kept", "share"),
    Column("arr_share", "MRR kept", "share"),
)
MEMBERS = (
    Column("customer", "Customer"),
    Column("arr_first", "MRR at first", "monthly"),
    Column("arr", "MRR then", "monthly"),
    Column("last_day", "Last moved on", "day"),
    Column("account_manager", "Account manager"),
    Column("email", "Email"),
)
LIVED = (
    Column("plan", "Began with"),
    Column("customers", "Customers", "count"),
    Column("left", "Left since", "count"),
    Column("half_life", "Half-life, days", "count", help=retention.half_life.formula),
    Column("share_90", "After 90 days", "share"),
    Column("low_90", "at least", "share"),
    Column("high_90", "at most", "share"),
    Column("share_365", "After a year", "share"),
    Column("low_365", "at least ", "share"),
    Column("high_365", "at most ", "share"),
)
KEPT = (
    Column("month", "Month", "month"),
    Column("nrr", "Net retention", "share", help=net_retention.formula),
    Column("grr", "Gross retention", "share", help=gross_retention.formula),
    Column("customers", "Customers at the start", "count"),
    Column("arr_start", "Their MRR then", "monthly"),
    Column("arr_kept", "Kept", "monthly"),
    Column("arr_end", "Their MRR at the end", "monthly"),
)
GROUPS = (
    Column("group", "Group"),
    Column("nrr", "Net retention", "share", help=net_retention.formula),
    Column("grr", "Gross retention", "share", help=gross_retention.formula),
    Column("logo", "Customers kept", "share"),
    Column("customers", "Customers at the start", "count"),
    Column("lost", "Lost", "count"),
    Column("arr_start", "Their MRR then", "monthly"),
    Column("arr_end", "At the end", "monthly"),
)
MEASURES = {"customers": "Customers", "arr": "MRR"}
SPANS = {12: "12 months", 1: "1 month"}
ALL = "All plans"
LIMIT = 500
SPARK = 13

snapshot = widgets.begin("retention", "Who stays, how long, and what of the revenue is kept?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against="whole")
asked = Asked(snapshot, known, selection)
of, currency, current = asked.of, selection.currency, known.current
last = asked.whole_months[-1]
cells: pd.DataFrame = asked.kept(
    "cohorts",
    lambda: retention.won(triangle.cohorts(of.cohort_month_end, of.cohort_subscribers, selection, current)),
)
curve: pd.DataFrame = asked.kept("mean curve", lambda: retention.mean_curve(cells))


def over(months: tuple[str, ...], span: int) -> pd.DataFrame:
    """Revenue kept over periods of so many months that end with each month."""
    there = asked.over(months)
    made: pd.DataFrame = there.kept(
        "kept over time",
        lambda: retention.over_time(kept(there.of.retention, there.selection, span)),
        span,
    )
    return made


def lifetimes() -> dict[str, pd.DataFrame]:
    """Lifetimes of all customers, and of those who began with each plan that is no add-on."""
    addons = set(known.products.loc[known.products["kind"] == "addon", "plan"])
    found = {ALL: asked.frame("lifetimes", snapshot.now, amounts=())}
    for name, narrowed in asked.by_plan().items():
        if name in addons:
            continue
        rows = asked.frame("lifetimes", snapshot.now, amounts=(), products=narrowed.products)
        if len(rows):
            found[name] = rows
    return found if len(found) > 2 else {ALL: found[ALL]}


def key_figures() -> None:
    """The last whole month against the one to compare with, and what cohorts and lifetimes come to."""
    months = asked.whole_months
    figures_of = {span: over(months, span).set_index("month") for span in SPANS}
    earlier = {span: over((against,), span).set_index("month") if against else None for span in SPANS}

    def rate(metric: kpis.Declared, column: str, span: int, label: str) -> kpis.Kpi:
        frame, before = figures_of[span][column], earlier[span]
        name = f"{column}_{span}_month{'s' if span > 1 else ''}"
        return kpis.share(
            metric,
            _float(frame.get(last)),
            before=None if before is None else _float(before[column].get(against)),
            spark=[_float(value) for value in frame.iloc[-SPARK:]],
            explain=name if name in EXPLAINED else None,
        ).named(label)

    oldest = snapshot.kept("oldest cohorts", of.key, lambda: retention.mean_curve(_every_cohort()))
    half = retention.half_life(survival(lived[ALL]))
    kpis.row(
        [
            rate(net_retention, "nrr", 12, "NRR, 12 months"),
            rate(gross_retention, "grr", 12, "GRR, 12 months"),
            rate(gross_retention, "grr", 1, "GRR, 1 month"),
            kpis.share(
                retention.after_a_year,
                retention.after_a_year(oldest),
                explain=lambda: people_explained.after_a_year(_every_cohort()),
            ).named("Kept after 12 months"),
            kpis.count(
                retention.half_life,
                half,
                explain=lambda: people_explained.half_life(
                    lived[ALL], snapshot.frame("lifetimes", snapshot.now)
                ),
            ).named("Half-life, days"),
        ],
        f"{_when()} Cohorts and lifetimes are as of now.",
        asked=Explained(snapshot, selection, last),
    )


def _when() -> str:
    if last == current:
        return "No month is over yet."
    compared = f" against {formatting.month(against)}" if against else ""
    return f"{formatting.month(last)}, the last whole month{compared}."


def _every_cohort() -> pd.DataFrame:
    every = replace(selection, months=tuple(known.months))
    return retention.won(triangle.cohorts(of.cohort_month_end, of.cohort_subscribers, every, current))


def _float(value: object) -> float | None:
    return None if formatting.is_missing(value) else float(value)  # type: ignore[arg-type]


def cohorts() -> None:
    """The main chart: the triangle; a cell opens the customers of its cohort."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Cohorts", anchor=False)
            measure = filters.choice("Measure", MEASURES, "measure")
        st.caption(
            "Percent that remain so many months after the one in which they were won. Dotted: the current "
            "month, not over yet. Click a cell to see its customers."
        )
        share = retention.MEASURES[measure]
        figure = asked.kept("triangle", lambda: charts.triangle(cells, share), share)
        place = widgets.chart(
            figure, cells, COHORTS, currency, f"retention_cohorts_{measure}", select=True, partial=current,
            alt=f"Share of {MEASURES[measure]} kept by cohort and months since.",
        )  # fmt: skip
    if place is not None:
        members(str(cells["cohort"].iloc[place]), str(cells["month"].iloc[place]))


def members(cohort: str, month: str) -> None:
    """The customers of a cohort, with what they had at first and in a month."""
    rows = of.rows("cohort_customers", cohort, month, amounts=("arr", "arr_first"), month=month, limit=LIMIT)
    stayed = int((rows["arr"] > 0).sum())
    title = f"Won in {formatting.month(cohort)}, in {formatting.month(month)}"
    note = f"{stayed} of {formatting.plural(len(rows), 'customer')} subscribed, the largest first."
    widgets.customers(rows, MEMBERS, currency, "retention_members", title, note)


def lives() -> None:
    """How long customers stay, by the plan they began with."""
    curves = asked.kept("curves", lambda: retention.curves(lived))
    table = asked.kept("lived", lambda: retention.lived(lived))
    note = (
        "Share still subscribed after so long, by the plan they began with, each with its 95% band. Click a "
        "name to show or hide it."
    )
    with widgets.card("How long customers stay", note) as alt:
        colours = plans.colours(known.products)
        figure = asked.kept("survival", lambda: charts.survival(curves, colours))
        widgets.chart(figure, table, LIVED, currency, "retention_lives", alt=alt)


def groups() -> None:
    """Revenue kept by plan, segment, country or account manager."""
    options = {"plan": "Plan"} | {
        name: audiences.ATTRIBUTES[name] for name in audiences.options(known.audiences)
    }
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.subheader("Revenue kept by group", anchor=False)
        st.caption(f"Of those subscribed at the start of the period that ends with {formatting.month(last)}.")
        by = filters.choice("Group", options, "group")
        span = filters.choice("Span", SPANS, "span")
        frame = asked.kept("groups", lambda: by_group(by, span), by, span)
        if frame.empty:
            st.markdown("Nobody was subscribed at the start of the period.")
            return
        alt = f"Net and gross revenue retention by {options[by].lower()}."
        widgets.chart(charts.groups(frame), frame, GROUPS, currency, f"retention_by_{by}", alt=alt)


def by_group(by: str, span: int) -> pd.DataFrame:
    """Revenue kept of each group over the period that ends with the last whole month."""
    narrowed: dict[str, Selection] = asked.by_plan() if by == "plan" else asked.by_attribute(by)
    parts = {name: kept(figures(snapshot, each).retention, each, span) for name, each in narrowed.items()}
    return retention.by_group(parts, last)


def over_time() -> None:
    """Net and gross retention of twelve months, by the month in which they end."""
    frame = over(asked.whole_months, 12)
    frame = frame.loc[frame["customers"] > 0].reset_index(drop=True)
    note = (
        "Over the 12 months that end with each month. Above 100%, those who stay grew by more than was lost."
    )
    with widgets.card("Revenue kept over time", note) as alt:
        if frame.empty:
            began = filters.months_back(last, 12)
            st.markdown(f"Nobody was subscribed at the end of {formatting.month(began)}, a year before.")
            return
        figure = asked.kept("kept chart", lambda: charts.kept(frame, None))
        widgets.chart(figure, frame, KEPT, currency, "retention_over_time", alt=alt)


def mean() -> None:
    """All cohorts of the period together."""
    with widgets.card("All cohorts together", "At each age, over the cohorts that lived through it.") as alt:
        figure = asked.kept("mean chart", lambda: charts.mean(curve))
        widgets.chart(figure, curve, CURVE, currency, "retention_mean", alt=alt)


def page() -> None:
    """The triangle above; what it comes to and what stays of the revenue below."""
    if lived[ALL].empty:
        states.empty()
        return
    if cells.empty:
        states.empty("Nobody was won in this period. Choose a longer one, or clear the filters.")
    else:
        cohorts()
    left, right = st.columns(2)
    with left:
        lives()
    with right:
        groups()
    left, right = st.columns(2)
    with left:
        over_time()
    with right:
        if len(cells):
            mean()


lived: dict[str, pd.DataFrame] = asked.kept("lifetimes", lifetimes)
key_figures()
page()
