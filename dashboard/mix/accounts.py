"""What only the company's own database knows: capacity, Free accounts, and how many of them come to pay."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import widgets
from dashboard.charts import mix as pictures
from dashboard.charts import plan_mix as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import conversions, plan_mix, plans
from dashboard.mix.view import View

CAPACITY = (
    Column("plan", "Plan"),
    Column("accounts", "Accounts", "count"),
    Column("capacity", "Bought", "count"),
    Column("used", "Used", "count"),
    Column("share_used", "Capacity used", "share", help=plan_mix.use_of_capacity.formula),
    Column("accounts_without_customer", "Not in Stripe", "count", help="Accounts without a Stripe customer."),
)
FREE = (
    Column("accounts", "Accounts", "count"),
    Column("accounts_with_use", "With use known", "count"),
    Column("used", "Units used", "count"),
    Column("accounts_without_customer", "Not in Stripe", "count"),
)
CONVERSIONS = (
    Column("month", "Created in", "month"),
    Column("accounts", "Accounts", "count"),
    Column("paid_at_once", "Paid at once", "count"),
    Column("free", "Began free", "count"),
    Column("paid", "Have paid since", "count"),
    Column("rate_30", "Within 30 days", "share", help=conversions.conversion.formula),
    Column("rate_90", "Within 90 days", "share"),
    Column("rate", "So far", "share", help="Months that are older had more time."),
)
UNCONNECTED = "No application database is connected, so accounts and capacity are not known."


def capacity(view: View) -> None:
    """Units bought and used by the plans that are paid for."""
    snapshot = view.known.snapshot
    frame = _accounts(view, free=False)
    with widgets.card(
        "Capacity bought and used", "By plan, from the company's own database, whatever the filters."
    ) as alt:
        if frame.empty:
            st.markdown(UNCONNECTED)
            return
        figure = snapshot.kept("capacity", (), lambda: _bought_and_used(view, frame))
        widgets.chart(figure, frame, CAPACITY, view.currency, "plan_mix_capacity", alt=alt)


def _bought_and_used(view: View, frame: pd.DataFrame) -> go.Figure:
    sized = frame.loc[frame["capacity"].notna() | frame["used"].notna()]
    return charts.capacity(sized, plans.by_any_case(view.colours, list(sized["plan"])))


def _accounts(view: View, *, free: bool) -> pd.DataFrame:
    """The accounts of the Free plan, or of the others, with the share of their capacity in use."""

    def build() -> pd.DataFrame:
        accounts = view.known.snapshot.frame("accounts")
        return plan_mix.capacity(accounts.loc[plan_mix.is_free(accounts) == free])

    return view.known.snapshot.kept("accounts", (free,), build)


def free(view: View) -> None:
    """Free accounts, in their own place: they are the company's, not Stripe's."""
    frame = _accounts(view, free=True)
    if len(frame):
        with widgets.card("Free accounts", "From the company's own database. They pay nothing."):
            grid(frame, FREE, view.currency, "plan_mix_free")


def free_to_paid(view: View) -> None:
    """How many accounts that began without paying came to pay, by the month they were created in."""
    snapshot = view.known.snapshot
    rows = snapshot.frame("conversions")
    months = view.selection.months
    frame = snapshot.kept(
        "free to paid",
        (months[0], months[-1]),
        lambda: conversions.free_to_paid(rows, months, snapshot.now),
    )
    with widgets.card(
        "Free to paid",
        "Accounts by the month they were created in: the share of those that began free which paid later, "
        "whatever the filters.",
    ) as alt:
        if not frame["free"].any():
            st.markdown("No account is known that began without paying." if len(rows) else UNCONNECTED)
            return
        figure = snapshot.kept(
            "free to paid chart", (months[0], months[-1]), lambda: pictures.free_to_paid(frame)
        )
        widgets.chart(
            figure, frame, CONVERSIONS, view.currency, "plan_mix_conversions", alt=alt, partial=view.month
        )
