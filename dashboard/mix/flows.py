"""What customers moved from one plan to another, and who they are."""

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, widgets
from dashboard.charts import mix as charts
from dashboard.columns import Column
from dashboard.metrics import flows, plans
from dashboard.mix.view import View

PAIRS = (
    Column("source", "From"),
    Column("target", "To"),
    Column("customers", "Customers", "count", help="Each counted once a product and interval."),
    Column("arr", "MRR moved", "monthly", help="What an upgrade adds on top is expansion, and not in it."),
)
WHO = (
    Column("customer", "Customer"),
    Column("arr", "MRR moved", "monthly"),
    Column("account_manager", "Account manager"),
)


def card(view: View) -> None:
    """A Sankey over the chosen period; a row of its table opens who moved."""
    first, last = view.selection.months[0], view.selection.months[-1]
    frame = view.known.snapshot.kept("plan flows", view.key, lambda: _between(view, first, last))
    told = f"{formatting.month(first)} to {formatting.month(last)}. What both plans have in common; what an "
    with widgets.card(
        "Moves between plans", f"{told}upgrade adds is expansion. A row of the table opens who moved."
    ) as alt:
        if frame.empty:
            st.markdown("Nobody moved between plans in this period.")
            return
        measure = filters.choice("Flow of", {"arr": "MRR", "customers": "Customers"}, "flow")
        figure = view.known.snapshot.kept(
            "flows chart",
            (*view.key, measure),
            lambda: charts.flows(frame, measure, view.currency, view.colours),
        )
        place = widgets.chart(figure, frame, PAIRS, view.currency, "plan_mix_flows", alt=alt, select=True)
    if place is not None:
        _who(view, frame.iloc[place], first, last)


def _between(view: View, first: str, last: str) -> pd.DataFrame:
    rows = view.sums("flows", first, last, amounts=["arr"], month=last)
    return flows.between_plans(rows, view.known.products, view.selection)


def _who(view: View, pair: "pd.Series[str]", first: str, last: str) -> None:
    products = view.known.products
    rows = view.of.rows(
        "flow_customers",
        first,
        last,
        sources=plans.products_of(products, [pair["source"]]),
        targets=plans.products_of(products, [pair["target"]]),
        amounts=["arr"],
        month=last,
    )
    title = f"From {pair['source']} to {pair['target']}"
    note = widgets.limited(rows, "customer")
    widgets.customers(rows, WHO, view.currency, "plan_mix_moved", title, note)
