"""Renewals as pictures: what falls due by month, monthly and yearly apart, and why it may fail."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

RISKS = {False: ("No risk seen", palette.GAIN), True: ("At risk", palette.LOSS)}
MONTHS = ["month", "term", "at_risk", "subscriptions", "arr"]
GAP = 0.3  # of a row's height


def by_month(frame: pd.DataFrame, codes: Sequence[str], terms: Sequence[str], currency: str) -> go.Figure:
    """ARR due by month: a row of columns per term, each with its own scale, at risk on top."""
    cells = {
        (month, term, bool(risk)): (arr, number)
        for month, term, risk, number, arr in frame[MONTHS].itertuples(index=False)
    }
    traces = [
        _columns([cells.get((month, term, at_risk), (0, 0)) for month in codes], codes, row, shade, currency)
        for row, term in enumerate(terms)
        for at_risk, shade in RISKS.items()
    ]
    axes = {f"yaxis{row + 1}": _axis(row, len(terms), currency) for row in range(len(terms))}
    return template.figure(
        traces,
        barmode="stack",
        height=90 + 140 * len(terms),
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        legend={"x": 1, "xanchor": "right"},
        xaxis={**template.month_axis(codes), "anchor": f"y{max(len(terms), 1)}"},
        annotations=[_title(row, len(terms), term) for row, term in enumerate(terms)],
        **axes,
    )


def _columns(
    cells: Sequence[tuple[int, int]], codes: Sequence[str], row: int, shade: tuple[str, str], currency: str
) -> go.Bar:
    name, colour = shade
    return go.Bar(
        name=name,
        legendgroup=name,
        showlegend=row == 0,
        x=template.months(codes),
        y=template.major([arr for arr, _ in cells], currency),
        yaxis=f"y{row + 1}",
        customdata=[
            f"{formatting.amount(arr, currency)} in {formatting.plural(number, 'renewal')}"
            for arr, number in cells
        ],
        hovertemplate="%{customdata}",
        marker={"color": colour, "line": {"width": 0}},
    )


def _axis(row: int, rows: int, currency: str) -> dict[str, object]:
    """The scale of one row, the first on top, with room above it for its title."""
    bottom = (rows - row - 1) / rows
    domain = [bottom, bottom + (1 - GAP) / rows if row else 1]
    return {**template.VALUE_AXIS, **template.money_axis(currency), "nticks": 4, "domain": domain}


def _title(row: int, rows: int, term: str) -> dict[str, object]:
    top = 1 - row / rows - (GAP / rows if row else 0)
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper", "yanchor": "bottom"}
    return {"text": term, "showarrow": False, "font": {"size": 13}, **place}


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
