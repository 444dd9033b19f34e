"""Failed payments of subscriptions: what was recovered, and what they cost in customers."""

import streamlit as st

from dashboard import kpis, widgets
from dashboard.charts import saves as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.leaving.asked import Asked
from dashboard.metrics import leaving, recoveries
from dashboard.store import once

MONTHS = (
    Column("month", "Month", "month"),
    Column("invoices", "Invoices", "count"),
    Column("amount", "Failed", "amount"),
    *(Column(name, title, "amount") for name, title in recoveries.OUTCOMES.items()),
    Column("rate", "Recovered", "share", help=recoveries.recovery_rate.formula),
)
ATTEMPTS = (
    Column("attempt", "Paid at"),
    Column("invoices", "Invoices", "count"),
    Column("amount", "Amount", "amount"),
    Column("days", "Days", "decimal", help="From the first attempt to the payment, on average."),
    Column("share", "Share", "share"),
)


def draw(asked: Asked) -> None:
    """What failed in the period by month, and at which attempt it came in after all."""
    failed = asked.frame("failed_payments", asked.selection.months, amounts=("amount",))
    frame = once(recoveries.by_month, failed, asked.selection.months)
    currency, current = asked.selection.currency, asked.known.current
    recovered = int(frame["recovered"].sum())
    decided = int(frame[list(recoveries.DECIDED)].to_numpy().sum())
    kpis.row(
        [
            kpis.money(recoveries.failed_amount, once(recoveries.failed_amount, failed), currency).named(
                "Failed payments"
            ),
            kpis.share(recoveries.recovery_rate, recoveries.recovery_rate(recovered, decided)),
            kpis.share(leaving.involuntary, once(leaving.involuntary, asked.departures())),
            kpis.money(leaving.involuntary_arr, once(leaving.involuntary_arr, asked.departures()), currency),
        ],
        "Over the period. Invoices of running subscriptions; amounts with tax, as they were due.",
    )
    left, right = st.columns([3, 2])
    with left, widgets.card("Failed payments and what came of them", "By month of the first attempt.") as alt:
        if failed.empty:
            st.markdown("No payment failed in this period.")
        else:
            figure = once(charts.recoveries, frame, currency, current)
            widgets.chart(figure, frame, MONTHS, currency, "churn_recoveries", alt=alt, partial=current)
    with right, widgets.card("Paid after all", "By the attempt that brought it in."):
        attempts = once(recoveries.by_attempt, failed)
        if attempts.empty:
            st.markdown("None was paid after all.")
        else:
            grid(attempts, ATTEMPTS, currency, "churn_attempts")
