"""Key figures above a page, named and explained by the metric's own declaration.

kpis.row(
    [
        kpis.money(
            plan_mix.run_rate, arr, currency, before=arr_before, spark=by_month[-13:], explain="arr"
        ),
        kpis.count(plan_mix.subscribers, held, before=held_before),
    ],
    "Now, with the change since Nov 2025.",
    asked=Asked(snapshot, selection, month),
)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import explaining, formatting
from dashboard.explaining import Asked as Asked
from dashboard.metrics.definitions import Metric
from dashboard.metrics.explain import Explanation
from data import clock

MOST = 5
NO_CHANGE = {"delta": formatting.DASH, "delta_color": "off", "delta_arrow": "off"}
Declared = Metric[..., Any]


@dataclass(frozen=True)
class Kpi:
    """A key figure: its name, the shortened value, the exact one and formula for its help, a change.

    spark is the figure of the last whole months, the newest last, None where it is not defined; in any one
    unit, since it is drawn without a scale. explain is a name in metrics.explain.EXPLAINED, or a function
    that gives an Explanation when the reader asks for it. arrow: where the change points, for one told in
    words without a sign; rise is then its colour.
    """

    label: str
    value: str
    help: str
    delta: str | float | None = None  # with its sign, "+" or "−"; 0 where nothing changed
    rise: str = "normal"  # Streamlit's delta_color: normal (a rise is good), inverse, off
    spark: Sequence[float | None] | None = None
    explain: str | Callable[[], Explanation] | None = None
    arrow: str = ""  # up, down

    def named(self, label: str) -> "Kpi":
        """The same figure under another label."""
        return replace(self, label=label)


def row(figures: Sequence[Kpi], caption: str, *, asked: Asked | None = None) -> None:
    """At most five key figures, side by side where there is room, under a line that says of when they are.

    asked: what the figures with `explain` are of; without it, they have no Explain button.
    """
    st.caption(formatting.markdown(caption))
    changes = any(figure.delta is not None for figure in figures[:MOST])
    with st.container(horizontal=True, gap="small"):
        for figure in figures[:MOST]:
            with st.container(border=True, height="stretch", gap="xsmall"):
                _metric(figure, changes)
                if asked is not None and figure.explain is not None:
                    explaining.button(figure.label, figure.explain, asked)


def _metric(figure: Kpi, changes: bool) -> None:
    """changes: whether figures beside it have one; one with a course then says that its own is unknown."""
    change = NO_CHANGE if changes and figure.delta is None and figure.spark else _change(figure)
    st.metric(
        figure.label,
        formatting.markdown(figure.value),
        help=formatting.markdown(figure.help),
        chart_data=_drawn(figure.spark),
        chart_type="line",
        **change,
    )


def _change(figure: Kpi) -> dict[str, Any]:
    """The change as st.metric takes it. Only an ASCII minus points its arrow down: ours says so itself."""
    if figure.arrow:
        told = formatting.markdown(str(figure.delta))
        return {"delta": told, "delta_color": figure.rise, "delta_arrow": figure.arrow}
    if not isinstance(figure.delta, str):
        return {"delta": figure.delta, "delta_color": figure.rise}
    fell = figure.delta.startswith(formatting.MINUS)
    colours = {"normal": "inverse", "inverse": "normal"} if fell else {}
    return {
        "delta": formatting.markdown(figure.delta),
        "delta_color": colours.get(figure.rise, figure.rise),
        "delta_arrow": "down" if fell else "up",
    }


def _drawn(spark: Sequence[float | None] | None) -> list[float] | None:
    """What of a spark can be drawn: from its first defined value, a gap as the value before it."""
    known: list[float] = []
    for each in spark or ():
        if not formatting.is_missing(each):
            known.append(float(each or 0))
        elif known:
            known.append(known[-1])
    return known if len(known) > 1 else None


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
    spark: Sequence[float | None] | None = None,
    explain: str | Callable[[], Explanation] | None = None,
) -> Kpi:
    """An amount kept as ARR, shown by the month or by the year as the metric's unit says."""
    by_month = metric.unit == "amount a month"
    short = formatting.mrr_short if by_month else formatting.short
    exact = formatting.exact_mrr(arr, currency) if by_month else f"{formatting.amount(arr, currency)} a year."
    delta = None if arr is None or before is None else _signed(short(arr - before, currency), arr - before)
    told = "" if arr is None else f"{exact}\n\n"
    return Kpi(metric.name, short(arr, currency), f"{told}{metric.formula}", delta, rise, spark, explain)


