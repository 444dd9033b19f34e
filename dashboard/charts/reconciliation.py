"""Findings as a picture: how many there are of each kind, or what they are worth."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template


def by_kind(frame: pd.DataFrame, measure: str, currency: str) -> go.Figure:
    """A bar for each kind, the most on top; measure is findings or amount."""
    by_amount = measure == "amount"
    ordered = frame.sort_values([measure, "name"], ascending=[True, False])
    values = (
        template.major(list(ordered[measure]), currency)
        if by_amount
        else [float(n) for n in ordered[measure]]
    )
    texts = [
        formatting.short(int(n), currency) if by_amount else formatting.count(n) for n in ordered[measure]
    ]
    told = [
        f"{formatting.plural(number, 'finding')}, {formatting.amount(amount, currency)} {_per(per)}"
        for number, amount, per in ordered[["findings", "amount", "per"]].itertuples(index=False)
    ]
    bar = go.Bar(
        orientation="h",
        y=list(ordered["name"]),
        x=values,
        text=texts,
        textposition="outside",
        cliponaxis=False,
        customdata=template.points([int(place) for place in ordered.index], told),
        hovertemplate="%{y}: %{customdata[1]}<extra></extra>",
        marker={"color": palette.LOSS, "line": {"width": 0}},
    )
    axis = template.money_axis(currency) if by_amount else {"tickformat": "d"}
    return template.lengths([bar], values, axis, hovermode="closest")


def _per(per: str) -> str:
    return "a month" if per == "month" else "once"
