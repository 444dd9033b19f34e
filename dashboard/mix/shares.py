"""MRR by billing interval and by currency, as parts of the whole."""

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
    chosen = {} if view.selection.audiences is None else {"audiences": view.selection.audiences}
    held = [snapshot.frame(name, **chosen) for name in ("month_end", "month_end_subscribers")]
    frame = snapshot.kept(
        "currencies by month",
        (*view.key, to),
        lambda: intervals.by_currency(
            held[0], held[1], view.selection, rates_into(to, snapshot.frame("exchange_rates"))
        ).assign(name=lambda rows: rows["code"].str.upper()),
    )
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
