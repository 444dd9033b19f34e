"""One customer as pictures: run rate over time, use against the capacity bought."""

from datetime import datetime
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

LINE = 2.5
PALE = "rgba(49,127,196,0.14)"


def balances(frame: pd.DataFrame, currency: str, now: datetime) -> go.Figure:
    """MRR in steps, one at each day on which it changed, until now."""
    days = [*frame["day"], pd.Timestamp(now).tz_localize(None).normalize()]
    arrs = [int(arr) for arr in frame["arr"]]
    arrs.append(arrs[-1] if arrs else 0)
    traces: Any = [
        go.Scatter(
            x=days,
            y=template.major([arr / 12 for arr in arrs], currency),
            mode="lines",
            line={"shape": "hv", "color": palette.GAIN, "width": LINE},
            fill="tozeroy",
            fillcolor=PALE,
            customdata=[formatting.mrr(arr, currency) for arr in arrs],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
    ]
    axis = template.day_axis(days[0], days[-1])
    money = {**template.money_axis(currency), "rangemode": "tozero"}
    return template.figure(traces, height=280, xaxis=axis, yaxis=money, margin=template.TIGHT)


def use(frame: pd.DataFrame, capacity: int | None) -> go.Figure:
    """Use by day; the capacity bought as a line where it is known."""
    traces: Any = [
        go.Scatter(
            x=list(frame["day"]),
            y=[int(used) for used in frame["used"]],
            mode="lines",
            name="Used",
            line={"color": palette.GAIN, "width": LINE},
            hovertemplate="%{y:,d} used<extra></extra>",
        )
    ]
    days = list(frame["day"])
    axis = template.day_axis(days[0], days[-1]) if days else {}
    drawn = template.figure(
        traces,
        height=200,
        showlegend=False,
        margin={**template.TIGHT, "t": 24},
        xaxis=axis,
        yaxis={"tickformat": ",d", "rangemode": "tozero"},
    )
    if capacity is not None:
        drawn.add_hline(
            y=capacity,
            line={"color": palette.LOSS, "width": 2, "dash": "dash"},
            annotation={"text": f"{capacity:,} bought", "font": {"size": 12}},
            annotation_position="top right",
        )
    return drawn
