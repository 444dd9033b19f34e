"""MRR by billing interval and by currency, as parts of the whole."""

import pandas as pd
import streamlit as st

from dashboard import formatting, widgets
from dashboard.cache import reporting_currency
from dashboard.charts import mix as charts
from dashboard.charts import palette
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import intervals
from dashboard.metrics.conversion import rates_into
from dashboard.mix.view import View

INTERVALS = (
    Column("month", "Month", "month"),
    Column("interval", "Interval", "interval"),
    Column("customers", "Customers", "count"),
    Column("arr", "MRR", "monthly"),
    Column("share", "Share of MRR", "share"),
)
CURRENCIES = (
    Column("month", "Month", "month"),
    Column("name", "Currency"),
    Column("customers", "Customers", "count"),
    Column("arr", "MRR converted", "monthly"),
    Column("share", "Share of MRR", "share"),
)


def by_interval(view: View) -> None:
    """The share of each billing interval, month by month."""
    of, snapshot = view.of, view.known.snapshot
    frame = snapshot.kept(
        "intervals",
        view.key,
        lambda: intervals.by_interval(of.month_end, of.month_end_subscribers, view.selection),
    )
    with widgets.card("Billing intervals", "Each interval's share of MRR at the end of each month.") as alt:
        if frame.empty:
            st.markdown("Nothing is billed in this period.")
            return
        names = {str(code): formatting.interval(str(code)) for code in frame["interval"]}
        figure = snapshot.kept(
            "intervals chart",
            view.key,
            lambda: charts.shares(frame, "interval", names, palette.CURRENCIES, view.month),
        )
        widgets.chart(
            figure, frame, INTERVALS, view.currency, "plan_mix_intervals", alt=alt, partial=view.month
        )


def by_currency(view: View) -> None:
    """The share of each currency, in the reporting currency where rates allow; nothing where there is one."""
    snapshot, to = view.known.snapshot, reporting_currency()
    if len(view.known.currencies) < 2:
        return
    frame = snapshot.kept("currencies by month", (*view.key, to), lambda: _by_currency(view, to))
    with widgets.card("Currencies", f"Each currency's share of MRR, all turned into {to.upper()}.") as alt:
        if frame["share"].isna().all():
            st.markdown(
                f"Not every currency has an exchange rate into {to.upper()}, so shares are not known. "
                "Finance keeps them under Exchange rates."
            )
            grid(frame.loc[frame["month"] == view.month], CURRENCIES, to, "plan_mix_currencies")
            return
        names = {str(code): str(code).upper() for code in frame["code"]}
        figure = charts.shares(frame, "code", names, palette.CURRENCIES, view.month)
        widgets.chart(figure, frame, CURRENCIES, to, "plan_mix_currencies", alt=alt, partial=view.month)


def _by_currency(view: View, to: str) -> pd.DataFrame:
    snapshot = view.known.snapshot
    chosen = {} if view.selection.audiences is None else {"audiences": view.selection.audiences}
    ends = snapshot.frame("month_end", **chosen)
    held = snapshot.frame("month_end_subscribers", **chosen)
    rates = rates_into(to, snapshot.frame("exchange_rates"))
    rows = intervals.by_currency(ends, held, view.selection, rates)
    return rows.assign(name=rows["code"].str.upper())
