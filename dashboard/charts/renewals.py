"""Renewals as pictures: what falls due by month, monthly and yearly apart, and why it may fail."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import formatting
from dashboard.charts import palette, template

RISKS = ((False, "No risk seen", palette.GAIN), (True, "At risk", palette.LOSS))


def by_month(frame: pd.DataFrame, codes: Sequence[str], terms: Sequence[str], currency: str) -> go.Figure:
    """ARR due by month: a row of columns per term, each with its own scale, at risk on top."""
    drawn = make_subplots(
        rows=len(terms), cols=1, shared_xaxes=True, vertical_spacing=0.14, subplot_titles=list(terms)
    )
    for row, term in enumerate(terms, start=1):
        for at_risk, name, colour in RISKS:
            rows = frame.loc[(frame["term"] == term) & (frame["at_risk"] == at_risk)].set_index("month")[
                ["arr", "subscriptions"]
            ]
            bar = _columns(rows.reindex(list(codes), fill_value=0), name, colour, currency)
            bar.showlegend = row == 1
            drawn.add_trace(bar, row=row, col=1)
    return _dressed(drawn, codes, len(terms), currency)


def _columns(rows: pd.DataFrame, name: str, colour: str, currency: str) -> go.Bar:
    told = [
        f"{formatting.amount(arr, currency)} in {formatting.plural(number, 'renewal')}"
        for arr, number in zip(rows["arr"], rows["subscriptions"], strict=True)
    ]
    return go.Bar(
        name=name,
        legendgroup=name,
        x=template.months(list(rows.index)),
        y=template.major(list(rows["arr"]), currency),
        customdata=told,
        hovertemplate="%{customdata}",
        marker={"color": colour, "line": {"width": 0}},
    )


def _dressed(drawn: go.Figure, codes: Sequence[str], rows: int, currency: str) -> go.Figure:
    shared = template.TEMPLATE.layout.to_plotly_json()
    axes = {"xaxis": shared.pop("xaxis"), "yaxis": shared.pop("yaxis")}
    drawn.update_layout(shared, barmode="stack", height=90 + 140 * rows)
    drawn.update_xaxes({**axes["xaxis"], **template.month_axis(codes)})
    drawn.update_yaxes({**axes["yaxis"], **template.money_axis(currency), "nticks": 4})
    drawn.update_layout(margin={"t": 56})
    drawn.update_annotations(x=0, xanchor="left", font={"size": 13})
    drawn.update_layout(legend={"x": 1, "xanchor": "right", "y": 1.02})
    return drawn


def by_risk(frame: pd.DataFrame, currency: str) -> go.Figure:
    """ARR due by reason for risk; a renewal with two reasons is in both."""
    rows = frame.iloc[::-1]
    values = template.major(list(rows["arr"]), currency)
    bar = go.Bar(
        orientation="h",
        y=list(rows["risk"]),
        x=values,
        text=[formatting.short(arr, currency) for arr in rows["arr"]],
        textposition="outside",
        cliponaxis=False,
        customdata=[formatting.plural(number, "renewal") for number in rows["subscriptions"]],
        hovertemplate="%{y}: %{text} in %{customdata}<extra></extra>",
        marker={"color": palette.LOSS, "line": {"width": 0}},
    )
    return template.lengths([bar], values, template.money_axis(currency), hovermode="closest")
