"""Who leaves: churn over the period by any dimension, and the reasons given."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import filters, widgets
from dashboard.charts import churn as charts
from dashboard.columns import Column
from dashboard.leaving.asked import Asked
from dashboard.metrics import breakdown, leaving
from dashboard.store import once

GROUPS = (
    Column("group", "Group"),
    Column("lost", "Lost", "count"),
    Column("share", "Share of lost", "share"),
    Column(
        "start",
        "At start, months added up",
        "count",
        help="Subscribers at the start of each month, added up.",
    ),
    Column(
        "rate", "Churn a month", "share", help="Lost, divided by subscribers at the starts of the months."
    ),
    Column("arr", "MRR lost", "monthly"),
)
REASONS = (
    Column("voluntary", "Kind", "word"),
    Column("why", "Reason"),
    Column("customers", "Customers", "count"),
    Column("share", "Share", "share"),
    Column("arr", "MRR lost", "monthly"),
)
KINDS = (
    Column("month", "Month", "month"),
    Column("voluntary", "Voluntary", "count"),
    Column("involuntary", "Involuntary", "count"),
    Column("unknown", "Unknown", "count"),
    Column("lost", "Lost", "count"),
)


def draw(asked: Asked) -> None:
    """Churn by a dimension beside the reasons, over the whole months of the period."""
    left, right = st.columns(2)
    with left:
        by_dimension(asked.over(asked.whole_months))
    with right:
        reasons(asked)


def by_dimension(asked: Asked) -> None:
    """The rate a month of each group."""
    options = {name: title for name, title in asked.dimensions().items() if name != "reason"}
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.subheader("Who leaves", anchor=False)
        st.caption("Churn a month over the whole months of the period; in brackets, how many were lost.")
        by = filters.choice("Group", options, "group")
        frame = once(_table, asked.cells(by), asked.selection.months)
        if frame.empty:
            st.markdown("Nobody was subscribed.")
            return
        if by == "size" and frame["rate"].isna().all():
            st.caption(
                "How many subscribers have each size is known of one currency and all plans together only."
            )
        alt = f"Churn a month by {options[by].lower()}."
        figure = once(charts.groups, frame)
        widgets.chart(figure, frame, GROUPS, asked.selection.currency, f"churn_by_{by}", alt=alt)


def _table(cells: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Churn a month of each group that anybody was in."""
    frame = breakdown.table(cells, months)
    return frame.loc[frame["lost"].gt(0) | frame["start"].gt(0).fillna(False)].reset_index(drop=True)


def reasons(asked: Asked) -> None:
    """Why customers left, as Stripe was told."""
    frame = asked.kept("reasons", lambda: leaving.reasons(asked.departures()))
    note = "Of the customers lost in the period. None given is said so, never guessed."
    with widgets.card("Reasons", note) as alt:
        if frame.empty:
            st.markdown("Nobody left in this period.")
            return
        figure = asked.kept("reasons chart", lambda: charts.reasons(frame))
        widgets.chart(figure, frame, REASONS, asked.selection.currency, "churn_reasons", alt=alt)


def kinds(asked: Asked) -> int | None:
    """Customers lost by month and by whether they chose to leave; the place of the month that was picked."""
    frame = asked.kept("kinds", lambda: leaving.by_kind(asked.departures(), asked.selection.months))
    note = "Involuntary: payment failed or disputed. Unknown: no reason kept."
    with widgets.card("Voluntary, involuntary, unknown", note) as alt:
        if not frame[list(charts.KINDS)].to_numpy().any():
            st.markdown("Nobody left in this period.")
            return None
        current = asked.known.current
        figure = asked.kept("kinds chart", lambda: charts.kinds(frame, current))
        return widgets.chart(
            figure,
            frame,
            KINDS,
            asked.selection.currency,
            "churn_kinds",
            alt=alt,
            select=True,
            partial=current,
        )
