"""Why churn rose or fell in a month: the month against the six before it, by any dimension, down to names."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import address, filters, formatting, widgets
from dashboard.charts import churn as charts
from dashboard.columns import Column
from dashboard.leaving import people
from dashboard.leaving.asked import Asked
from dashboard.metrics import breakdown
from dashboard.metrics.rates.customers import churn_rate
from dashboard.store import once

BEFORE = 6
COMPARED = (
    Column("group", "Group"),
    Column("lost", "Lost", "count"),
    Column("before", "Lost in a mean month before", "decimal"),
    Column("change", "Difference", "difference"),
    Column("rate", "Churn rate", "share"),
    Column("rate_before", "Churn rate before", "share"),
)
CLICKED = "_churn_clicked"


def follow(clicked: Mapping[str, str | None]) -> None:
    """Go to the month that was clicked last, by the chart it was clicked in; each click counts once."""
    before = st.session_state.get(CLICKED, {})
    for chart, month in clicked.items():
        if month is not None and month != before.get(chart):
            address.write(month=formatting.month(month), part="")
    st.session_state[CLICKED] = dict(clicked)


def _chosen(asked: Asked) -> str:
    """The month that the address names, else the last whole one."""
    months = list(asked.selection.months)[::-1]
    bound = address.one("month", months, formatting.month, asked.whole_months[-1])
    month: str = st.selectbox(
        "Month", months, format_func=formatting.month, filter_mode=None, width=160, **bound
    )
    return month


def draw(asked: Asked) -> None:
    """The card of a month, and the customers lost in it."""
    with st.container(border=True, gap="small"):
        st.subheader("Why did churn rise or fall?", anchor=False)
        month = _chosen(asked)
        by = filters.choice("By", asked.dimensions(), "by")
        before = _before(asked, month)
        around = asked.over([*before, month])
        st.markdown(once(_told, around.flow(), month, before, month == asked.known.current))
        if before:
            frame = once(breakdown.compared, around.cells(by), month, before)
            _difference(asked, frame, month, by)
    people.left(
        asked.over([month]), f"Lost in {formatting.month(month)}", "churn_month", search="", lost_only=True
    )


def _told(flow: pd.DataFrame, month: str, before: Sequence[str], partial: bool) -> str:
    return formatting.markdown(sentence(flow.set_index("month"), month, before, partial=partial))


def _before(asked: Asked, month: str) -> list[str]:
    """The whole months before one, at most six of them."""
    return [each for each in asked.known.months if each < month][-BEFORE:]


def _difference(asked: Asked, frame: pd.DataFrame, month: str, by: str) -> None:
    if frame.empty:
        st.markdown("Nobody left in any of these months.")
        return
    name = asked.dimensions()[by].lower()
    st.caption(
        f"By {name}: how many more (or fewer) customers were lost than in a mean month before. "
        f"{once(_most, frame)}"
    )
    alt = f"Customers lost in {formatting.month(month)} against the months before, by {name}."
    figure = once(charts.compared, frame)
    widgets.chart(figure, frame, COMPARED, asked.selection.currency, f"churn_compared_{by}", alt=alt)


def _most(frame: pd.DataFrame) -> str:
    """What the rise or fall is made of, most first."""
    total = float(frame["change"].sum())
    rows = frame if total >= 0 else frame.iloc[::-1]
    sign = 1 if total >= 0 else -1
    named = [
        f"{group} ({change:+.1f})".replace("-", "−")
        for group, change in zip(rows["group"], rows["change"], strict=True)
        if change * sign >= 0.5
    ]
    if not named or abs(total) < 0.5:
        return "No group stands out."
    return f"Most of the difference: {', '.join(named[:3])}."


def sentence(flow: pd.DataFrame, month: str, before: Sequence[str], *, partial: bool) -> str:
    """The month in words, beside a mean month before it; flow has the month as index."""
    start, lost = (int(flow[column].get(month, 0)) for column in ("start", "lost"))
    rate = churn_rate(start, lost).number
    so_far = " so far" if partial else ""
    of = f", {formatting.percent(rate)} of the {formatting.count(start)} at its start"
    told = f"{formatting.plural(lost, 'customer')} lost in {formatting.month(month)}{so_far}{of}."
    if not before:
        return f"{told} There is no month before it to compare with."
    rows = flow.loc[list(before)]
    starts, gone = int(rows["start"].sum()), int(rows["lost"].sum())
    mean = churn_rate(starts, gone).number
    months = f"the {len(before)} months before" if len(before) > 1 else formatting.month(before[0])
    usual = f"In {months}: {gone / len(before):.1f} a month, {formatting.percent(mean)}."
    return f"{told} {usual}{_against(rate, mean)}"


def _against(rate: float | None, mean: float | None) -> str:
    if rate is None or mean is None:
        return ""
    points = round(round(rate * 100, 1) - round(mean * 100, 1), 1)  # of what is read beside it
    if points == 0:
        return " No difference."
    return f" That is {abs(points):.1f} percentage points {'more' if points > 0 else 'less'}."
