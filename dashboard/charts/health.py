"""Data health as pictures: what each month rests on, and how far it may be off."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template


def rests_on(frame: pd.DataFrame, currency: str, partial: str | None) -> go.Figure:
    """Stacked columns of MRR by month and by what it rests on, the most trusted at the bottom."""
    codes = list(dict.fromkeys(frame["month"]))
    groups = sorted(set(frame["group"]), key=[*palette.EVIDENCE, "Other"].index)
    traces = [
        _columns(frame.loc[frame["group"] == group], group, currency, partial, palette.EVIDENCE.get(group))
        for group in groups
    ]
    drawn = template.figure(
        traces, barmode="stack", xaxis=template.month_axis(codes), yaxis=template.money_axis(currency)
    )
    return template.mark_partial(drawn, codes, partial)


def undated(frame: pd.DataFrame, currency: str, partial: str | None) -> go.Figure:
    """MRR that may belong to another month, by month."""
    codes = list(frame["month"])
    drawn = template.figure(
        [_columns(frame, "May be off by", currency, partial, palette.LOSS)],
        showlegend=False,
        xaxis=template.month_axis(codes),
        yaxis={**template.money_axis(currency), "rangemode": "tozero"},
    )
    return template.mark_partial(drawn, codes, partial)


def _columns(rows: pd.DataFrame, name: str, currency: str, partial: str | None, colour: str | None) -> go.Bar:
    codes = list(rows["month"])
    return go.Bar(
        name=name,
        x=template.months(codes),
        y=template.major([arr / 12 for arr in rows["arr"]], currency),
        customdata=[formatting.mrr(arr, currency) for arr in rows["arr"]],
        hovertemplate="%{customdata}",
        marker={
            "color": colour or palette.OTHER,
            "opacity": template.opacity(codes, partial),
            "line": {"width": 0},
        },
    )
