"""Churn as pictures: subscribers won and lost, MRR movements, reasons."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

NAMES = {
    "new": "New",
    "reactivation": "Won back",
    "expansion": "Expansion",
    "contraction": "Contraction",
    "churn": "Churn",
    "transfer": "Moved between plans",
}
FLOWS = (("new", "New", "new", 1), ("won_back", "Won back", "reactivation", 1), ("lost", "Lost", "churn", -1))


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
    drawn = template.figure(
        traces, barmode="relative", xaxis=template.month_axis(codes), yaxis={"tickformat": ",d"}
    )
    return template.mark_partial(drawn, codes, partial)


def movements(frame: pd.DataFrame, currency: str, partial: str | None) -> go.Figure:
    """MRR gained above the line and lost below it, by month and kind; transfers only where there are any."""
    codes = list(frame["month"])
    traces = [
        _columns(
            name,
            codes,
            template.major([arr / 12 for arr in frame[kind]], currency),
            [formatting.mrr(arr, currency) for arr in frame[kind]],
            kind,
            partial,
        )
        for kind, name in NAMES.items()
        if frame[kind].any()
    ]
    drawn = template.figure(
        traces,
        barmode="relative",
        xaxis=template.month_axis(codes),
        yaxis=template.money_axis(currency),
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
        customdata=told,
        hovertemplate="%{customdata}",
        marker={
            "color": palette.MOVEMENTS[kind],
            "opacity": template.opacity(codes, partial),
            "line": {"width": 0},
        },
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
    return go.Bar(
        name=kind.capitalize(),
        orientation="h",
        y=list(rows["why"]),
        x=[int(value) for value in rows["customers"]],
        text=[formatting.count(value) for value in rows["customers"]],
        textposition="inside",
        insidetextanchor="end",
        hovertemplate="%{y}: %{x} customers<extra></extra>",
        marker={"color": palette.WHY.get(kind, palette.NEUTRAL), "line": {"width": 0}},
    )
