"""Churn as pictures: rates, subscribers won and lost, reasons, groups, a month against others."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

FLOWS = (("new", "New", "new", 1), ("won_back", "Won back", "reactivation", 1), ("lost", "Lost", "churn", -1))
KINDS = ("voluntary", "involuntary", "unknown")
LINES = {
    "customers": (
        ("churn_rate", "Customer churn", palette.LOSS),
        ("stripe_rate", "Stripe's rate", palette.GAIN),
    ),
    "mrr": (("gross_churn", "Gross MRR churn", palette.LOSS), ("net_churn", "Net MRR churn", palette.GAIN)),
}


def rates(frame: pd.DataFrame, measure: str, partial: str | None) -> go.Figure:
    """Two rates by month as lines, of customers or of MRR; the month not over is a point of its own."""
    codes = list(frame["month"])
    traces = [trace for line in LINES[measure] for trace in _line(frame, *line, partial)]
    axis = {"tickformat": ".1~%", "rangemode": "tozero"}
    drawn = template.figure(traces, xaxis=template.month_axis(codes), yaxis=axis)
    return template.mark_partial(drawn, codes, partial)


def _line(frame: pd.DataFrame, column: str, name: str, colour: str, partial: str | None) -> list[go.Scatter]:
    """A line through the whole months, and a hollow point for the partial one."""
    shape = {"color": colour, "size": 8, "line": {"width": 2, "color": colour}}
    traces = []
    for is_partial in (False, True):
        rows = frame.loc[(frame["month"] == partial) == is_partial]
        told = [f"{formatting.percent(value)}{', so far' if is_partial else ''}" for value in rows[column]]
        hollow = {"symbol": "circle-open"} if is_partial else {}
        traces.append(
            go.Scatter(
                name=name,
                x=template.months(list(rows["month"])),
                y=[None if formatting.is_missing(value) else float(value) for value in rows[column]],
                mode="markers" if is_partial else "lines+markers",
                line={"color": colour, "width": 2.5},
                marker={**shape, **hollow},
                customdata=template.points(rows.index, told),
                hovertemplate=template.TOLD,
                cliponaxis=False,
                showlegend=not is_partial,
                unselected={"marker": {"opacity": 1}},
            )
        )
    return traces


def kinds(frame: pd.DataFrame, partial: str | None) -> go.Figure:
    """Customers lost by month: who chose to leave, who did not, and of whom it is not known."""
    codes = list(frame["month"])
    traces = [
        go.Bar(
            name=kind.capitalize(),
            x=template.months(codes),
            y=[int(value) for value in frame[kind]],
            customdata=template.points(
                frame.index, [formatting.plural(int(value), "customer") for value in frame[kind]]
            ),
            hovertemplate=template.TOLD,
            marker=_filled(palette.WHY[kind], template.opacity(codes, partial)),
            **UNDIMMED,
        )
        for kind in KINDS
        if frame[kind].any()
    ]
    most = int(frame[list(KINDS)].sum(axis=1).max()) if len(frame) else 0
    drawn = template.figure(
        traces, barmode="stack", xaxis=template.month_axis(codes), yaxis=template.count_axis(most)
    )
    return template.mark_partial(drawn, codes, partial)


UNDIMMED = {"unselected": {"marker": {"opacity": 1}}}


def _filled(colour: str, opacity: float | list[float] = 1.0) -> dict[str, object]:
    return {"color": colour, "opacity": opacity, "line": {"width": 0}}


def flow(frame: pd.DataFrame, partial: str | None) -> go.Figure:
    """Customers won above the line and lost below it, by month."""
    codes = list(frame["month"])
    traces = [
        _columns(
            name,
            codes,
            [sign * int(value) for value in frame[column]],
            [formatting.plural(int(value), "customer") for value in frame[column]],
            kind,
            partial,
        )
        for column, name, kind, sign in FLOWS
    ]
    most = max((abs(value) for trace in traces for value in trace.y), default=0)
    drawn = template.figure(
        traces, barmode="relative", xaxis=template.month_axis(codes), yaxis=template.count_axis(most)
    )
    return template.mark_partial(drawn, codes, partial)


def _columns(
    name: str,
    codes: list[str],
    values: list[float] | list[int],
    told: list[str],
    kind: str,
    partial: str | None,
) -> go.Bar:
    return go.Bar(
        name=name,
        x=template.months(codes),
        y=values,
        customdata=template.points(range(len(codes)), told),
        hovertemplate=template.TOLD,
        marker=_filled(palette.MOVEMENTS[kind], template.opacity(codes, partial)),
        **UNDIMMED,
    )


def reasons(frame: pd.DataFrame) -> go.Figure:
    """Customers lost by reason, coloured by whether they chose to leave."""
    traces = [_reason_bar(rows, str(kind)) for kind, rows in frame.groupby("voluntary", sort=False)]
    totals = frame.groupby("why", sort=False)["customers"].sum()
    order = list(totals.iloc[::-1].sort_values(kind="stable").index)
    return template.figure(
        traces,
        height=template.row_height(len(order)) + 24,
        barmode="stack",
        hovermode="closest",
        xaxis={**template.LENGTH_AXIS, "tickformat": ",d"},
        yaxis={**template.NAMES_AXIS, "categoryorder": "array", "categoryarray": order},
    )


def _reason_bar(rows: pd.DataFrame, kind: str) -> go.Bar:
    told = [
        f"{why}: {formatting.plural(int(number), 'customer')}"
        for why, number in zip(rows["why"], rows["customers"], strict=True)
    ]
    return go.Bar(
        name=kind.capitalize(),
        orientation="h",
        y=list(rows["why"]),
        x=[int(value) for value in rows["customers"]],
        text=[formatting.count(value) for value in rows["customers"]],
        textposition="inside",
        insidetextanchor="end",
        customdata=template.points(rows.index, told),
        hovertemplate=template.TOLD + "<extra></extra>",
        marker=_filled(palette.WHY.get(kind, palette.NEUTRAL)),
        **UNDIMMED,
    )


def groups(frame: pd.DataFrame) -> go.Figure:
    """Churn a month of each group, as a rate; where no rate is known, its customers lost."""
    rows = frame.iloc[::-1]
    has_rates = bool(frame["rate"].notna().any())
    values = [
        0.0 if formatting.is_missing(each) else float(each) for each in rows["rate" if has_rates else "lost"]
    ]
    lost = [formatting.plural(int(each), "customer") for each in rows["lost"]]
    rates = [formatting.percent(each) for each in rows["rate"]]
    each = list(zip(rows["group"], rates, lost, strict=True))
    told = [f"{group}: {rate}, {count}" if has_rates else f"{group}: {count}" for group, rate, count in each]
    numbers = [formatting.count(number) for number in rows["lost"]]
    labels = [f"{rate} ({number})" for rate, number in zip(rates, numbers, strict=True)]
    labels = labels if has_rates else numbers
    bar = _lengths(rows, "group", values, labels, told, [palette.LOSS] * len(rows))
    axis = {"tickformat": ".1~%"} if has_rates else {"tickformat": ",d"}
    return template.lengths([bar], values, axis, hovermode="closest")


def compared(frame: pd.DataFrame) -> go.Figure:
    """What a month lost more (to the right) or less than a mean month before it, by group."""
    rows = frame.iloc[::-1]
    values = [float(each) for each in rows["change"]]
    labels = [f"{value:+.1f}".replace("-", "−") for value in values]
    told = [
        f"{group}: {int(lost)} against {before:.1f}"
        for group, lost, before in zip(rows["group"], rows["lost"], rows["before"], strict=True)
    ]
    colours = [palette.LOSS if value > 0 else palette.GAIN for value in values]
    bar = _lengths(rows, "group", values, labels, told, colours)
    return template.lengths([bar], values, {"tickformat": ",.1~f"}, hovermode="closest")


def _lengths(
    rows: pd.DataFrame,
    name: str,
    values: Sequence[float],
    labels: Sequence[str],
    told: Sequence[str],
    colours: Sequence[str],
) -> go.Bar:
    return go.Bar(
        orientation="h",
        y=list(rows[name]),
        x=list(values),
        text=list(labels),
        textposition="outside",
        cliponaxis=False,
        customdata=template.points(rows.index, told),
        hovertemplate=template.TOLD + "<extra></extra>",
        marker={"color": list(colours), "line": {"width": 0}},
        **UNDIMMED,
    )
