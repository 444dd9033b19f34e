"""Key figures above a page, named and explained by the metric's own declaration."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.metrics.definitions import Metric
from data import clock

MOST = 5
Declared = Metric[..., Any]


@dataclass(frozen=True)
class Kpi:
    """A key figure: its name, the shortened value, the exact one and formula for its help, a change."""

    label: str
    value: str
    help: str
    delta: str | float | None = None
    rise: str = "normal"  # Streamlit's delta_color: normal (a rise is good), inverse, off

    def named(self, label: str) -> "Kpi":
        """The same figure under another label."""
        return replace(self, label=label)


def row(figures: Sequence[Kpi], caption: str) -> None:
    """At most five key figures, side by side where there is room, under a line that says of when they are."""
    st.caption(formatting.markdown(caption))
    with st.grid(min(len(figures), MOST), min_column_width=150):
        for figure in figures[:MOST]:
            st.metric(
                figure.label,
                formatting.markdown(figure.value),
                delta=formatting.markdown(figure.delta) if isinstance(figure.delta, str) else figure.delta,
                delta_color=figure.rise,  # type: ignore[arg-type]
                help=formatting.markdown(figure.help),
                border=True,
                height="stretch",
            )


def value(row: Any, column: str) -> Any:
    """A figure of a row; None where there is no row or nothing known."""
    return None if row is None or formatting.is_missing(row[column]) else row[column]


def money(
    metric: Declared,
    arr: int | None,
    currency: str,
    *,
    before: int | None = None,
    rise: str = "normal",
) -> Kpi:
    """An amount kept as ARR, shown by the month or by the year as the metric's unit says."""
    by_month = metric.unit == "amount a month"
    short = formatting.mrr_short if by_month else formatting.short
    exact = formatting.exact_mrr(arr, currency) if by_month else f"{formatting.amount(arr, currency)} a year."
    delta = None if arr is None or before is None else _signed(short(arr - before, currency), arr - before)
    told = "" if arr is None else f"{exact}\n\n"
    return Kpi(metric.name, short(arr, currency), f"{told}{metric.formula}", delta, rise)


def count(
    metric: Declared,
    number: int | None,
    *,
    before: int | None = None,
    rise: str = "normal",
) -> Kpi:
    """A number of customers, accounts or subscriptions."""
    change = None if number is None or before is None else int(number) - int(before)
    delta = None if change is None else _signed(f"{change:,}", change)
    return Kpi(metric.name, formatting.count(number), metric.formula, delta, rise)


def share(
    metric: Declared,
    part: float | None,
    *,
    before: float | None = None,
    rise: str = "normal",
) -> Kpi:
    """A rate in percent; its change in percentage points. Not defined is a dash."""
    delta = None
    if part is not None and before is not None:
        points = round((part - before) * 100, 1)
        delta = _signed(f"{points:.1f} pp", points)
    return Kpi(metric.name, formatting.percent(part), metric.formula, delta, rise)


def age(metric: Declared, then: datetime | None, now: datetime | None = None) -> Kpi:
    """How long ago an instant was, by the clock where no other now is given; the instant is in the help."""
    if then is None:
        return Kpi(metric.name, formatting.DASH, metric.formula)
    past = metric(then, now or clock.now()).total_seconds()
    return Kpi(metric.name, formatting.elapsed(past), f"{formatting.moment(then)}.\n\n{metric.formula}")


def _signed(told: str, change: float) -> str | float:
    """What st.metric needs to point the arrow: a plus or an ASCII minus; a plain 0 is grey."""
    if change == 0:
        return 0
    return f"+{told}" if change > 0 else told.replace("−", "-")