def lost(
    metric: Declared,
    arr: int | None,
    currency: str,
    *,
    before: int | None = None,
    spark: Sequence[float | None] | None = None,
    explain: str | Callable[[], Explanation] | None = None,
) -> Kpi:
    """An amount below 0 that was lost: that there is less of it than before is no rise, but good."""
    figure = money(metric, arr, currency, spark=spark, explain=explain)
    if arr is None or before is None or arr == before:
        return figure if arr is None or before is None else replace(figure, delta=0)
    short = formatting.mrr_short if metric.unit == "amount a month" else formatting.short
    more = arr < before
    told = f"{short(abs(arr - before), currency)} {'more' if more else 'less'} lost"
    return replace(figure, delta=told, rise="inverse" if more else "normal", arrow="up" if more else "down")


def count(
    metric: Declared,
    number: int | None,
    *,
    before: int | None = None,
    rise: str = "normal",
    spark: Sequence[float | None] | None = None,
    explain: str | Callable[[], Explanation] | None = None,
) -> Kpi:
    """A number of customers, accounts or subscriptions."""
    change = None if number is None or before is None else int(number) - int(before)
    delta = None if change is None else _signed(f"{change:,}", change)
    return Kpi(metric.name, formatting.count(number), metric.formula, delta, rise, spark, explain)


def share(
    metric: Declared,
    part: float | None,
    *,
    before: float | None = None,
    rise: str = "normal",
    spark: Sequence[float | None] | None = None,
    explain: str | Callable[[], Explanation] | None = None,
) -> Kpi:
    """A rate in percent; its change in percentage points. Not defined is a dash."""
    delta = None
    if part is not None and before is not None:
        points = round((part - before) * 100, 1)
        delta = _signed(f"{points:.1f} pp", points)
    return Kpi(metric.name, formatting.percent(part), metric.formula, delta, rise, spark, explain)


def number(
    metric: Declared,
    ratio: float | None,
    *,
    before: float | None = None,
    rise: str = "normal",
    spark: Sequence[float | None] | None = None,
    explain: str | Callable[[], Explanation] | None = None,
) -> Kpi:
    """A plain ratio such as the quick ratio, with one decimal; not defined is a dash."""
    change = None if ratio is None or before is None else round(ratio - before, 1)
    delta = None if change is None else _signed(f"{change:.1f}", change)
    value = formatting.DASH if ratio is None else f"{ratio:.1f}"
    return Kpi(metric.name, value, metric.formula, delta, rise, spark, explain)


def age(metric: Declared, then: datetime | None, now: datetime | None = None) -> Kpi:
    """How long ago an instant was, by the clock where no other now is given; the instant is in the help."""
    if then is None:
        return Kpi(metric.name, formatting.DASH, metric.formula)
    past = metric(then, now or clock.now()).total_seconds()
    return Kpi(metric.name, formatting.elapsed(past), f"{formatting.moment(then)}.\n\n{metric.formula}")


def _signed(told: str, change: float) -> str | float:
    """A change with its sign; a plain 0 is grey."""
    if change == 0:
        return 0
    size = told.lstrip(f"-{formatting.MINUS}")
    return f"+{size}" if change > 0 else f"{formatting.MINUS}{size}"
