"""Cancellations decided and failed payments as pictures."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template
from dashboard.metrics.recoveries import OUTCOMES

COLOURS = {
    "recovered": palette.GAIN,
    "lost": palette.LOSS,
    "written_off": palette.MOVEMENTS["contraction"],
    "voided": palette.NEUTRAL,
    "open": palette.WHY["involuntary"],
}


def decided(frame: pd.DataFrame, partial: str | None) -> go.Figure:
    """Cancellations taken back above the line and carried out below it, by month."""
    codes = list(frame["month"])
    traces = [
        _columns(codes, name, [sign * _whole(each) for each in frame[column]], colour, partial, told)
        for column, name, sign, colour in (
            ("undone", "Taken back", 1, palette.GAIN),
            ("ended", "Carried out", -1, palette.LOSS),
        )
        for told in [[formatting.plural(_whole(each), "subscription") for each in frame[column]]]
        if frame[column].fillna(0).any()
    ]
    most = max((abs(value) for trace in traces for value in trace.y), default=0)
    drawn = template.figure(
        traces, barmode="relative", xaxis=template.month_axis(codes), yaxis=template.count_axis(most)
    )
    return template.mark_partial(drawn, codes, partial)


def recoveries(frame: pd.DataFrame, currency: str, partial: str | None) -> go.Figure:
    """What was due on invoices whose payment failed, by month of the first attempt and what came of it."""
    codes = list(frame["month"])
    traces = [
        _columns(
            codes,
            name,
            template.major([float(each) for each in frame[outcome]], currency),
            COLOURS[outcome],
            partial,
            [formatting.amount(each, currency) for each in frame[outcome]],
        )
        for outcome, name in OUTCOMES.items()
        if frame[outcome].any()
    ]
    drawn = template.figure(
        traces, barmode="stack", xaxis=template.month_axis(codes), yaxis=template.money_axis(currency)
    )
    return template.mark_partial(drawn, codes, partial)


def _whole(number: object) -> int:
    return 0 if formatting.is_missing(number) else int(number)  # type: ignore[call-overload]


def _columns(
    codes: list[str],
    name: str,
    values: list[float] | list[int],
    colour: str,
    partial: str | None,
    told: list[str],
) -> go.Bar:
    return go.Bar(
        name=name,
        x=template.months(codes),
        y=values,
        customdata=template.points(range(len(codes)), told),
        hovertemplate=template.TOLD,
        marker={"color": colour, "opacity": template.opacity(codes, partial), "line": {"width": 0}},
    )
